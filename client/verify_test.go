package client_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/client"
)

func TestVerifyReadsTheToken(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	raw := is.token(t, func(c object) { c["groups"] = []string{"midaz-viewer-group"} })
	got, err := is.client(t).Verify(t.Context(), raw)
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	want := &client.Token{
		ID: "j1", Subject: "0199a1b2-0000-7000-8000-000000000001", ClientID: "midaz-console", Audience: []string{"midaz-console"},
		Scopes: []string{"openid", "profile"}, Name: "vera", DisplayName: "Vera Rubin", SessionID: "s1",
		Groups: []string{"midaz-viewer-group"}, Own: true, IssuedAt: is.clock.Now(), ExpiresAt: is.clock.Now().Add(time.Hour),
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(client.Token{})); diff != "" {
		t.Errorf("Verify (-want +got):\n%s", diff)
	}
	if !got.HasScope("openid") || got.HasScope("open") {
		t.Errorf("HasScope: openid %t, open %t; want true, false", got.HasScope("openid"), got.HasScope("open"))
	}
}

func TestVerifyTime(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		exp, nbf time.Duration // from now
		iat      time.Duration
		sound    bool
	}{
		{"in its time", time.Hour, 0, 0, true},
		{"its last second", time.Second, 0, 0, true},
		{"just expired", 0, 0, 0, false},
		{"nbf a little ahead", time.Hour, 30 * time.Second, 0, true},
		{"nbf far ahead", time.Hour, 31 * time.Second, 0, false},
		{"iat a little ahead", time.Hour, 0, 30 * time.Second, true},
		{"iat far ahead", time.Hour, 0, 31 * time.Second, false},
	}
	is := newIssuer(t)
	c := is.client(t)
	for _, tt := range tests {
		raw := is.token(t, func(o object) {
			now := is.clock.Now()
			o["exp"], o["nbf"], o["iat"] = now.Add(tt.exp).Unix(), now.Add(tt.nbf).Unix(), now.Add(tt.iat).Unix()
		})
		_, err := c.Verify(t.Context(), raw)
		if tt.sound && err != nil || !tt.sound && !errors.Is(err, client.ErrTokenInvalid) {
			t.Errorf("%s: Verify = %v, want sound: %t", tt.name, err, tt.sound)
		}
	}
}

func TestVerifyAudience(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		aud   any
		sound bool
	}{
		{"the one", []string{"ledger"}, true},
		{"as a text", "ledger", true},
		{"the other", []string{"reports"}, true},
		{"among others", []string{"console", "ledger"}, true},
		{"another", []string{"console"}, false},
		{"its beginning", []string{"led"}, false},
		{"another case", "Ledger", false},
		{"none", []string{}, false},
		{"empty", "", false},
		{"null", nil, false},
		{"a number", 7, false},
	}
	is := newIssuer(t)
	c := newClient(t, client.Config{Issuer: is.URL, Audience: []string{"ledger", "reports"}, Now: is.clock.Now})
	for _, tt := range tests {
		_, err := c.Verify(t.Context(), is.token(t, func(o object) { o["aud"] = tt.aud }))
		if tt.sound && err != nil || !tt.sound && !errors.Is(err, client.ErrTokenInvalid) {
			t.Errorf("%s: Verify = %v, want sound: %t", tt.name, err, tt.sound)
		}
	}
}

func TestVerifyRemembersUntilExpiry(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	c, raw := is.client(t), is.token(t)
	first, err := c.Verify(t.Context(), raw)
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	second, err := c.Verify(t.Context(), raw)
	if err != nil || first != second {
		t.Errorf("the second Verify = %p, %v; want %p", second, err, first)
	}
	is.clock.Advance(time.Hour)
	if _, err := c.Verify(t.Context(), raw); !errors.Is(err, client.ErrTokenInvalid) {
		t.Errorf("Verify after its time = %v, want ErrTokenInvalid", err)
	}
}

func TestVerifyForgetsWhatIsTooMuch(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	c := is.client(t, func(c *client.Config) { c.Remember = 2 })
	raws := []string{is.token(t), is.token(t), is.token(t), is.token(t)}
	first, err := c.Verify(t.Context(), raws[0])
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	for _, raw := range raws[1:] {
		if _, err := c.Verify(t.Context(), raw); err != nil {
			t.Fatalf("Verify: %v", err)
		}
	}
	if again, err := c.Verify(t.Context(), raws[0]); err != nil || again == first {
		t.Errorf("Verify = %v, remembered: %t; want it verified anew", err, again == first)
	}
}
