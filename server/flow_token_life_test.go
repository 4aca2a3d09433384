package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"gatehouse/server/servertest"
)

func TestTokenLife(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		t.Run("introspection describes an access token and a refresh token", func(t *testing.T) {
			tokens := signIn(t, s)
			for _, token := range []string{tokens.Text("access_token"), tokens.Text("refresh_token")} {
				a := s.Form(t, introspectAt, url.Values{"token": {token}}, servertest.Basic(s.ClientID, s.ClientSecret))
				want(t, a, http.StatusOK, "")
				if a.JSON["active"] != true || a.Text("sub") != s.UserID || a.Text("username") != s.Username || a.Text("client_id") != s.ClientID {
					t.Errorf("introspection: %s", a.Body)
				}
			}
		})
		t.Run("introspection says inactive, and nothing else, for what the caller may not see", func(t *testing.T) {
			id, secret := s.NewApplication(t, "nosy")
			tokens := signIn(t, s)
			for _, token := range []string{tokens.Text("access_token"), tokens.Text("refresh_token"), "nonsense", "a.b.c"} {
				a := s.Form(t, introspectAt, url.Values{"token": {token}}, servertest.Basic(id, secret))
				want(t, a, http.StatusOK, "")
				if string(a.Body) != `{"active":false}`+"\n" {
					t.Errorf("introspection: %s", a.Body)
				}
			}
		})
		t.Run("introspection needs a client that can keep a secret", func(t *testing.T) {
			token := signIn(t, s).Text("access_token")
			want(t, s.Form(t, introspectAt, url.Values{"token": {token}}), http.StatusUnauthorized, "AUT-1004")
			want(t, s.Form(t, introspectAt, url.Values{"token": {token}, "client_id": {"gatehouse"}}), http.StatusUnauthorized, "AUT-1004")
			want(t, s.Form(t, introspectAt, url.Values{}, servertest.Basic(s.ClientID, s.ClientSecret)), http.StatusBadRequest, "AUT-0001")
		})
		t.Run("revoking an access token kills it alone", func(t *testing.T) {
			tokens := signIn(t, s)
			revoke(t, s, tokens.Text("access_token"))
			if active(t, s, tokens.Text("access_token")) || !active(t, s, tokens.Text("refresh_token")) {
				t.Error("the access token is alive or the refresh token dead")
			}
			want(t, s.Get(t, "/v1/userinfo", servertest.Bearer(tokens.Text("access_token"))), http.StatusUnauthorized, "AUT-1003")
		})
		t.Run("revoking a refresh token, live or spent, kills the session", func(t *testing.T) {
			for _, spent := range []bool{false, true} {
				tokens := signIn(t, s)
				shown := tokens.Text("refresh_token")
				if spent {
					refresh(t, s, shown)
				}
				revoke(t, s, shown)
				if active(t, s, tokens.Text("access_token")) {
					t.Errorf("the access token is alive (spent: %v)", spent)
				}
				want(t, refresh(t, s, shown), http.StatusBadRequest, "AUT-1005")
			}
		})
		t.Run("revocation of another client's token is refused, of nonsense is fine", func(t *testing.T) {
			id, secret := s.NewApplication(t, "thief")
			tokens := signIn(t, s)
			for _, token := range []string{tokens.Text("access_token"), tokens.Text("refresh_token")} {
				want(t, s.Form(t, "/oauth2/revoke", url.Values{"token": {token}}, servertest.Basic(id, secret)), http.StatusBadRequest, "AUT-2018")
			}
			revoke(t, s, "nonsense")
			if !active(t, s, tokens.Text("access_token")) {
				t.Error("the token is dead")
			}
		})
		t.Run("logout takes an id token, an access token, or a jti", func(t *testing.T) {
			for _, hint := range []func(servertest.Answer) string{
				func(a servertest.Answer) string { return a.Text("id_token") },
				func(a servertest.Answer) string { return a.Text("access_token") },
				func(a servertest.Answer) string { return decode(t, a.Text("access_token"))["jti"].(string) },
			} {
				tokens := signIn(t, s)
				for range 2 { // the second time changes nothing
					want(t, s.Form(t, "/v1/logout", url.Values{"id_token_hint": {hint(tokens)}}), http.StatusNoContent, "")
				}
				if active(t, s, tokens.Text("access_token")) {
					t.Error("the access token is alive")
				}
				want(t, refresh(t, s, tokens.Text("refresh_token")), http.StatusBadRequest, "AUT-1005")
			}
			want(t, s.Form(t, "/v1/logout", url.Values{"id_token_hint": {"nonsense"}}), http.StatusUnauthorized, "AUT-0007")
			want(t, s.Form(t, "/v1/logout", url.Values{}), http.StatusBadRequest, "AUT-0001")
		})
		t.Run("an application's token can be logged out too", func(t *testing.T) {
			token := s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic(s.ClientID, s.ClientSecret)).Text("access_token")
			want(t, s.Form(t, "/v1/logout", url.Values{"id_token_hint": {decode(t, token)["jti"].(string)}}), http.StatusNoContent, "")
			if active(t, s, token) {
				t.Error("the access token is alive")
			}
		})
		t.Run("userinfo in both dialects, raw token or Bearer", func(t *testing.T) {
			token := signIn(t, s).Text("access_token")
			for _, auth := range []string{token, "Bearer " + token, "bearer " + token} {
				a := s.Get(t, "/v1/userinfo", servertest.Header("Authorization", auth))
				want(t, a, http.StatusOK, "")
				if a.Text("sub") != s.UserID || a.Text("preferredUsername") != s.Username || a.Text("name") != "Ada Lovelace" {
					t.Errorf("userinfo: %s", a.Body)
				}
			}
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				a := s.Send(t, method, "/oauth2/userinfo", "", nil, servertest.Bearer(token))
				want(t, a, http.StatusOK, "")
				if a.Text("sub") != s.UserID || a.Text("preferred_username") != s.Username || a.Text("email") != "ada@example.com" {
					t.Errorf("userinfo: %s", a.Body)
				}
			}
			want(t, s.Get(t, "/v1/userinfo", servertest.Header("Authorization", "Token "+token)), http.StatusUnauthorized, "AUT-0006")
		})
		t.Run("userinfo refuses an id token, an expired token, and an application's", func(t *testing.T) {
			tokens := signIn(t, s)
			want(t, s.Get(t, "/v1/userinfo", servertest.Bearer(tokens.Text("id_token"))), http.StatusUnauthorized, "AUT-0007")
			s.Clock.Advance(time.Hour + time.Second)
			want(t, s.Get(t, "/v1/userinfo", servertest.Bearer(tokens.Text("access_token"))), http.StatusUnauthorized, "AUT-0007")
			machine := s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic(s.ClientID, s.ClientSecret))
			want(t, s.Get(t, "/v1/userinfo", servertest.Bearer(machine.Text("access_token"))), http.StatusForbidden, "AUT-2002")
		})
		t.Run("a disabled user's tokens stop at once", func(t *testing.T) {
			tokens := signIn(t, s)
			s.DisableUser(t, s.UserID)
			want(t, s.Get(t, "/v1/userinfo", servertest.Bearer(tokens.Text("access_token"))), http.StatusUnauthorized, "AUT-1003")
			want(t, refresh(t, s, tokens.Text("refresh_token")), http.StatusBadRequest, "AUT-1005")
			if active(t, s, tokens.Text("access_token")) || active(t, s, tokens.Text("refresh_token")) {
				t.Error("a token is alive")
			}
		})
	})
}

