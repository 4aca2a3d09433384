package client_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/client"
	"gatehouse/server/keys"
	"gatehouse/server/servertest"
)

// ledger is a server with the product ledger, whose viewers may get ledgers, and
// with a user who is one of them.
func ledger(t *testing.T) (s *servertest.Server, clientID, clientSecret string) {
	t.Helper()
	s = servertest.Start(t, servertest.Options{})
	clientID, clientSecret = s.NewApplication(t, "ledger")
	admin := s.Admin(t)
	s.NewGroup(t, admin, "ledger-viewer-group", map[string][]string{"ledgers": {"get"}})
	s.NewGroup(t, admin, "ledger-editor-group", map[string][]string{"ledgers": {"get", "delete"}})
	s.NewGroup(t, admin, "machine-editor-group", map[string][]string{"ledgers": {"get", "delete"}})
	s.NewUser(t, admin, "vera", "ledger-viewer-group")
	return s, clientID, clientSecret
}

// raw returns the token that a request is sent with.
func raw(as servertest.With) string {
	r := &http.Request{Header: http.Header{}}
	as(r)
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func of(t *testing.T, s *servertest.Server, change ...func(*client.Config)) *client.Client {
	t.Helper()
	return newClient(t, client.Config{Issuer: s.Issuer, AnyAudience: true, Product: "ledger", Now: s.Clock.Now}, change...)
}

func TestDecisionsOfARealServer(t *testing.T) {
	t.Parallel()
	s, id, secret := ledger(t)
	c := of(t, s)
	tests := []struct {
		name             string
		as               servertest.With
		resource, action string
		want             bool
	}{
		{"a viewer gets", s.ActAs(t, "vera", servertest.NewPassword), "ledgers", "get", true},
		{"a viewer deletes", s.ActAs(t, "vera", servertest.NewPassword), "ledgers", "delete", false},
		{"a viewer gets something else", s.ActAs(t, "vera", servertest.NewPassword), "accounts", "get", false},
		{"the product's application deletes", s.ActAsApplication(t, id, secret), "ledgers", "delete", true},
		{"another product's application gets", s.ActAsApplication(t, s.MachineID, s.MachineSecret), "ledgers", "get", false},
	}
	for _, tt := range tests {
		if got, err := c.Allowed(t.Context(), raw(tt.as), tt.resource, tt.action); got != tt.want || err != nil {
			t.Errorf("%s: Allowed = %t, %v; want %t", tt.name, got, err, tt.want)
		}
	}
}

func TestTokensOfARealServer(t *testing.T) {
	t.Parallel()
	s, id, secret := ledger(t)
	c := of(t, s, func(c *client.Config) { c.AnyAudience, c.Audience = false, []string{id} })
	token, err := c.Verify(t.Context(), raw(s.ActAsApplication(t, id, secret)))
	if err != nil || token.Subject != id || token.ClientID != id || !token.Application || token.Name != "ledger" || token.ExpiresAt.Sub(token.IssuedAt) != time.Hour {
		t.Errorf("a token of an application: %+v, %v", token, err)
	}
	if _, err := c.Verify(t.Context(), raw(s.ActAs(t, "vera", servertest.NewPassword))); !errors.Is(err, client.ErrTokenInvalid) {
		t.Errorf("a token for another audience: %v, want ErrTokenInvalid", err)
	}

	signIn := s.Form(t, "/oauth2/token", url.Values{
		"grant_type": {"password"}, "username": {"vera"}, "password": {servertest.NewPassword}, "scope": {"openid groups"},
	})
	anybody := of(t, s)
	token, err = anybody.Verify(t.Context(), signIn.Text("access_token"))
	if err != nil || token.Name != "vera" || token.Application || token.SessionID == "" || len(token.Groups) != 1 || !token.HasScope("groups") {
		t.Errorf("a token of a user: %+v, %v", token, err)
	}
	if _, err := anybody.Verify(t.Context(), signIn.Text("id_token")); !errors.Is(err, client.ErrTokenInvalid) {
		t.Errorf("an id token: %v, want ErrTokenInvalid", err)
	}
	other := servertest.Start(t, servertest.Options{})
	if _, err := anybody.Verify(t.Context(), raw(other.Admin(t))); !errors.Is(err, client.ErrTokenInvalid) {
		t.Errorf("another issuer's token: %v, want ErrTokenInvalid", err)
	}
	s.Clock.Advance(time.Hour)
	if _, err := anybody.Verify(t.Context(), signIn.Text("access_token")); !errors.Is(err, client.ErrTokenInvalid) {
		t.Errorf("a token that has expired: %v, want ErrTokenInvalid", err)
	}
}

func TestARevokedTokenIsNoticedBySeconds(t *testing.T) {
	t.Parallel()
	s, _, _ := ledger(t)
	c, token := of(t, s), raw(s.ActAs(t, "vera", servertest.NewPassword))
	if allowed, err := c.Allowed(t.Context(), token, "ledgers", "get"); !allowed || err != nil {
		t.Fatalf("Allowed = %t, %v", allowed, err)
	}
	if a := s.Form(t, "/v1/logout", url.Values{"id_token_hint": {token}}); a.Status != http.StatusNoContent {
		t.Fatalf("log out: %d %s", a.Status, a.Body)
	}
	if allowed, err := c.Allowed(t.Context(), token, "ledgers", "get"); !allowed || err != nil {
		t.Errorf("Allowed by the remembered decision = %t, %v", allowed, err)
	}
	s.Clock.Advance(5 * time.Second)
	allowed, err := c.Allowed(t.Context(), token, "ledgers", "get")
	var said *client.Refusal
	if allowed || !errors.Is(err, client.ErrTokenInvalid) || !errors.As(err, &said) || said.Code != "AUT-1003" || said.RequestID == "" {
		t.Errorf("Allowed five seconds later = %t, %v; want AUT-1003 with a request id", allowed, err)
	}
	if _, err := c.Verify(t.Context(), token); err != nil {
		t.Errorf("Verify, which is offline: %v", err)
	}
	w := answered(c.Authorize("ledgers", "get")(name), "Authorization", "Bearer "+token)
	if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), "AUT-1003") {
		t.Errorf("the middleware answers %d %s, want 401 AUT-1003", w.Code, w.Body)
	}
}

