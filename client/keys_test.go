package client_test

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/client"
)

// by signs a token by another key.
func (is *issuer) by(tb testing.TB, key any, kid string) string {
	tb.Helper()
	return sign(tb, jose.ES256, key, object{"kid": kid, "typ": "at+jwt"}, marshal(tb, is.claims()))
}

func TestUnknownKidsAreFetchedAtABoundedRate(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	c := is.client(t)
	if _, err := c.Verify(t.Context(), is.token(t)); err != nil {
		t.Fatalf("Verify: %v", err)
	}
	forger := newKey(t)
	storm := func() {
		var all sync.WaitGroup
		for i := range 200 {
			raw := is.by(t, forger, fmt.Sprintf("forged-%d", i))
			all.Go(func() {
				if _, err := c.Verify(t.Context(), raw); !errors.Is(err, client.ErrTokenInvalid) {
					t.Errorf("Verify = %v, want ErrTokenInvalid", err)
				}
			})
		}
		all.Wait()
	}
	storm()
	if got := is.fetches.Load(); got != 1 {
		t.Errorf("fetches in the first seconds: %d, want the one at the start", got)
	}
	is.clock.Advance(5 * time.Second)
	storm()
	if got := is.fetches.Load(); got != 2 {
		t.Errorf("fetches after five seconds: %d, want one more", got)
	}
	if _, err := c.Verify(t.Context(), is.token(t)); err != nil {
		t.Errorf("a sound token after the storm: %v", err)
	}
}

func TestANewKeyIsFetched(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	c := is.client(t)
	if _, err := c.Verify(t.Context(), is.token(t)); err != nil {
		t.Fatalf("Verify: %v", err)
	}
	next := newKey(t)
	is.publish(t, public(is.key, "k1"), public(next, "k2"))
	is.clock.Advance(5 * time.Second)
	if _, err := c.Verify(t.Context(), is.by(t, next, "k2")); err != nil {
		t.Errorf("a token of the new key: %v", err)
	}
}

func TestAWithdrawnKeyEndsItsTokens(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	c, raw := is.client(t), is.token(t)
	if _, err := c.Verify(t.Context(), raw); err != nil {
		t.Fatalf("Verify: %v", err)
	}
	is.publish(t, public(newKey(t), "k2"))
	is.clock.Advance(5 * time.Minute)
	passes(t, "the token of a withdrawn key is refused", func() bool {
		_, err := c.Verify(t.Context(), raw)
		return errors.Is(err, client.ErrTokenInvalid)
	})
}

func TestKeysAreRefreshedBesideRequests(t *testing.T) {
	t.Parallel()
	tests := []struct {
		cacheControl string
		fresh        time.Duration
	}{
		{"public, max-age=300", 5 * time.Minute},
		{"", 5 * time.Minute},
		{"max-age=0", time.Minute},
		{"no-store", time.Minute},
		{"max-age=86400", 15 * time.Minute},
		{"max-age=x", 5 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.cacheControl, func(t *testing.T) {
			t.Parallel()
			is := newIssuer(t)
			sound := is.jwks.Load().(http.HandlerFunc)
			is.jwks.Store(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sound(renamed{w, tt.cacheControl}, r)
			}))
			c, raw := is.client(t), is.token(t)
			verify := func() {
				t.Helper()
				if _, err := c.Verify(t.Context(), raw); err != nil {
					t.Fatalf("Verify: %v", err)
				}
			}
			verify()
			is.clock.Advance(tt.fresh - time.Second)
			verify()
			if got := is.fetches.Load(); got != 1 {
				t.Fatalf("fetches while they are fresh: %d, want 1", got)
			}
			release := make(chan struct{})
			is.jwks.Store(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				<-release
				sound(w, r)
			}))
			is.clock.Advance(time.Second)
			verify() // which does not wait for the fetch
			passes(t, "a fetch", func() bool { return is.fetches.Load() == 2 })
			close(release)
		})
	}
}

// renamed sets another Cache-Control.
type renamed struct {
	http.ResponseWriter
	cacheControl string
}

func (r renamed) WriteHeader(status int) {
	r.Header().Set("Cache-Control", r.cacheControl)
	r.ResponseWriter.WriteHeader(status)
}

func TestStaleKeysWorkForABoundedTime(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	c := is.client(t)
	long := func(o object) { o["exp"] = is.clock.Now().Add(24 * time.Hour).Unix() }
	raw := is.token(t, long)
	if _, err := c.Verify(t.Context(), raw); err != nil {
		t.Fatalf("Verify: %v", err)
	}
	is.jwks.Store(says(500, "down"))
	is.clock.Advance(5*time.Minute + time.Hour - time.Second)
	for name, raw := range map[string]string{"a token seen before": raw, "a token not seen before": is.token(t, long)} {
		if _, err := c.Verify(t.Context(), raw); err != nil {
			t.Errorf("%s, while keys are stale: %v", name, err)
		}
	}
	passes(t, "the fetch that fails", func() bool { return is.fetches.Load() == 2 })
	is.clock.Advance(time.Second)
	for name, raw := range map[string]string{"a token seen before": raw, "a token not seen before": is.token(t, long)} {
		if _, err := c.Verify(t.Context(), raw); !errors.Is(err, client.ErrUnavailable) {
			t.Errorf("%s, when keys are too old: %v, want ErrUnavailable", name, err)
		}
	}
	is.publish(t, public(is.key, "k1"))
	is.clock.Advance(time.Second)
	if _, err := c.Verify(t.Context(), raw); err != nil {
		t.Errorf("Verify when the server is back: %v", err)
	}
}

