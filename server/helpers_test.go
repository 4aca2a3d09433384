package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gatehouse/server/servertest"
)

// want checks an answer's status and code ("" for none).
func want(t *testing.T, a servertest.Answer, status int, code string) {
	t.Helper()
	if a.Status != status || a.Code() != code {
		t.Fatalf("got %d %q, want %d %q; body: %s", a.Status, a.Code(), status, code, a.Body)
	}
	if a.Header.Get("X-Request-Id") == "" {
		t.Error("no X-Request-Id")
	}
}

// decode returns the claims of a JWT, unverified.
func decode(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("not a JWT: %q", token)
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatalf("payload: %v", err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatalf("claims: %v", err)
	}
	return claims
}

// keysInOrder returns the names of a JSON object's members as they stand.
func keysInOrder(t *testing.T, body []byte) []string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	var names []string
	if _, err := d.Token(); err != nil {
		t.Fatalf("body: %v", err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatalf("body: %v", err)
		}
		names = append(names, name.(string))
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			t.Fatalf("body: %v", err)
		}
	}
	return names
}

// signIn returns the tokens of a fresh session at the test's application.
func signIn(t *testing.T, s *servertest.Server) servertest.Answer {
	t.Helper()
	a := s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {s.Password}},
		servertest.Basic(s.ClientID, s.ClientSecret))
	want(t, a, http.StatusOK, "")
	return a
}

// refresh spends a refresh token as the test's application.
func refresh(t *testing.T, s *servertest.Server, token string) servertest.Answer {
	t.Helper()
	return s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}},
		servertest.Basic(s.ClientID, s.ClientSecret))
}

// active asks the introspection endpoint.
func active(t *testing.T, s *servertest.Server, token string) bool {
	t.Helper()
	a := s.Form(t, introspectAt, url.Values{"token": {token}}, servertest.Basic(s.ClientID, s.ClientSecret))
	want(t, a, http.StatusOK, "")
	return a.JSON["active"] == true
}
