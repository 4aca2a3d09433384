package server_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"gatehouse/server"
	"gatehouse/server/servertest"
)

// TestIdentityApart: on a listener of its own the identity API answers, and
// probes do; what is kept off the main listener is not there.
func TestIdentityApart(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{Config: func(c *server.Config) { c.IdentityApart = true }})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	s.Admin(t)(r)
	status := func(handler http.Handler, method, path string) int {
		q := httptest.NewRequest(method, path, nil)
		q.Header.Set("Authorization", r.Header.Get("Authorization"))
		q.Header.Set("Origin", "https://console.example.com")
		q.Header.Set("Access-Control-Request-Method", "GET")
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, q)
		return answer.Code
	}
	for _, tt := range []struct {
		method, path string
		main, apart  int
	}{
		{http.MethodGet, "/v1/users", 404, 200},
		{http.MethodGet, "/v1/groups/admin-group/", 404, 200},
		{http.MethodGet, "/v1/audit-events", 404, 200},
		{http.MethodGet, "/v1/usersandmore", 404, 404},
		{http.MethodOptions, "/v1/users", 404, 204},
		{http.MethodGet, "/v1/userinfo", 200, 404},
		{http.MethodGet, "/v1/sessions", 200, 404},
		{http.MethodGet, "/oauth2/jwks", 200, 404},
		{http.MethodOptions, "/oauth2/jwks", 204, 404},
		{http.MethodGet, "/health", 200, 200},
		{http.MethodGet, "/readyz", 200, 200},
	} {
		if got := status(s.Handler(), tt.method, tt.path); got != tt.main {
			t.Errorf("%s %s on the main listener: %d, want %d", tt.method, tt.path, got, tt.main)
		}
		if got := status(s.IdentityHandler(), tt.method, tt.path); got != tt.apart {
			t.Errorf("%s %s on its own: %d, want %d", tt.method, tt.path, got, tt.apart)
		}
	}
	both := servertest.Start(t, servertest.Options{})
	both.Admin(t)(r)
	if main, own := status(both.Handler(), http.MethodGet, "/v1/users"), status(both.IdentityHandler(), http.MethodGet, "/v1/users"); main != 200 || own != 200 {
		t.Errorf("on both: %d and %d", main, own)
	}
}

// TestBrowsersAdminister: a page of a configured origin may send and read what
// the identity API needs.
func TestBrowsersAdminister(t *testing.T) {
	t.Parallel()
	const origin = "https://console.example.com"
	s := servertest.Start(t, servertest.Options{Config: func(c *server.Config) { c.CORSOrigins = []string{origin} }})
	a := s.Send(t, http.MethodOptions, "/v1/users/x", "", nil, servertest.Header("Origin", origin),
		servertest.Header("Access-Control-Request-Method", "PATCH"), servertest.Header("Access-Control-Request-Headers", "if-match"))
	for name, values := range map[string][]string{"Access-Control-Allow-Headers": {"If-Match", "Authorization"}, "Access-Control-Allow-Methods": {"PUT", "PATCH", "DELETE"}} {
		for _, value := range values {
			if !containsWord(a.Header.Get(name), value) {
				t.Errorf("%s = %q, want %s in it", name, a.Header.Get(name), value)
			}
		}
	}
	a = s.Get(t, "/v1/users", s.Admin(t), servertest.Header("Origin", origin))
	for _, name := range []string{"ETag", "Link", "X-Total-Count"} {
		if !containsWord(a.Header.Get("Access-Control-Expose-Headers"), name) {
			t.Errorf("%s is not exposed: %q", name, a.Header.Get("Access-Control-Expose-Headers"))
		}
	}
}

// containsWord says whether a list in a header has a word.
func containsWord(list, word string) bool {
	return slices.Contains(strings.Split(strings.ReplaceAll(list, " ", ""), ","), word)
}
