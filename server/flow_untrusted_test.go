package server_test

import (
	"net/http"
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
