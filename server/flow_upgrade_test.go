package server_test

import (
	"net/http"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// TestSessionsOfTheReleaseBefore: sessions that an earlier release began go on, with
// no more than what is known of how they began.
func TestSessionsOfTheReleaseBefore(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		admin, b := s.Admin(t), s.NewBrowser(t)
		b.SignInAs(t, s.UserID, s.Clock.Now())
		want(t, s.JSON(t, http.MethodPatch, "/v1/users/"+s.UserID, `{"metadata":{"team":"engines"}}`, admin), http.StatusOK, "")
		asked, trusted, changed := newParty(t, s, untrusted), newParty(t, s), newParty(t, s)
		s.NewApplication(t, "ledger")
		acting := newParty(t, s, untrusted, func(a *identity.Application) { a.Scopes = append(a.Scopes, "product:ledger") })
		s.NewGroup(t, admin, "ledger-viewer-group", map[string][]string{"transfers": {"get"}})
		hers := s.NewBrowser(t)
		hers.SignInAs(t, s.NewUser(t, admin, "edith", "ledger-viewer-group"), s.Clock.Now())
		transfers := func(a servertest.Answer) bool {
			t.Helper()
			return answerOf(t, s, s.PostJSON(t, authorizePath, `{"resource":"transfers","action":"get"}`, servertest.Bearer(a.Text("access_token"))))
		}
		for _, p := range []party{asked, trusted, changed} {
			want(t, s.JSON(t, http.MethodPatch, "/v1/applications/"+idOf(t, s, p.id), `{"claims":[{"claim":"team","metadata":"team","scope":"profile"}]}`, admin), http.StatusOK, "")
		}
		s.Clock.Advance(time.Second)
		of := map[party]servertest.Answer{}
		for _, p := range []party{asked, trusted, changed} {
			of[p] = p.consented(t, b)
		}
		if of[acting] = acting.consented(t, hers, "scope", "openid product:ledger"); !transfers(of[acting]) {
			t.Error("a consent to act in ledger allows nothing there")
		}
		typed := signIn(t, s)
		s.Statement(t, `UPDATE sessions SET authority = NULL, released = NULL`)
		s.Clock.Advance(time.Second)
		want(t, s.JSON(t, http.MethodPatch, "/v1/applications/"+idOf(t, s, changed.id), `{"description":"another"}`, admin), http.StatusOK, "")

		for rule, tt := range map[string]struct {
			p           party
			administers bool
			claim       string
		}{
			"consented to":                           {asked, false, "engines"},
			"trusted, and not changed since":         {trusted, true, "engines"},
			"trusted, and perhaps made so meanwhile": {changed, false, ""},
		} {
			token := servertest.Bearer(tt.p.refreshed(t, of[tt.p]).Text("access_token"))
			if status := s.Get(t, "/v1/users", token).Status; (status == http.StatusOK) != tt.administers {
				t.Errorf("%s: lists users: %d", rule, status)
			}
			if claim := s.Get(t, "/oauth2/userinfo", token).Text("team"); claim != tt.claim {
				t.Errorf("%s: claim %q, want %q", rule, claim, tt.claim)
			}
		}
		if transfers(acting.refreshed(t, of[acting])) {
			t.Error("a scope that was a text like any other acts in the product that it names")
		}
		again := refresh(t, s, typed.Text("refresh_token"))
		want(t, again, http.StatusOK, "")
		if status := s.Get(t, "/v1/users", servertest.Bearer(again.Text("access_token"))).Status; status != http.StatusOK {
			t.Errorf("by password: lists users: %d", status)
		}
	})
}
