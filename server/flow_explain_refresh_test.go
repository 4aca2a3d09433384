package server_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/servertest"
)

// refreshWith asks with a refresh token, as the test's application.
func refreshWith(prepare func(t *testing.T, s *servertest.Server) string) ask {
	return func(t *testing.T, s *servertest.Server) servertest.Answer { return refresh(t, s, prepare(t, s)) }
}

// refreshRequests are refused for what is known of a session, a client or a
// user. They turn the clock, so what comes later signs in anew.
func refreshRequests() []explained {
	public := url.Values{"grant_type": {"password"}, "username": {servertest.Username}, "password": {servertest.Password}}
	return []explained{
		{"no refresh token", refreshWith(func(*testing.T, *servertest.Server) string { return "nonsense" }), reason{
			check: explain.RefreshForm, got: "8 bytes fingerprint ", want: "91", passed: []string{"client.secret", "grant.allowed"},
		}},
		{"a made-up one", refreshWith(forged), reason{check: explain.RefreshGenuine, got: "fingerprint ", passed: []string{"refresh.session", "refresh.client", "refresh.not-ended"}}},
		{"a made-up one without a client", func(t *testing.T, s *servertest.Server) servertest.Answer {
			return s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {forged(t, s)}})
		}, reason{check: explain.RefreshGenuine, passed: []string{"refresh.session"}}},
		{"one without its client's secret", func(t *testing.T, s *servertest.Server) servertest.Answer {
			return s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {signIn(t, s).Text("refresh_token")}})
		}, reason{check: explain.ClientMethod, got: "no client secret", passed: []string{"refresh.session"}}},
		{"another client's", func(t *testing.T, s *servertest.Server) servertest.Answer {
			return refresh(t, s, s.Form(t, tokenPath, public).Text("refresh_token"))
		}, reason{check: explain.RefreshClient, want: identity.FirstPartyClientID}},
		{"more than was given", func(t *testing.T, s *servertest.Server) servertest.Answer {
			a := s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {s.Password}, "scope": {"openid"}}, servertest.Basic(s.ClientID, s.ClientSecret))
			return s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {a.Text("refresh_token")}, "scope": {"openid email"}}, servertest.Basic(s.ClientID, s.ClientSecret))
		}, reason{check: explain.ScopesAllowed, got: "openid email", want: "openid", passed: []string{"refresh.not-spent", "token.user"}, caller: "ada"}},
		{"one that was spent", refreshWith(func(t *testing.T, s *servertest.Server) string {
			first := signIn(t, s).Text("refresh_token")
			want(t, refresh(t, s, first), http.StatusOK, "")
			s.Clock.Advance(time.Minute)
			return first
		}), reason{check: explain.RefreshNotSpent, got: "generation 0 fingerprint ", want: "generation 1, since ", passed: []string{"refresh.genuine"}}},
		{"one of an ended session", refreshWith(func(t *testing.T, s *servertest.Server) string {
			token := signIn(t, s).Text("refresh_token")
			revoke(t, s, token)
			return token
		}), reason{check: explain.RefreshNotEnded, got: "ended "}},
		{"one that was not used for long", refreshWith(func(t *testing.T, s *servertest.Server) string {
			token := signIn(t, s).Text("refresh_token")
			s.Clock.Advance(25 * time.Hour)
			return token
		}), reason{check: explain.RefreshInUse, got: "now ", want: "before ", passed: []string{"refresh.not-spent"}}},
		{"an expired access token", after(func(t *testing.T, s *servertest.Server) (string, servertest.With) {
			token := signIn(t, s).Text("access_token")
			s.Clock.Advance(2 * time.Hour)
			return "/v1/userinfo", servertest.Bearer(token)
		}), reason{check: explain.TokenNotExpired, got: "expires ", want: "now ", passed: []string{"token.signature", "token.issuer"}}},
		{"a frozen account", func(t *testing.T, s *servertest.Server) servertest.Answer {
			wrong := url.Values{"grant_type": {"password"}, "username": {"somebody"}, "password": {"wrong"}}
			for range 5 {
				s.Form(t, tokenPath, wrong)
			}
			a := s.Form(t, tokenPath, wrong)
			s.Clock.Advance(time.Hour)
			return a
		}, reason{check: explain.UserKnown}},
		{"a frozen user", func(t *testing.T, s *servertest.Server) servertest.Answer {
			for range 5 {
				s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {"wrong"}})
			}
			a := s.Form(t, tokenPath, public)
			s.Clock.Advance(time.Hour)
			return a
		}, reason{check: explain.NotFrozen, got: "until ", want: "now ", passed: []string{"user.known"}, caller: "ada"}},
		{"a disabled application", func(t *testing.T, s *servertest.Server) servertest.Answer {
			s.DisableApplication(t, s.MachineID, true)
			defer s.DisableApplication(t, s.MachineID, false)
			return form(tokenPath, machineAsks)(t, s)
		}, reason{check: explain.ClientEnabled, got: "disabled", passed: []string{"client.known"}, caller: "machine"}},
		{"a disabled user", func(t *testing.T, s *servertest.Server) servertest.Answer {
			s.DisableUser(t, s.UserID)
			return s.Form(t, tokenPath, public)
		}, reason{check: explain.UserEnabled, got: "disabled", caller: "ada"}}, // the last: the user stays so
	}
}

// forged is a refresh token of a live session that nobody was given.
func forged(t *testing.T, s *servertest.Server) string {
	t.Helper()
	return altered(signIn(t, s).Text("refresh_token"), 60)
}
