package server_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// untrusted takes an application's trust, so that its users are asked.
func untrusted(a *identity.Application) { a.Trusted = false }

// TestUntrustedApplicationsAdministerNothing: an application that an administrator
// has signed in to does not have what the administrator may do here.
func TestUntrustedApplicationsAdministerNothing(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		s.NewGroup(t, s.Admin(t), "watchers", map[string][]string{"ledgers": {"get"}})
		trusted, other := newParty(t, s), newParty(t, s, untrusted)
		for _, tt := range []struct {
			rule  string
			party party
			taken bool
		}{{"trusted", trusted, true}, {"not trusted", other, false}} {
			t.Run(tt.rule, func(t *testing.T) {
				b := s.NewBrowser(t)
				b.SignInAs(t, s.UserID, s.Clock.Now())
				v := b.Get(t, address(tt.party.request()))
				if !v.Away {
					v = b.Submit(t, v, map[string]string{"decision": "allow"})
				}
				token := servertest.Bearer(tt.party.exchange(t, v.Given.Get("code")).Text("access_token"))
				for _, ask := range []struct{ method, path, body, refusal string }{
					{http.MethodGet, "/v1/users", "", "IDE-2001"},
					{http.MethodPatch, "/v1/users/" + s.UserID + "/update-password", `{"oldPassword":"x","newPassword":"y"}`, "IDE-2001"},
					{http.MethodPost, "/v1/permissions/who-can", `{"resource":"users","action":"get"}`, "AUT-2002"},
					{http.MethodPost, "/v1/authorize", `{"sub":"midaz-viewer-role","resource":"users","action":"get"}`, "AUT-2002"},
				} {
					a := s.JSON(t, ask.method, ask.path, ask.body, token)
					if refused := a.Status == http.StatusForbidden && a.Text("code") == ask.refusal; refused == tt.taken {
						t.Errorf("%s %s: %d %s", ask.method, ask.path, a.Status, a.Body)
					}
				}
				want(t, s.PostJSON(t, authorizePath, `{"resource":"users","action":"get"}`, token), http.StatusOK, "")
				want(t, s.Get(t, "/oauth2/userinfo", token), http.StatusOK, "")
			})
		}
	})
}

// TestUntrustedApplicationsAreAsked: none learns of its users what they did not allow.
func TestUntrustedApplicationsAreAsked(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	p := newParty(t, s, untrusted)
	scopeless := newParty(t, s, untrusted, func(a *identity.Application) { a.Scopes = nil })
	b := s.NewBrowser(t)
	b.SignInAs(t, s.UserID, s.Clock.Now())
	userinfo := func(p party, scope string) servertest.Answer {
		t.Helper()
		v := b.Through(t, address(p.request("scope", scope)), s.Ada())
		a := p.exchange(t, v.Given.Get("code"))
		want(t, a, http.StatusOK, "")
		return s.Get(t, "/v1/userinfo", servertest.Bearer(a.Text("access_token")))
	}
	want(t, userinfo(p, "openid"), http.StatusForbidden, "AUT-2002")
	want(t, userinfo(p, "openid profile"), http.StatusForbidden, "AUT-2002")
	want(t, userinfo(p, "openid profile email"), http.StatusOK, "")

	for range 2 { // there is nothing that could be remembered
		v := b.Get(t, address(scopeless.request("scope", "")))
		if v.URL.Path != "/consent" {
			t.Fatalf("not asked: at %s", v.URL)
		}
		if v = b.Submit(t, v, map[string]string{"decision": "allow"}); v.Given.Get("code") == "" {
			t.Fatalf("allowed: at %s", v.URL)
		}
	}
	want(t, userinfo(scopeless, ""), http.StatusForbidden, "AUT-2002")
}

// TestUntrustedApplicationsSeeTheirOwn: sessions and consents elsewhere are nothing
// that an application hears of, or can end.
func TestUntrustedApplicationsSeeTheirOwn(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		own, other, trusted := newParty(t, s, untrusted), newParty(t, s, untrusted), newParty(t, s)
		b := s.NewBrowser(t)
		b.SignInAs(t, s.UserID, s.Clock.Now())
		of := map[string]servertest.Answer{}
		for _, p := range []party{own, other, trusted} {
			v := b.Through(t, address(p.request()), s.Ada())
			of[p.id] = p.exchange(t, v.Given.Get("code"))
		}
		as := func(p party) servertest.With { return servertest.Bearer(of[p.id].Text("access_token")) }
		at := func(path string, with servertest.With) (clients []string) {
			t.Helper()
			var list []struct{ Application string }
			if err := json.Unmarshal(s.Get(t, path, with).Body, &list); err != nil {
				t.Fatal(err)
			}
			for _, one := range list {
				clients = append(clients, one.Application)
			}
			slices.Sort(clients)
			return clients
		}
		for _, tt := range []struct {
			as                 party
			sessions, consents []string
		}{
			{own, []string{own.id}, []string{own.id}},
			{trusted, []string{own.id, other.id, trusted.id, identity.FirstPartyClientID}, []string{own.id, other.id}},
		} {
			slices.Sort(tt.sessions)
			slices.Sort(tt.consents)
			if got := at("/v1/sessions", as(tt.as)); !slices.Equal(got, tt.sessions) {
				t.Errorf("sessions %v, want %v", got, tt.sessions)
			}
			if got := at("/v1/consents", as(tt.as)); !slices.Equal(got, tt.consents) {
				t.Errorf("consents %v, want %v", got, tt.consents)
			}
		}
		want(t, s.JSON(t, http.MethodDelete, "/v1/sessions/"+sid(t, of[other.id]), nil, as(own)), http.StatusNotFound, "AUT-2017")
		want(t, s.JSON(t, http.MethodDelete, "/v1/consents/"+other.id, nil, as(own)), http.StatusNotFound, "AUT-2029")
		if !other.alive(t, of[other.id]) {
			t.Error("an application has ended the session of another one")
		}
		want(t, s.JSON(t, http.MethodDelete, "/v1/sessions/"+sid(t, of[other.id]), nil, as(trusted)), http.StatusNoContent, "")
		want(t, s.JSON(t, http.MethodDelete, "/v1/consents/"+own.id, nil, as(own)), http.StatusNoContent, "")
	})
}
