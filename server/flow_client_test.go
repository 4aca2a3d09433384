package server_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/server/servertest"
)

func TestClientCredentialsGrant(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		t.Run("on /v1", func(t *testing.T) {
			a := s.PostJSON(t, v1TokenPath, map[string]string{"grantType": "client_credentials", "clientId": s.ClientID, "clientSecret": s.ClientSecret})
			want(t, a, http.StatusOK, "")
			if token, there := a.JSON["refreshToken"]; !there || token != "" {
				t.Errorf("refreshToken = %v, want an empty string", token)
			}
			if _, there := a.JSON["idToken"]; there {
				t.Error("idToken is there")
			}
			claims := decode(t, a.Text("accessToken"))
			delete(claims, "exp")
			delete(claims, "iat")
			delete(claims, "nbf")
			delete(claims, "jti")
			if diff := cmp.Diff(map[string]any{
				"iss": s.Issuer, "aud": []any{s.ClientID}, "sub": s.ClientID, "client_id": s.ClientID, "azp": s.ClientID,
				"scope": "reports", "type": "application", "owner": "admin", "name": "test", "displayName": "Test application",
			}, claims); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
		})
		t.Run("on /oauth2/token by every way to authenticate", func(t *testing.T) {
			basic := s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic(s.ClientID, s.ClientSecret))
			want(t, basic, http.StatusOK, "")
			if _, there := basic.JSON["refresh_token"]; there {
				t.Error("refresh_token is there")
			}
			post := s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}, "client_id": {s.ClientID}, "client_secret": {s.ClientSecret}})
			want(t, post, http.StatusOK, "")
		})
		t.Run("a resource that the application may ask for becomes the audience", func(t *testing.T) {
			ask := func(resources ...string) servertest.Answer {
				return s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}, "resource": resources}, servertest.Basic(s.ClientID, s.ClientSecret))
			}
			a := ask("https://api.example.com", "https://files.example.com")
			want(t, a, http.StatusOK, "")
			if got := decode(t, a.Text("access_token"))["aud"]; !cmp.Equal(got, []any{"https://api.example.com", "https://files.example.com"}) {
				t.Errorf("aud = %v", got)
			}
			refused := ask("https://api.example.com/")
			want(t, refused, http.StatusBadRequest, "AUT-2012")
			if refused.Text("error") != "invalid_target" {
				t.Errorf("error = %q", refused.Text("error"))
			}
		})
		t.Run("an unknown client and a wrong secret look the same", func(t *testing.T) {
			ask := func(id, secret string) servertest.Answer {
				return s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic(id, secret))
			}
			wrong, unknown := ask(s.ClientID, "wrong"), ask("00000000000000000000", "wrong")
			want(t, wrong, http.StatusUnauthorized, "AUT-1004")
			want(t, unknown, http.StatusUnauthorized, "AUT-1004")
			if string(wrong.Body) != string(unknown.Body) || wrong.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("answers: %s and %s; WWW-Authenticate %q", wrong.Body, unknown.Body, wrong.Header.Get("WWW-Authenticate"))
			}
			inBody := s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}, "client_id": {s.ClientID}, "client_secret": {"wrong"}})
			want(t, inBody, http.StatusUnauthorized, "AUT-1004")
			if inBody.Header.Get("WWW-Authenticate") != "" {
				t.Error("WWW-Authenticate without a header in the request")
			}
		})
		t.Run("a disabled application gets and keeps nothing, also once it is enabled again", func(t *testing.T) {
			id, secret := s.NewApplication(t, "disabled-later")
			token := s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic(id, secret)).Text("access_token")
			s.DisableApplication(t, id, true)
			want(t, s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic(id, secret)), http.StatusUnauthorized, "AUT-1004")
			s.DisableApplication(t, id, false)
			a := s.Form(t, introspectAt, url.Values{"token": {token}}, servertest.Basic(id, secret))
			want(t, a, http.StatusOK, "")
			if a.JSON["active"] != false {
				t.Errorf("introspection: %s", a.Body)
			}
		})
	})
}
