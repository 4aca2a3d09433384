package server_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"gatehouse/server/servertest"
)

// ask sends a request straight to the handler and holds the answer to what every
// answer promises: no fault of ours, and JSON with a code when it is a refusal.
func fuzzed(t *testing.T, s *servertest.Server, r *http.Request) {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code >= http.StatusInternalServerError {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	if w.Code < http.StatusBadRequest {
		return
	}
	var body struct{ Code, Message string }
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.Code == "" || body.Message == "" {
		t.Fatalf("%d without a code: %v %s", w.Code, err, w.Body)
	}
}

func post(path, contentType string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

func FuzzTokenForm(f *testing.F) {
	s := servertest.Start(f, servertest.Options{})
	for _, seed := range []string{
		"grant_type=client_credentials&client_id=" + s.ClientID + "&client_secret=" + s.ClientSecret,
		"grant_type=refresh_token&refresh_token=abc", "grant_type=password&username=a&password=%00",
		"grant_type=client_credentials&resource=a&resource=b", "grant_type=%zz", "&&=&a", "metadata=%7B%22a%22%3A%5B%5D%7D&grant_type=x",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fuzzed(t, s, post(tokenPath, "application/x-www-form-urlencoded", body))
		fuzzed(t, s, post(v1TokenPath, "application/x-www-form-urlencoded", body))
	})
}

func FuzzTokenJSON(f *testing.F) {
	s := servertest.Start(f, servertest.Options{})
	for _, seed := range []string{
		`{"grantType":"client_credentials","clientId":"` + s.ClientID + `","clientSecret":"` + s.ClientSecret + `"}`,
		`{"grantType":"refresh_token","refreshToken":"x"}`, `{"grantType":"password","metadata":{"a":1e999}}`,
		`{"a":{"b":{"c":[[[[]]]]}}}`, `[]`, `"x"`, `{"grantType":"\ud800"}`, `{} {}`, `{"grantType":null}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fuzzed(t, s, post(v1TokenPath, "application/json", body))
		fuzzed(t, s, post(v1RenewPath, "application/json", body))
	})
}

func FuzzAuthorizationHeader(f *testing.F) {
	s := servertest.Start(f, servertest.Options{})
	for _, seed := range []string{"Basic YTpi", "Basic", "basic Og==", "Basic JTp6", "Bearer a.b.c", "a.b.c", "Bearer", "bearer  x", "Digest x", "Basic \x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		for _, r := range []*http.Request{
			post(tokenPath, "application/x-www-form-urlencoded", []byte("grant_type=client_credentials")),
			post(introspectAt, "application/x-www-form-urlencoded", []byte("token=x")),
			httptest.NewRequest(http.MethodGet, "/v1/userinfo", nil),
			httptest.NewRequest(http.MethodGet, "/oauth2/userinfo", nil),
		} {
			r.Header["Authorization"] = []string{header}
			fuzzed(t, s, r)
		}
	})
}

// FuzzJWT shows tokens to introspection, userinfo and logout.
func FuzzJWT(f *testing.F) {
	s := servertest.Start(f, servertest.Options{})
	issued := s.Form(f, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic(s.ClientID, s.ClientSecret)).Text("access_token")
	for _, seed := range []string{issued, issued[:len(issued)-2], "..", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", issued + ".", "." + issued} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		r := post(introspectAt, "application/x-www-form-urlencoded", []byte(url.Values{"token": {token}}.Encode()))
		r.SetBasicAuth(s.ClientID, s.ClientSecret)
		fuzzed(t, s, r)
		r = httptest.NewRequest(http.MethodGet, "/v1/userinfo", nil)
		r.Header["Authorization"] = []string{token}
		fuzzed(t, s, r)
		fuzzed(t, s, post("/v1/logout", "application/x-www-form-urlencoded", []byte(url.Values{"id_token_hint": {token}}.Encode())))
	})
}
