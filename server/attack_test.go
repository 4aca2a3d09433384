package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// TestAttacks holds the server against what is tried on every token endpoint
// (RFC 6819, RFC 9700).
func TestAttacks(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	client := servertest.Basic(s.ClientID, s.ClientSecret)

	t.Run("a list that is too long is refused before it is compared", func(t *testing.T) {
		var scopes strings.Builder
		for i := range 150_000 {
			fmt.Fprintf(&scopes, "%x ", i)
		}
		for _, tt := range []struct {
			form        url.Values
			code, field string
		}{
			{url.Values{"scope": {scopes.String()}}, "AUT-2011", "scope"},
			{url.Values{"resource": strings.Fields(scopes.String())[:200]}, "AUT-2012", "resource"},
			{url.Values{"audience": {scopes.String()}}, "AUT-2012", "resource"},
		} {
			tt.form.Set("grant_type", "client_credentials")
			a := s.Form(t, tokenPath, tt.form, client)
			want(t, a, http.StatusBadRequest, tt.code)
			if _, named := a.Fields()[tt.field]; !named { // fosite, which compares, names none
				t.Errorf("fields = %v, want %s", a.Fields(), tt.field)
			}
		}
	})
	t.Run("credentials in the query string are not read", func(t *testing.T) {
		path := tokenPath + "?grant_type=client_credentials&client_id=" + s.ClientID + "&client_secret=" + s.ClientSecret
		want(t, s.Form(t, path, url.Values{}), http.StatusBadRequest, "AUT-0001")
		token := signIn(t, s).Text("access_token")
		want(t, s.Get(t, "/oauth2/userinfo?access_token="+token), http.StatusUnauthorized, "AUT-0006")
	})
	t.Run("two ways to authenticate at once are refused", func(t *testing.T) {
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {s.ClientID}, "client_secret": {s.ClientSecret}}
		want(t, s.Form(t, tokenPath, form, client), http.StatusBadRequest, "AUT-0009")
		want(t, s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}, "client_id": {s.MachineID}}, client), http.StatusBadRequest, "AUT-0009")
	})
	t.Run("a public client cannot be used with a secret, nor for client_credentials", func(t *testing.T) {
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"gatehouse"}, "client_secret": {"x"}}
		want(t, s.Form(t, tokenPath, form), http.StatusUnauthorized, "AUT-1004")
	})
	t.Run("two Authorization headers are refused", func(t *testing.T) {
		token := signIn(t, s).Text("access_token")
		twice := func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer " + token, "Bearer " + token} }
		want(t, s.Get(t, "/v1/userinfo", twice), http.StatusBadRequest, "AUT-0009")
		want(t, s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, client, func(r *http.Request) {
			r.Header.Add("Authorization", r.Header.Get("Authorization"))
		}), http.StatusBadRequest, "AUT-0009")
	})
	t.Run("a made-up refresh token does not tell whether its session lives", func(t *testing.T) {
		forged := []byte(signIn(t, s).Text("refresh_token"))
		forged[60] ^= 1
		want(t, s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {string(forged)}}), http.StatusBadRequest, "AUT-1005")
	})
	t.Run("only the application's own pages read its answers, refusals too", func(t *testing.T) {
		id, secret := s.NewApplication(t, "page", func(a *identity.Application) { a.AllowedOrigins = []string{"https://page.example.com"} })
		for _, scope := range []string{"", "forbidden"} {
			for origin, want := range map[string]string{"https://page.example.com": "https://page.example.com", "https://evil.example.com": ""} {
				a := s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}, "scope": {scope}}, servertest.Basic(id, secret), servertest.Header("Origin", origin))
				if got := a.Header.Get("Access-Control-Allow-Origin"); got != want {
					t.Errorf("%d for %s: Access-Control-Allow-Origin = %q, want %q", a.Status, origin, got, want)
				}
			}
		}
	})
	t.Run("multipart is not read", func(t *testing.T) {
		body := "--x\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\nclient_credentials\r\n--x--\r\n"
		a := s.Send(t, http.MethodPost, tokenPath, "multipart/form-data; boundary=x", []byte(body), client)
		want(t, a, http.StatusUnsupportedMediaType, "AUT-2004")
	})
	t.Run("a forwarded address is not believed", func(t *testing.T) {
		a := s.PostJSON(t, v1TokenPath, map[string]string{"grantType": "password", "username": s.Username, "password": s.Password},
			servertest.Header("X-Forwarded-For", "203.0.113.9"))
		want(t, a, http.StatusOK, "")
		if list := s.Get(t, "/v1/sessions", servertest.Bearer(a.Text("accessToken"))); strings.Contains(string(list.Body), "203.0.113.9") {
			t.Errorf("sessions: %s", list.Body)
		}
	})
	t.Run("no secret reaches the log", func(t *testing.T) {
		tokens := signIn(t, s)
		refresh(t, s, tokens.Text("refresh_token"))
		s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {"wr0ng-Secret-pass"}}, client)
		s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic(s.ClientID, "wr0ng-client-secret"))
		s.Get(t, "/v1/userinfo", servertest.Bearer(tokens.Text("access_token")+"x"))
		s.Form(t, "/v1/logout", url.Values{"id_token_hint": {tokens.Text("id_token")}})
		logged := s.Log.String()
		for _, secret := range []string{
			s.Password, s.ClientSecret, "wr0ng-Secret-pass", "wr0ng-client-secret",
			tokens.Text("access_token"), tokens.Text("refresh_token"), tokens.Text("id_token"),
		} {
			if strings.Contains(logged, secret) {
				t.Errorf("%q is in the log", secret)
			}
		}
		if !strings.Contains(logged, "requestId=") {
			t.Errorf("no request id in the log: %s", logged)
		}
	})
}

// TestGuessing tries passwords in a row and all at once.
func TestGuessing(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		guess := func(password string) servertest.Answer {
			return s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {password}})
		}
		for range 5 {
			want(t, guess("wrong"), http.StatusBadRequest, "AUT-1002")
		}
		want(t, guess(s.Password), http.StatusBadRequest, "AUT-1002")
		s.Clock.Advance(15*time.Minute + time.Second)
		want(t, guess(s.Password), http.StatusOK, "")

		// This address is a device that the user knows now. 32 guesses at once
		// evaluate no more than the limit: the right password among the rest may
		// win only if it is early.
		s.Clock.Advance(time.Hour)
		var right atomic.Int32
		var group sync.WaitGroup
		for range 32 {
			group.Go(func() {
				if guess("wrong").Status == http.StatusOK {
					right.Add(1)
				}
			})
		}
		group.Wait()
		if right.Load() != 0 {
			t.Error("a wrong password was taken")
		}
		want(t, guess(s.Password), http.StatusBadRequest, "AUT-1002")
	})
}
