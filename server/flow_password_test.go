package server_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/server/servertest"
)

const (
	tokenPath    = "/oauth2/token"
	v1TokenPath  = "/v1/login/oauth/access_token"
	v1RenewPath  = "/v1/login/oauth/refresh_token"
	introspectAt = "/oauth2/introspect"
)

func TestPasswordGrant(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		t.Run("on /v1 as JSON, without a client, runs as the first-party application", func(t *testing.T) {
			a := s.PostJSON(t, v1TokenPath, map[string]string{
				"grantType": "password", "username": s.Username, "password": s.Password,
			})
			want(t, a, http.StatusOK, "")
			if got := keysInOrder(t, a.Body); !cmp.Equal(got, []string{"accessToken", "tokenType", "expiresIn", "refreshToken", "idToken", "scope"}) {
				t.Errorf("fields = %q", got)
			}
			claims := decode(t, a.Text("accessToken"))
			for name, value := range map[string]any{
				"iss": s.Issuer, "type": "normal-user", "owner": "lerian", "sub": s.UserID, "name": s.Username,
				"displayName": "Ada Lovelace", "client_id": "gatehouse", "azp": "gatehouse",
			} {
				if !cmp.Equal(claims[name], value) {
					t.Errorf("claim %s = %v, want %v", name, claims[name], value)
				}
			}
			if !cmp.Equal(claims["aud"], []any{"gatehouse"}) {
				t.Errorf("aud = %v", claims["aud"])
			}
			if a.JSON["expiresIn"] != 3600.0 {
				t.Errorf("expiresIn = %v, want 3600", a.JSON["expiresIn"])
			}
		})
		t.Run("on /v1 as a form", func(t *testing.T) {
			a := s.Form(t, v1TokenPath, url.Values{"grantType": {"password"}, "username": {s.Username}, "password": {s.Password}})
			want(t, a, http.StatusOK, "")
		})
		t.Run("usernames are the same whatever the case", func(t *testing.T) {
			a := s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {"ADA"}, "password": {s.Password}})
			want(t, a, http.StatusOK, "")
		})
		t.Run("on /oauth2/token with the client in the header and in the body", func(t *testing.T) {
			form := url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {s.Password}, "scope": {"openid groups"}}
			a := s.Form(t, tokenPath, form, servertest.Basic(s.ClientID, s.ClientSecret))
			want(t, a, http.StatusOK, "")
			if got := keysInOrder(t, a.Body); !cmp.Equal(got, []string{"access_token", "token_type", "expires_in", "refresh_token", "id_token", "scope"}) {
				t.Errorf("fields = %q", got)
			}
			if a.Text("scope") != "openid groups" || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("scope = %q, Cache-Control = %q", a.Text("scope"), a.Header.Get("Cache-Control"))
			}
			claims := decode(t, a.Text("access_token"))
			if !cmp.Equal(claims["groups"], []any{"admin-group"}) || claims["client_id"] != s.ClientID {
				t.Errorf("groups = %v, client_id = %v", claims["groups"], claims["client_id"])
			}
			form.Set("client_id", s.ClientID)
			form.Set("client_secret", s.ClientSecret)
			want(t, s.Form(t, tokenPath, form), http.StatusOK, "")
		})
		t.Run("no id token without openid", func(t *testing.T) {
			a := s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {s.Password}, "scope": {"profile"}})
			want(t, a, http.StatusOK, "")
			if _, there := a.JSON["id_token"]; there {
				t.Error("id_token is there")
			}
		})
		t.Run("a wrong password and an unknown user look the same", func(t *testing.T) {
			wrong := s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {"wrong"}})
			unknown := s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {"nobody"}, "password": {"wrong"}})
			want(t, wrong, http.StatusBadRequest, "AUT-1002")
			want(t, unknown, http.StatusBadRequest, "AUT-1002")
			if wrong.Text("error") != "invalid_grant" || string(wrong.Body) != string(unknown.Body) {
				t.Errorf("answers differ: %s and %s", wrong.Body, unknown.Body)
			}
			want(t, s.PostJSON(t, v1TokenPath, map[string]string{"grantType": "password", "username": s.Username, "password": "wrong"}), http.StatusUnauthorized, "AUT-1002")
		})
	})
}
