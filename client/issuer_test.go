package client_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/client"
	"gatehouse/server/servertest"
)

// issuer is what a server looks like from outside, with everything about it open to
// change: servers that misbehave, and tokens that no server signs.
type issuer struct {
	*httptest.Server
	clock *servertest.Clock
	key   *ecdsa.PrivateKey

	discoveries, fetches, questions atomic.Int64

	discovery, jwks, authorize atomic.Value // http.HandlerFunc
}

func newIssuer(tb testing.TB) *issuer {
	tb.Helper()
	is := &issuer{clock: servertest.NewClock(), key: newKey(tb)}
	mux := http.NewServeMux()
	serve := func(pattern string, count *atomic.Int64, handler *atomic.Value) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			count.Add(1)
			handler.Load().(http.HandlerFunc)(w, r)
		})
	}
	serve("GET /.well-known/openid-configuration", &is.discoveries, &is.discovery)
	serve("GET /oauth2/jwks", &is.fetches, &is.jwks)
	serve("POST /v1/authorize", &is.questions, &is.authorize)
	is.Server = httptest.NewServer(mux)
	tb.Cleanup(is.Close)
	is.discovery.Store(says(200, `{"issuer":"`+is.URL+`","jwks_uri":"`+is.URL+`/oauth2/jwks"}`))
	is.publish(tb, public(is.key, "k1"))
	is.authorize.Store(says(200, `{"authorized":true,"timestamp":"2026-11-22T10:00:00Z"}`))
	return is
}

func newKey(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatalf("new key: %v", err)
	}
	return key
}

// says answers with a status and a body, and headers as pairs.
func says(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func public(key *ecdsa.PrivateKey, kid string) jose.JSONWebKey {
	return jose.JSONWebKey{Key: key.Public(), KeyID: kid, Algorithm: "ES256", Use: "sig"}
}

// publish serves a key set.
func (is *issuer) publish(tb testing.TB, keys ...jose.JSONWebKey) {
	tb.Helper()
	body, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		tb.Fatalf("key set: %v", err)
	}
	is.jwks.Store(says(200, string(body), "Cache-Control", "public, max-age=300"))
}

type object = map[string]any

// claims are those of a user's token, changed by a function.
func (is *issuer) claims(change ...func(object)) object {
	now := is.clock.Now().Unix()
	said := object{
		"iss": is.URL, "sub": "0199a1b2-0000-7000-8000-000000000001", "aud": []string{"midaz-console"}, "jti": "j1",
		"exp": now + 3600, "iat": now, "nbf": now, "client_id": "midaz-console", "scope": "openid profile",
		"type": "normal-user", "name": "vera", "displayName": "Vera Rubin", "sid": "s1", "authority": "own",
	}
	for _, c := range change {
		c(said)
	}
	return said
}

// token signs claims as the server does.
func (is *issuer) token(tb testing.TB, change ...func(object)) string {
	tb.Helper()
	return sign(tb, jose.ES256, is.key, object{"kid": "k1", "typ": "at+jwt"}, marshal(tb, is.claims(change...)))
}

// sign makes a token with any header.
func sign(tb testing.TB, alg jose.SignatureAlgorithm, key any, header object, payload string) string {
	tb.Helper()
	options := &jose.SignerOptions{}
	for name, value := range header {
		options.WithHeader(jose.HeaderKey(name), value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, options)
	if err != nil {
		tb.Fatalf("signer: %v", err)
	}
	signed, err := signer.Sign([]byte(payload))
	if err != nil {
		tb.Fatalf("sign: %v", err)
	}
	raw, err := signed.CompactSerialize()
	if err != nil {
		tb.Fatalf("serialize: %v", err)
	}
	return raw
}

// signText signs a header that is written by hand, with ES256, and the same way
// each time (RFC 6979).
func signText(tb testing.TB, key *ecdsa.PrivateKey, header, payload string) string {
	tb.Helper()
	text := encode(header) + "." + encode(payload)
	hash := sha256.Sum256([]byte(text))
	der, err := key.Sign(nil, hash[:], crypto.SHA256)
	if err != nil {
		tb.Fatalf("sign: %v", err)
	}
	var parts struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &parts); err != nil {
		tb.Fatalf("signature: %v", err)
	}
	signature := make([]byte, 64)
	parts.R.FillBytes(signature[:32])
	parts.S.FillBytes(signature[32:])
	return text + "." + encode(string(signature))
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func marshal(tb testing.TB, value any) string {
	tb.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		tb.Fatalf("marshal: %v", err)
	}
	return string(text)
}

// client returns a client of the issuer that takes any audience.
func (is *issuer) client(tb testing.TB, change ...func(*client.Config)) *client.Client {
	tb.Helper()
	return newClient(tb, client.Config{Issuer: is.URL, AnyAudience: true, Product: "midaz", Now: is.clock.Now}, change...)
}

func newClient(tb testing.TB, config client.Config, change ...func(*client.Config)) *client.Client {
	tb.Helper()
	for _, c := range change {
		c(&config)
	}
	made, err := client.New(config)
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	tb.Cleanup(made.Close)
	return made
}

// passes asks until there is what a goroutine beside the test brings about.
func passes(t *testing.T, what string, there func() bool) {
	t.Helper()
	for range 2000 {
		if there() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("in vain waited for: %s", what)
}
