package server_test

import (
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"gatehouse/server/servertest"
)

func TestRefreshGrant(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		t.Run("rotates, and the answer of a lost one can be had again", func(t *testing.T) {
			first := signIn(t, s).Text("refresh_token")
			a := refresh(t, s, first)
			want(t, a, http.StatusOK, "")
			second := a.Text("refresh_token")
			if second == first || second == "" {
				t.Fatalf("not rotated: %q", second)
			}
			again := refresh(t, s, first)
			want(t, again, http.StatusOK, "")
			if again.Text("refresh_token") != second {
				t.Error("the repeated request got another successor")
			}
			want(t, refresh(t, s, second), http.StatusOK, "")
		})
		t.Run("a spent token used after the grace period ends the session", func(t *testing.T) {
			tokens := signIn(t, s)
			first := tokens.Text("refresh_token")
			a := refresh(t, s, first)
			want(t, a, http.StatusOK, "")
			s.Clock.Advance(11 * time.Second)
			want(t, refresh(t, s, first), http.StatusBadRequest, "AUT-1005")
			want(t, refresh(t, s, a.Text("refresh_token")), http.StatusBadRequest, "AUT-1005")
			if active(t, s, a.Text("access_token")) || active(t, s, tokens.Text("access_token")) {
				t.Error("an access token of the ended session is active")
			}
		})
		t.Run("a token two generations old ends the session at once", func(t *testing.T) {
			first := signIn(t, s).Text("refresh_token")
			second := refresh(t, s, first).Text("refresh_token")
			third := refresh(t, s, second).Text("refresh_token")
			want(t, refresh(t, s, first), http.StatusBadRequest, "AUT-1005")
			want(t, refresh(t, s, third), http.StatusBadRequest, "AUT-1005")
		})
		t.Run("a made-up token of a live session harms nobody", func(t *testing.T) {
			live := signIn(t, s).Text("refresh_token")
			forged := []byte(live)
			forged[60] ^= 1
			want(t, refresh(t, s, string(forged)), http.StatusBadRequest, "AUT-1005")
			want(t, refresh(t, s, live), http.StatusOK, "")
		})
		t.Run("32 requests at once get one successor", func(t *testing.T) {
			first := signIn(t, s).Text("refresh_token")
			successors := make([]string, 32)
			var group sync.WaitGroup
			for i := range successors {
				group.Go(func() { successors[i] = refresh(t, s, first).Text("refresh_token") })
			}
			group.Wait()
			for _, got := range successors {
				if got == "" || got != successors[0] {
					t.Fatalf("successors differ: %q and %q", got, successors[0])
				}
			}
			want(t, refresh(t, s, successors[0]), http.StatusOK, "")
		})
		t.Run("a narrower scope narrows this access token, a wider one is refused", func(t *testing.T) {
			tokens := s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {s.Password}, "scope": {"openid profile"}},
				servertest.Basic(s.ClientID, s.ClientSecret))
			ask := func(token, scope string) servertest.Answer {
				return s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "scope": {scope}},
					servertest.Basic(s.ClientID, s.ClientSecret))
			}
			first := tokens.Text("refresh_token")
			want(t, ask(first, "openid email"), http.StatusBadRequest, "AUT-2011")
			narrow := ask(first, "profile")
			want(t, narrow, http.StatusOK, "")
			if narrow.Text("scope") != "profile" {
				t.Errorf("scope = %q", narrow.Text("scope"))
			}
			if whole := refresh(t, s, narrow.Text("refresh_token")); whole.Text("scope") != "openid profile" {
				t.Errorf("scope after = %q, want what the session was given", whole.Text("scope"))
			}
		})
		t.Run("dies when not used, and at the end of the session however often used", func(t *testing.T) {
			idle := signIn(t, s).Text("refresh_token")
			s.Clock.Advance(24*time.Hour + time.Second)
			want(t, refresh(t, s, idle), http.StatusBadRequest, "AUT-1005")
			token := signIn(t, s).Text("refresh_token")
			for range 31 {
				s.Clock.Advance(23 * time.Hour)
				token = refresh(t, s, token).Text("refresh_token")
			}
			if token == "" {
				t.Fatal("refused before the end of the session")
			}
			s.Clock.Advance(23 * time.Hour)
			want(t, refresh(t, s, token), http.StatusBadRequest, "AUT-1005")
		})
		t.Run("belongs to its client", func(t *testing.T) {
			token := signIn(t, s).Text("refresh_token")
			want(t, s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}), http.StatusUnauthorized, "AUT-1004")
			want(t, s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {"gatehouse"}}), http.StatusBadRequest, "AUT-1005")
			want(t, refresh(t, s, token), http.StatusOK, "")
		})
		t.Run("on /v1, of the first-party application, needs nothing else", func(t *testing.T) {
			first := s.PostJSON(t, v1TokenPath, map[string]string{"grantType": "password", "username": s.Username, "password": s.Password})
			second := s.PostJSON(t, v1RenewPath, map[string]string{"refreshToken": first.Text("refreshToken")})
			want(t, second, http.StatusOK, "")
			third := s.PostJSON(t, v1TokenPath, map[string]string{"grantType": "refresh_token", "refreshToken": second.Text("refreshToken")})
			want(t, third, http.StatusOK, "")
		})
	})
}
