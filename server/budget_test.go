package server_test

import (
	"net/http"
	"net/url"
	"testing"

	"gatehouse/server/servertest"
)

// TestStatementBudgets counts what a request asks of the database once it is
// warm: round trips, whatever the number of rows.
func TestStatementBudgets(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		tokens := signIn(t, s)
		live, public, access := tokens.Text("refresh_token"), firstParty(t, s), servertest.Bearer(tokens.Text("access_token"))
		client := servertest.Basic(s.ClientID, s.ClientSecret)
		for _, tt := range []struct {
			name          string
			reads, writes int64
			ask           func() servertest.Answer
			refused       bool
		}{
			{"client_credentials", 0, 0, func() servertest.Answer {
				return s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, client)
			}, false},
			{"password", 1, 1, func() servertest.Answer {
				return s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {s.Password}}, client)
			}, false},
			{"refresh", 1, 1, func() servertest.Answer {
				a := refresh(t, s, live)
				live = a.Text("refresh_token")
				return a
			}, false},
			{"refresh without client", 1, 1, func() servertest.Answer {
				a := s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {public}})
				public = a.Text("refresh_token")
				return a
			}, false},
			{"introspect", 0, 0, func() servertest.Answer {
				return s.Form(t, introspectAt, url.Values{"token": {tokens.Text("access_token")}}, client)
			}, false},
			{"userinfo", 0, 0, func() servertest.Answer { return s.Get(t, "/oauth2/userinfo", access) }, false},
			{"userinfo on /v1", 0, 0, func() servertest.Answer { return s.Get(t, "/v1/userinfo", access) }, false},
			{"authorize", 0, 0, func() servertest.Answer {
				return s.PostJSON(t, authorizePath, `{"sub":"lerian/ada","resource":"ledgers","action":"get","product":"test"}`, access)
			}, false},
			{"authorize a batch", 1, 0, func() servertest.Answer { // whether anything has changed
				return s.PostJSON(t, batchPath, batchOf(about("ada", "ledgers:get"), about("", "ledgers:get")), access)
			}, false},
			{"permissions", 0, 0, func() servertest.Answer { return s.Get(t, listPath, access) }, false},
			{"permissions of a user", 0, 0, func() servertest.Answer { return s.Get(t, listPath+"/lerian/"+s.UserID, access) }, false},
			{"discovery", 0, 0, func() servertest.Answer { return s.Get(t, "/.well-known/openid-configuration") }, false},
			{"jwks", 0, 0, func() servertest.Answer { return s.Get(t, "/oauth2/jwks") }, false},
			{"made-up refresh token", 0, 0, func() servertest.Answer {
				return refresh(t, s, "nonsense")
			}, true},
			{"unknown client", 1, 0, func() servertest.Answer {
				return s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic("nobody", "wrong"))
			}, true},
			{"wrong secret", 1, 0, func() servertest.Answer {
				return s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic(s.ClientID, "wrong"))
			}, true},
		} {
			t.Run(tt.name, func(t *testing.T) {
				var reads, writes int64
				for range 2 { // the first warms the caches
					reads, writes = s.Reads.Load(), s.Writes.Load()
					if a := tt.ask(); (a.Status != http.StatusOK) != tt.refused {
						t.Fatalf("%d: %s", a.Status, a.Body)
					}
				}
				reads, writes = s.Reads.Load()-reads, s.Writes.Load()-writes
				if reads != tt.reads || writes != tt.writes {
					t.Errorf("%d reads and %d writes, want %d and %d", reads, writes, tt.reads, tt.writes)
				}
			})
		}
	})
}

// firstParty signs in at the first-party application and returns the refresh token.
func firstParty(t *testing.T, s *servertest.Server) string {
	t.Helper()
	a := s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {s.Password}})
	want(t, a, http.StatusOK, "")
	return a.Text("refresh_token")
}
