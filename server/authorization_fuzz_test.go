package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// FuzzAuthorization sends authorization requests from a browser in which somebody
// is signed in. Whatever they are, nothing but a registered address gets an answer.
func FuzzAuthorization(f *testing.F) {
	s := servertest.Start(f, servertest.Options{})
	p := newParty(f, s, func(a *identity.Application) {
		a.ClientID, a.RedirectURIs = "00000000000000000000", []string{returnTo, "http://127.0.0.1/cb"}
	})
	cookie := s.NewBrowser(f).SignInAs(f, s.UserID, s.Clock.Now())
	for _, pairs := range [][]string{
		nil,
		{"redirect_uri", "http://127.0.0.1:80@evil.example/cb"},
		{"redirect_uri", "http://127.0.0.1:49152/cb"},
		{"prompt", "none"},
		{"redirect_uri", returnTo + "/../x"},
		{"response_mode", "form_post"},
		{"scope", " openid  openid "},
		{"resource", "https://api.example.com"},
		{"prompt", "login consent"},
		{"max_age", "18446744073709551616"},
		{"claims", `{"id_token":{"sub":{"value":"x"}}}`},
		{"response_type", "code token"},
		{"request_uri", "urn:ietf:params:oauth:request_uri:"},
		{"id_token_hint", "a.b.c"},
		{"login_hint", "\u202e"},
		{"ui_locales", strings.Repeat("x-", 500)},
	} {
		f.Add(p.request(pairs...).Encode())
	}
	f.Add("interaction=x&client_id=")
	f.Add("client_id=" + p.id + "&redirect_uri=" + url.QueryEscape(returnTo) + "&redirect_uri=https://evil.example")
	f.Fuzz(func(t *testing.T, text string) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r := httptest.NewRequest(method, authorizeAt, strings.NewReader(text))
			if method == http.MethodGet {
				r.URL.RawQuery = text
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.AddCookie(cookie)
			answer := httptest.NewRecorder()
			s.Handler().ServeHTTP(answer, r)
			if answer.Code >= http.StatusInternalServerError {
				t.Fatalf("%s: %d %s", text, answer.Code, answer.Body)
			}
			to := answer.Header().Get("Location")
			loopback, err := url.Parse(to)
			onLoopback := err == nil && loopback.Scheme == "http" && loopback.Hostname() == "127.0.0.1" && loopback.User == nil && loopback.Path == "/cb"
			if to != "" && !strings.HasPrefix(to, returnTo+"?") && !strings.HasPrefix(to, s.Issuer+"/") && !onLoopback {
				t.Errorf("%s led to %s", text, to)
			}
		}
	})
}