func TestAnUnknownKidIsNoVerdictWhileTheServerIsAway(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	c := is.client(t)
	if _, err := c.Verify(t.Context(), is.token(t)); err != nil {
		t.Fatalf("Verify: %v", err)
	}
	is.jwks.Store(says(503, "down"))
	is.clock.Advance(5 * time.Second)
	if _, err := c.Verify(t.Context(), is.by(t, newKey(t), "k2")); !errors.Is(err, client.ErrUnavailable) {
		t.Errorf("Verify = %v, want ErrUnavailable", err)
	}
}

func TestUselessKeysFailClosed(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	raw := is.token(t)
	sound := is.jwks.Load().(http.HandlerFunc)
	discovery := func(issuer, jwks string) http.HandlerFunc {
		return says(200, `{"issuer":"`+issuer+`","jwks_uri":"`+jwks+`"}`)
	}
	elsewhere := newIssuer(t)
	elsewhere.jwks.Store(sound)
	modulus := new(big.Int).Lsh(big.NewInt(1), 1023)
	short := &rsa.PublicKey{N: modulus.SetBit(modulus, 0, 1), E: 65537}
	k1 := marshal(t, public(is.key, "k1"))
	set := func(keys ...string) http.HandlerFunc { return says(200, `{"keys":[`+strings.Join(keys, ",")+`]}`) }
	tests := []struct {
		name      string
		discovery http.HandlerFunc
		jwks      http.HandlerFunc
	}{
		{"another issuer", discovery("https://gatehouse.example.com", is.URL+"/oauth2/jwks"), sound},
		{"an issuer with a slash", discovery(is.URL+"/", is.URL+"/oauth2/jwks"), sound},
		{"keys of another origin", discovery(is.URL, elsewhere.URL+"/oauth2/jwks"), sound},
		{"keys of another scheme", discovery(is.URL, strings.Replace(is.URL, "http", "https", 1)+"/oauth2/jwks"), sound},
		{"an address with a user", discovery(is.URL, strings.Replace(is.URL, "//", "//x@", 1)+"/oauth2/jwks"), sound},
		{"no jwks_uri", says(200, `{"issuer":"`+is.URL+`"}`), sound},
		{"an issuer twice", says(200, `{"issuer":"x","issuer":"`+is.URL+`","jwks_uri":"`+is.URL+`/oauth2/jwks"}`), sound},
		{"garbage", says(200, "<html>"), sound},
		{"unauthorized", says(401, `{"code":"AUT-0006"}`), sound},
		{"a redirect to another origin", says(302, "", "Location", elsewhere.URL+"/.well-known/openid-configuration"), sound},
		{"a redirect of the keys", nil, says(302, "", "Location", elsewhere.URL+"/oauth2/jwks")},
		{"a huge document", says(200, strings.Repeat(" ", 300<<10)+`{}`), sound},
		{"a huge key set", nil, set(k1, `{"kty":"x","x":"`+strings.Repeat("x", 300<<10)+`"}`)},
		{"garbage for keys", nil, says(200, "<html>")},
		{"no keys", nil, set()},
		{"null for keys", nil, says(200, "null")},
		{"two keys of a kid", nil, set(k1, k1)},
		{"a key for encryption", nil, set(strings.Replace(k1, `"sig"`, `"enc"`, 1))},
		{"a key without alg", nil, set(strings.Replace(k1, `"alg":"ES256"`, `"x":""`, 1))},
		{"a key of an alg that is not taken", nil, set(strings.Replace(k1, "ES256", "ES384", 1))},
		{"a secret", nil, set(`{"kty":"oct","kid":"k1","alg":"HS256","k":"AAAA"}`)},
		{"a private key", nil, set(marshal(t, jose.JSONWebKey{Key: is.key, KeyID: "k1", Algorithm: "ES256"}))},
		{"a point that is not on the curve", nil, set(strings.Replace(k1, `"x":"`, `"x":"A`, 1))},
		{"a short RSA key", nil, set(marshal(t, jose.JSONWebKey{Key: short, KeyID: "k1", Algorithm: "RS256"}))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			is.discovery.Store(discovery(is.URL, is.URL+"/oauth2/jwks"))
			if tt.discovery != nil {
				is.discovery.Store(tt.discovery)
			}
			is.jwks.Store(tt.jwks)
			c := is.client(t)
			if _, err := c.Verify(t.Context(), raw); !errors.Is(err, client.ErrUnavailable) || errors.Is(err, client.ErrTokenInvalid) {
				t.Errorf("Verify = %v, want ErrUnavailable", err)
			}
		})
	}
	if got := elsewhere.fetches.Load() + elsewhere.discoveries.Load(); got != 0 {
		t.Errorf("another origin was asked %d times", got)
	}
}

func TestAKeyThatNobodyKnowsIsPassedOver(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	is.jwks.Store(says(200, `{"keys":[{"kty":"ML-DSA","kid":"q1"},{"kty":"OKP","crv":"X9","kid":"x"},`+marshal(t, public(is.key, "k1"))+`]}`))
	if _, err := is.client(t).Verify(t.Context(), is.token(t)); err != nil {
		t.Errorf("Verify: %v", err)
	}
}

func TestAWaitForKeysEndsWithItsContext(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	release, asked := make(chan struct{}), make(chan struct{})
	sound := is.jwks.Load().(http.HandlerFunc)
	is.jwks.Store(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-release
		sound(w, r)
	}))
	c, raw := is.client(t, func(c *client.Config) { c.Timeout = time.Minute }), is.token(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if _, err := c.Verify(ctx, raw); !errors.Is(err, context.Canceled) {
		t.Errorf("Verify = %v, want the end of its context", err)
	}
	close(release)
	if _, err := c.Verify(t.Context(), raw); err != nil {
		t.Errorf("Verify, which joins the fetch that another began: %v", err)
	}
}
