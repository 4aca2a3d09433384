package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// TestSessionsInBrowsers: who is signed in in a browser sees it beside the sessions
// that were begun there, and can end it, and so can administrators.
func TestSessionsInBrowsers(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		type entry struct {
			ID, Application, UserAgent string
			CreatedAt, LastUsedAt      time.Time
			Current                    bool
		}
		p, asks, admin := newParty(t, s), newParty(t, s, untrusted), s.Admin(t)
		grace := s.NewUser(t, admin, "grace", identity.AdminGroup)
		here, there := s.NewBrowser(t), s.NewBrowser(t)
		list := func(path string, with servertest.With) (browsers, sessions []entry) {
			t.Helper()
			var all []entry
			a := s.Get(t, path, with)
			if err := json.Unmarshal(a.Body, &all); err != nil || a.Status != http.StatusOK {
				t.Fatalf("%s: %d %s", path, a.Status, a.Body)
			}
			for _, e := range all {
				if e.CreatedAt.IsZero() || e.LastUsedAt.Before(e.CreatedAt) {
					t.Errorf("begun %s, last used %s", e.CreatedAt, e.LastUsedAt)
				}
				if e.Application == identity.FirstPartyClientID {
					browsers = append(browsers, e)
				} else {
					sessions = append(sessions, e)
				}
			}
			return browsers, sessions
		}
		begin := func(b *servertest.Browser) servertest.Answer {
			t.Helper()
			b.SignInAs(t, grace, s.Clock.Now())
			s.Clock.Advance(time.Second)
			return p.tokens(t, b)
		}
		elsewhere, tokens := begin(there), begin(here)
		own := servertest.Bearer(tokens.Text("access_token"))
		for path, with := range map[string]servertest.With{"/v1/sessions": own, "/v1/users/" + grace + "/sessions": admin} {
			browsers, sessions := list(path, with)
			if len(browsers) != 2 || len(sessions) != 2 {
				t.Fatalf("%s: browsers %+v, sessions %+v", path, browsers, sessions)
			}
			if path == "/v1/sessions" && (!browsers[0].Current || browsers[1].Current || !sessions[0].Current || sessions[1].Current) {
				t.Errorf("current: %+v, %+v", browsers, sessions)
			}
		}
		v := here.Through(t, address(asks.request()), servertest.Person{Username: "grace", Password: servertest.NewPassword})
		stranger := servertest.Bearer(asks.exchange(t, v.Given.Get("code")).Text("access_token"))
		browsers, _ := list("/v1/sessions", own)
		if seen, _ := list("/v1/sessions", stranger); len(seen) > 0 {
			t.Errorf("an application that people are asked about sees %+v", seen)
		}
		want(t, s.JSON(t, http.MethodDelete, "/v1/sessions/"+browsers[1].ID, nil, stranger), http.StatusNotFound, "AUT-2017")
		want(t, s.JSON(t, http.MethodDelete, "/v1/sessions/"+browsers[1].ID, nil, s.Admin(t)), http.StatusNotFound, "AUT-2017") // somebody else's

		want(t, s.JSON(t, http.MethodDelete, "/v1/sessions/"+browsers[1].ID, nil, own), http.StatusNoContent, "")
		if p.alive(t, elsewhere) || p.isSignedIn(t, there, grace) || !p.alive(t, tokens) || !p.isSignedIn(t, here, grace) {
			t.Error("signed out of the wrong browser")
		}
		want(t, s.JSON(t, http.MethodDelete, "/v1/sessions/"+browsers[1].ID, nil, own), http.StatusNotFound, "AUT-2017")

		path := "/v1/users/" + grace + "/sessions/"
		want(t, s.JSON(t, http.MethodDelete, path+browsers[1].ID, nil, admin), http.StatusNotFound, "IDE-2013")
		want(t, s.JSON(t, http.MethodDelete, "/v1/users/"+s.UserID+"/sessions/"+browsers[0].ID, nil, admin), http.StatusNotFound, "IDE-2013")
		want(t, s.JSON(t, http.MethodDelete, path+browsers[0].ID, nil, admin), http.StatusNoContent, "")
		if p.alive(t, tokens) || p.isSignedIn(t, here, grace) {
			t.Error("still signed in")
		}
		if a := s.Get(t, "/v1/audit-events?action=user.end-session", admin); !strings.Contains(string(a.Body), browsers[0].ID) {
			t.Errorf("no event of it: %s", a.Body)
		}

		begin(here)
		s.Clock.Advance(13 * time.Hour)
		if idle, _ := list("/v1/users/"+grace+"/sessions", s.Admin(t)); len(idle) > 0 {
			t.Errorf("idle: %+v", idle)
		}
	})
}
