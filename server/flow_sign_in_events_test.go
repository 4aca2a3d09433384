package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/server/servertest"
	"gatehouse/storage"
)

// signInEvents are those of the audit trail, the latest first.
func signInEvents(t *testing.T, s *servertest.Server) []storage.AuditEvent {
	t.Helper()
	events, err := s.Store.AuditEvents(t.Context(), storage.AuditQuery{Subject: s.UserID, Action: "user.sign-in", Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// Somebody who proves who they are leaves an event that says where; whoever goes on
// with that, by a refresh or a silent sign-in, leaves none.
func TestSignInsAreAudited(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		live := signIn(t, s).Text("refresh_token")
		refresh(t, s, live)
		b := s.NewBrowser(t)
		b.Through(t, address(p.request()), s.Ada())
		want(t, p.exchange(t, b.Get(t, address(p.request("prompt", "none"))).Given.Get("code")), http.StatusOK, "")
		b.Through(t, address(p.request("prompt", "login")), s.Ada())
		guesser(t, s, athome)("wrong")

		var got []map[string]any
		browsers := map[any]bool{}
		for _, e := range slices.Backward(signInEvents(t, s)) {
			if e.ActorType != "user" || e.ActorID != s.UserID || e.SubjectID != s.UserID || e.Address == "" || e.RequestID == "" || e.Code != "" {
				t.Errorf("event = %+v", e)
			}
			if id, ok := e.After["browser"]; ok {
				browsers[id] = true
			} else if sid, _ := e.After["session"].(string); sid == "" {
				t.Errorf("an event without browser or session: %+v", e)
			}
			delete(e.After, "browser")
			delete(e.After, "session")
			got = append(got, e.After)
		}
		if diff := cmp.Diff([]map[string]any{
			{"application": s.ClientID, "deviceKnown": false},
			{"application": p.id, "deviceKnown": false},
			{"application": p.id, "deviceKnown": true},
		}, got); diff != "" || len(browsers) != 1 {
			t.Errorf("%d browsers; sign-ins (-want +got):\n%s", len(browsers), diff)
		}
	})
}

// The last sign-in is kept to the day, once a day, and users are found by it.
func TestLastSignIn(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		admin := s.Admin(t)
		id := newEve(t, s)
		shown := func() string { return s.JSON(t, http.MethodGet, "/v1/users/"+id, nil, admin).Text("lastSignInAt") }
		found := func(query string) bool {
			return strings.Contains(string(s.JSON(t, http.MethodGet, "/v1/users?"+query, nil, admin).Body), id)
		}
		if shown() != "" || found("lastSignInBefore=2100-01-01T00:00:00Z") {
			t.Errorf("last sign-in = %q before the first", shown())
		}
		today := s.Clock.Now().UTC().Truncate(24 * time.Hour)
		s.ActAs(t, "eve", servertest.NewPassword)
		s.ActAs(t, "eve", servertest.NewPassword)
		at, next := today.Format(time.RFC3339), today.AddDate(0, 0, 1).Format(time.RFC3339)
		if shown() != at {
			t.Errorf("last sign-in = %q, want %q", shown(), at)
		}
		for query, want := range map[string]bool{
			"lastSignInAfter=" + at:                             true,
			"lastSignInBefore=" + at:                            false,
			"lastSignInBefore=" + next:                          true,
			"lastSignInAfter=" + next:                           false,
			"disabled=false&lastSignInBefore=" + next:           true,
			"disabled=true":                                     false,
			"frozen=true":                                       false,
			"disabled=false&group=readers&q=eve&sort=-username": true,
			"username=eve&disabled=true":                        false,

			"lastSignInAfter=" + at + "&lastSignInBefore=" + next + "&q=ev": true,
		} {
			if got := found(query); got != want {
				t.Errorf("%s finds eve: %t, want %t", query, got, want)
			}
		}
		for _, query := range []string{"disabled=yes", "frozen=false", "lastSignInBefore=yesterday"} {
			want(t, s.JSON(t, http.MethodGet, "/v1/users?"+query, nil, admin), http.StatusBadRequest, "IDE-0005")
		}
		s.Clock.Advance(24 * time.Hour)
		s.ActAs(t, "eve", servertest.NewPassword)
		admin = s.Admin(t)
		if shown() != next {
			t.Errorf("last sign-in = %q a day later, want %q", shown(), next)
		}
	})
}

// A device token is in the answer only if it was asked for, and then after the scope.
func TestDeviceTokenOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	ask := func(more map[string]any) servertest.Answer {
		body := map[string]any{"grantType": "password", "username": s.Username, "password": s.Password}
		for name, value := range more {
			body[name] = value
		}
		return s.PostJSON(t, v1TokenPath, body)
	}
	for _, yes := range []any{true, "true"} {
		a := ask(map[string]any{"rememberDevice": yes})
		want(t, a, http.StatusOK, "")
		keys := keysInOrder(t, a.Body)
		if n := len(keys); a.Text("deviceToken") == "" || keys[n-1] != "deviceToken" || keys[n-2] != "scope" {
			t.Errorf("rememberDevice %v: %v", yes, keys)
		}
	}
	for _, more := range []map[string]any{nil, {"rememberDevice": false}, {"rememberDevice": "false"}, {"rememberDevice": nil}, {"deviceToken": "made-up"}} {
		if a := ask(more); a.Status != http.StatusOK || strings.Contains(string(a.Body), "deviceToken") {
			t.Errorf("%v: %d %s", more, a.Status, a.Body)
		}
	}
	for _, wrong := range []any{"yes", 1} {
		a := ask(map[string]any{"rememberDevice": wrong})
		want(t, a, http.StatusBadRequest, "AUT-0009")
		if _, named := a.Fields()["rememberDevice"]; !named {
			t.Errorf("fields = %v", a.Fields())
		}
	}
	a := s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}, "remember_device": {"true"}}, servertest.Basic(s.ClientID, s.ClientSecret))
	if a.Status != http.StatusOK || a.Text("device_token") != "" {
		t.Errorf("client_credentials: %d %s", a.Status, a.Body)
	}
}

// The cookie of known devices outlives the browser and the sign-in, and no script
// reads it.
func TestDeviceCookie(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	p := newParty(t, s)
	b := s.NewBrowser(t)
	page := b.Get(t, address(p.request()))
	b.Stays = true
	v := b.Submit(t, page, map[string]string{"username": s.Username, "password": s.Password})
	response := http.Response{Header: v.Header}
	i := slices.IndexFunc(response.Cookies(), func(c *http.Cookie) bool { return c.Name == "gatehouse-device" })
	if i < 0 {
		t.Fatalf("no cookie: %v", v.Header)
	}
	c := response.Cookies()[i]
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 400*24*60*60 {
		t.Errorf("cookie = %v", c)
	}
}

// The request log names the user by id, and by nothing else.
func TestTheRequestLogHasTheUser(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	s.Get(t, "/v1/userinfo", servertest.Bearer(signIn(t, s).Text("access_token")))
	logged := s.Log.String()
	for _, route := range []string{tokenPath, "/v1/userinfo"} {
		if !slices.ContainsFunc(strings.Split(logged, "\n"), func(line string) bool {
			return strings.Contains(line, "route="+route) && strings.Contains(line, "user="+s.UserID)
		}) {
			t.Errorf("no line about %s has the user: %s", route, logged)
		}
	}
	if strings.Contains(logged, s.Username+"@") || strings.Contains(logged, "="+s.Username+" ") {
		t.Errorf("the log names the user: %s", logged)
	}
}
