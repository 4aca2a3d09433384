package server_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// TestSignInThroughPages goes the whole way, on the pages that people see.
func TestSignInThroughPages(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		asks := newParty(t, s, func(a *identity.Application) { a.Trusted = false })
		gets := func(t *testing.T, p party, v servertest.View) map[string]any {
			t.Helper()
			if !v.Away || v.Given.Get("code") == "" {
				t.Fatalf("at %s: %d %v %s", v.URL, v.Status, v.Given, v.Body)
			}
			a := p.exchange(t, v.Given.Get("code"))
			want(t, a, http.StatusOK, "")
			return decode(t, a.Text("id_token"))
		}
		t.Run("once for all applications", func(t *testing.T) {
			b := s.NewBrowser(t)
			first := gets(t, p, b.Through(t, address(p.request()), s.Ada()))
			b.Visits = nil
			second := gets(t, asks, b.Through(t, address(asks.request()), s.Ada()))
			if slices.Contains(b.Visits, "/login") || !slices.Contains(b.Visits, "/consent") {
				t.Errorf("went by %v", b.Visits)
			}
			if first["sub"] != s.UserID || second["sub"] != s.UserID || first["sid"] == second["sid"] {
				t.Errorf("claims: %v, %v", first, second)
			}
			b.Visits = nil
			gets(t, asks, b.Get(t, address(asks.request())))
			if len(b.Visits) != 1 {
				t.Errorf("the second time: %v", b.Visits)
			}
			b.Visits = nil
			gets(t, asks, b.Through(t, address(asks.request("scope", "openid profile email")), s.Ada()))
			if !slices.Contains(b.Visits, "/consent") {
				t.Errorf("with more scopes: %v", b.Visits)
			}
			sentBack(t, b.Get(t, address(asks.request("scope", "openid profile email offline_access", "prompt", "none"))), "consent_required", "AUT-2016")
		})
		t.Run("the answer is no", func(t *testing.T) {
			ada := s.Ada()
			ada.Deny = true
			asks := newParty(t, s, func(a *identity.Application) { a.Trusted = false })
			sentBack(t, s.NewBrowser(t).Through(t, address(asks.request()), ada), "access_denied", "AUT-2023")
		})
		t.Run("again, when the application wants that", func(t *testing.T) {
			b := s.NewBrowser(t)
			before := gets(t, p, b.Through(t, address(p.request()), s.Ada()))
			s.Clock.Advance(time.Minute)
			for _, pairs := range [][]string{{"prompt", "login"}, {"max_age", "30"}, {"max_age", "0"}} {
				b.Visits = nil
				after := gets(t, p, b.Through(t, address(p.request(pairs...)), s.Ada()))
				if !slices.Contains(b.Visits, "/login") || after["auth_time"] == before["auth_time"] {
					t.Errorf("%v: went by %v, claims %v", pairs, b.Visits, after)
				}
				before = after
				s.Clock.Advance(time.Minute)
			}
			b.Visits = nil
			gets(t, asks, b.Through(t, address(asks.request("prompt", "login consent")), s.Ada()))
			if !slices.Contains(b.Visits, "/login") || !slices.Contains(b.Visits, "/consent") {
				t.Errorf("went by %v", b.Visits)
			}
		})
		t.Run("several people in one browser", func(t *testing.T) {
			grace := s.NewUser(t, s.Admin(t), "grace", identity.AdminGroup)
			b := s.NewBrowser(t)
			gets(t, p, b.Through(t, address(p.request()), s.Ada()))
			other := servertest.Person{Username: "grace", Password: servertest.NewPassword}
			if got := gets(t, p, b.Through(t, address(p.request("prompt", "select_account")), other))["sub"]; got != grace {
				t.Errorf("sub = %v, want grace", got)
			}
			ada := s.Ada()
			ada.Account = s.UserID
			if got := gets(t, p, b.Through(t, address(p.request("prompt", "select_account")), ada))["sub"]; got != s.UserID {
				t.Errorf("sub = %v, want ada", got)
			}
			hint := p.exchange(t, b.Get(t, address(p.request())).Given.Get("code")).Text("id_token")
			gets(t, p, b.Through(t, address(p.request("login_hint", "grace", "prompt", "none")), ada))
			if got := gets(t, p, b.Get(t, address(p.request("id_token_hint", hint, "prompt", "none"))))["sub"]; got != s.UserID {
				t.Errorf("sub = %v, want ada, whom the hint means", got)
			}
		})
	})
}
