package server_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"gatehouse/server/servertest"
)

func TestDiscovery(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oauth2/jwks"} {
		t.Run(path, func(t *testing.T) {
			a := s.Get(t, path, servertest.Header("Origin", "https://anywhere.example.com"))
			want(t, a, http.StatusOK, "")
			if a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Cache-Control") == "" {
				t.Errorf("headers: %v", a.Header)
			}
			again := s.Get(t, path, servertest.Header("If-None-Match", a.Header.Get("ETag")))
			if again.Status != http.StatusNotModified || len(again.Body) != 0 {
				t.Errorf("with the ETag: %d %s", again.Status, again.Body)
			}
		})
	}
	t.Run("every endpoint it names answers, and it names no other grant", func(t *testing.T) {
		a := s.Get(t, "/.well-known/openid-configuration")
		if a.Text("issuer") != s.Issuer {
			t.Errorf("issuer = %q", a.Text("issuer"))
		}
		for name, value := range a.JSON {
			address, isText := value.(string)
			if !isText || !strings.HasSuffix(name, "_endpoint") && name != "jwks_uri" && name != "service_documentation" {
				continue
			}
			answer := s.Get(t, strings.TrimPrefix(address, s.Issuer))
			if answer.Status == http.StatusNotFound {
				t.Errorf("%s: nothing at %s", name, address)
			}
		}
		var lists struct {
			Grants []string `json:"grant_types_supported"`
		}
		if err := json.Unmarshal(a.Body, &lists); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(lists.Grants, []string{"authorization_code", "password", "client_credentials", "refresh_token"}) {
			t.Errorf("grants = %q", lists.Grants)
		}
	})
}

func TestProbesOfAWholeServer(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	if a := s.Get(t, "/health"); a.Status != http.StatusOK || string(a.Body) != "healthy" || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("/health: %d %q %q", a.Status, a.Body, a.Header.Get("Content-Type"))
	}
	want(t, s.Get(t, "/readyz"), http.StatusOK, "")
	a := s.Get(t, "/version")
	want(t, a, http.StatusOK, "")
	if a.Text("version") == "" || a.Text("requestDate") == "" {
		t.Errorf("/version: %s", a.Body)
	}
}