func TestOwnSessions(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		other := signIn(t, s)
		mine := s.PostJSON(t, v1TokenPath, map[string]any{
			"grantType": "password", "username": s.Username, "password": s.Password, "metadata": map[string]any{"device": "phone"},
		}, servertest.Header("User-Agent", "tests"))
		want(t, mine, http.StatusOK, "")
		token := servertest.Bearer(mine.Text("accessToken"))

		var list []struct {
			ID, Application, IP, UserAgent string
			CreatedAt, LastUsedAt          time.Time
			Metadata                       map[string]any
			Current                        bool
		}
		a := s.Get(t, "/v1/sessions/", token)
		want(t, a, http.StatusOK, "")
		if err := json.Unmarshal(a.Body, &list); err != nil || len(list) != 2 {
			t.Fatalf("sessions: %v %s", err, a.Body)
		}
		if !list[0].Current || list[0].UserAgent != "tests" || list[0].Metadata["device"] != "phone" || list[0].IP != "127.0.0.1" || list[0].Application != "gatehouse" {
			t.Errorf("current session: %+v", list[0])
		}
		want(t, s.Send(t, http.MethodDelete, "/v1/sessions/not-a-uuid", "", nil, token), http.StatusBadRequest, "AUT-0002")
		want(t, s.Send(t, http.MethodDelete, "/v1/sessions/"+list[1].ID, "", nil, token), http.StatusNoContent, "")
		want(t, s.Send(t, http.MethodDelete, "/v1/sessions/"+list[1].ID, "", nil, token), http.StatusNotFound, "AUT-2017")
		if active(t, s, other.Text("access_token")) {
			t.Error("a token of the ended session is active")
		}
	})
}

func revoke(t *testing.T, s *servertest.Server, token string) {
	t.Helper()
	want(t, s.Form(t, "/oauth2/revoke", url.Values{"token": {token}}, servertest.Basic(s.ClientID, s.ClientSecret)), http.StatusOK, "")
}