func TestALostPermissionIsNoticedBySeconds(t *testing.T) {
	t.Parallel()
	s, _, _ := ledger(t)
	c, token, admin := of(t, s), raw(s.ActAs(t, "vera", servertest.NewPassword)), s.Admin(t)
	if allowed, err := c.Allowed(t.Context(), token, "ledgers", "get"); !allowed || err != nil {
		t.Fatalf("Allowed = %t, %v", allowed, err)
	}
	a := s.JSON(t, http.MethodPatch, "/v1/groups/ledger-viewer-group", map[string]any{"permissions": map[string][]string{"ledgers": {"head"}}}, admin)
	if a.Status != http.StatusOK {
		t.Fatalf("change the group: %d %s", a.Status, a.Body)
	}
	s.Clock.Advance(5 * time.Second)
	if allowed, err := c.Allowed(t.Context(), token, "ledgers", "get"); allowed || err != nil {
		t.Errorf("Allowed five seconds later = %t, %v; want a denial", allowed, err)
	}
}

func TestKeysOfARealServerRotate(t *testing.T) {
	t.Parallel()
	s, id, secret := ledger(t)
	c := of(t, s)
	before := raw(s.ActAsApplication(t, id, secret))
	if _, err := c.Verify(t.Context(), before); err != nil {
		t.Fatalf("Verify: %v", err)
	}
	master, err := keys.NewMaster(servertest.Master)
	if err != nil {
		t.Fatalf("master: %v", err)
	}
	ring, err := keys.Open(t.Context(), keys.Deps{Store: s.Store, Master: master, Now: s.Clock.Now, Log: slog.New(slog.DiscardHandler)}, keys.Config{})
	if err != nil {
		t.Fatalf("keys: %v", err)
	}
	if err := ring.RotateNow(t.Context()); err != nil {
		t.Fatalf("rotate: %v", err)
	}
	header := func(raw string) string { return strings.SplitN(raw, ".", 2)[0] }
	var after string
	passes(t, "a token of the new key", func() bool {
		s.Clock.Advance(time.Second)
		after = raw(s.ActAsApplication(t, id, secret))
		return header(after) != header(before)
	})
	s.Clock.Advance(5 * time.Second)
	for name, raw := range map[string]string{"before": before, "after": after} {
		if _, err := c.Verify(t.Context(), raw); err != nil {
			t.Errorf("a token of the key %s the rotation: %v", name, err)
		}
	}
}
