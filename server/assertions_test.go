package server_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/identity"
	"gatehouse/server"
	"gatehouse/server/outbound"
	"gatehouse/server/servertest"
	"gatehouse/storage/storagetest"
)

// jwtBearer is the client_assertion_type of RFC 7523 §2.2.
const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// pair is a key that an application signs with.
type pair struct {
	alg, kid string
	private  crypto.Signer
}

func newPair(tb testing.TB, alg, kid string) pair {
	tb.Helper()
	return pair{alg, kid, servertest.NewPrivateKey(tb, alg)}
}

// jwks is a JWK Set of the public halves of some keys.
func jwks(tb testing.TB, keys ...pair) string {
	tb.Helper()
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.private.Public(), KeyID: k.kid, Use: "sig", Algorithm: k.alg})
	}
	text, err := json.Marshal(set)
	if err != nil {
		tb.Fatalf("encode keys: %v", err)
	}
	return string(text)
}

func part(text []byte) string { return base64.RawURLEncoding.EncodeToString(text) }

// jws signs a payload under a header, whatever either looks like.
func (p pair) jws(tb testing.TB, header, payload string) string {
	tb.Helper()
	input := part([]byte(header)) + "." + part([]byte(payload))
	digest := sha256.Sum256([]byte(input))
	var signature []byte
	var err error
	switch key := p.private.(type) {
	case *rsa.PrivateKey:
		if signature, err = rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:]); p.alg == "PS256" {
			signature, err = rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		}
	case *ecdsa.PrivateKey:
		r, s, errSign := ecdsa.Sign(rand.Reader, key, digest[:])
		if err = errSign; err == nil {
			signature = make([]byte, 64)
			r.FillBytes(signature[:32])
			s.FillBytes(signature[32:])
		}
	case ed25519.PrivateKey:
		signature = ed25519.Sign(key, []byte(input))
	}
	if err != nil {
		tb.Fatalf("sign: %v", err)
	}
	return input + "." + part(signature)
}

// signer is an application with a key, on a server.
type signer struct {
	pair
	s     *servertest.Server
	id    string
	count *atomic.Int64
}

// newSigner registers an application that authenticates by its key.
func newSigner(tb testing.TB, s *servertest.Server, alg string, change ...func(*identity.Application)) signer {
	tb.Helper()
	p := newPair(tb, alg, "key-"+alg)
	change = append([]func(*identity.Application){func(a *identity.Application) { a.JWKS = jwks(tb, p) }, byKey}, change...)
	id, _ := s.NewApplication(tb, "signer", change...)
	return signer{p, s, id, new(atomic.Int64)}
}

// byKey has an application authenticate by private_key_jwt.
func byKey(a *identity.Application) { a.TokenEndpointAuthMethod = identity.AuthPrivateKeyJWT }

// publishedAt has an application's keys be at an address.
func publishedAt(address string) func(*identity.Application) {
	return func(a *identity.Application) { a.JWKS, a.JWKSURI = "", address }
}

// members are what an assertion's header or claims hold; nil leaves one out.
type members map[string]any

func (m members) with(changes members) string {
	for name, value := range changes {
		if m[name] = value; value == nil {
			delete(m, name)
		}
	}
	text, _ := json.Marshal(m)
	return string(text)
}

func (g signer) header(changes members) string {
	return members{"alg": g.alg, "kid": g.kid, "typ": "JWT"}.with(changes)
}

// claims are those of a good assertion, with a jti of its own, but for the changes.
func (g signer) claims(changes members) string {
	now := g.s.Clock.Now().Unix()
	return members{
		"iss": g.id, "sub": g.id, "aud": g.s.Issuer, "iat": now, "exp": now + 60,
		"jti": "jti-" + g.id + "-" + time.Duration(g.count.Add(1)).String(),
	}.with(changes)
}

func (g signer) assertion(tb testing.TB, changes members) string {
	tb.Helper()
	return g.jws(tb, g.header(nil), g.claims(changes))
}

// shown is a form in which an assertion authenticates, with further pairs of name and value.
func shown(assertion string, pairs ...string) url.Values {
	form := url.Values{"client_assertion_type": {jwtBearer}, "client_assertion": {assertion}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// token asks for a token of the application's own.
func (g signer) token(t testing.TB, assertion string, pairs ...string) servertest.Answer {
	t.Helper()
	return g.s.Form(t, tokenPath, shown(assertion, append([]string{"grant_type", "client_credentials"}, pairs...)...))
}

// reachLoopback lets a server ask addresses on this machine.
func reachLoopback(c *server.Config) {
	c.Outbound = outbound.Config{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
}

// trustLoopback has a server believe what this machine says of addresses.
func trustLoopback(c *server.Config) {
	c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}

// eachConfigured runs a test on every database, on a server with a configuration.
func eachConfigured(t *testing.T, config func(*server.Config), run func(t *testing.T, s *servertest.Server)) {
	t.Helper()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			run(t, servertest.Start(t, servertest.Options{DSN: db.DSN(t), Config: config}))
		})
	}
}

// site is where an application publishes its keys.
type site struct {
	*httptest.Server
	asked atomic.Int64

	mu   sync.Mutex
	keys string
}

func newSite(tb testing.TB, keys string) *site {
	tb.Helper()
	s := &site{keys: keys}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.asked.Add(1)
		s.mu.Lock()
		defer s.mu.Unlock()
		_, _ = w.Write([]byte(s.keys))
	}))
	tb.Cleanup(s.Close)
	return s
}

func (s *site) publish(keys string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = keys
}

// newDoor sends whoever asks it on to another address.
func newDoor(tb testing.TB, to string) string {
	tb.Helper()
	s := httptest.NewServer(http.RedirectHandler(to, http.StatusFound))
	tb.Cleanup(s.Close)
	return s.URL
}
