package clientkeys_test

import (
	"crypto"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/identity"
	"gatehouse/server/clientkeys"
	"gatehouse/server/servertest"
)

// pair is a key of an application.
type pair struct {
	alg, kid string
	private  crypto.Signer
}

// newPair makes a key for an algorithm.
func newPair(tb testing.TB, alg, kid string) pair {
	tb.Helper()
	return pair{alg, kid, servertest.NewPrivateKey(tb, alg)}
}

// public is the key as a JWK, with further members.
func (p pair) public(members ...string) map[string]any {
	text, _ := jose.JSONWebKey{Key: p.private.Public(), KeyID: p.kid}.MarshalJSON()
	var jwk map[string]any
	_ = json.Unmarshal(text, &jwk)
	for i := 0; i < len(members); i += 2 {
		jwk[members[i]] = members[i+1]
	}
	return jwk
}

// sign signs something with the header of the key.
func (p pair) sign(tb testing.TB) clientkeys.Signature {
	tb.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(p.alg), Key: p.private}, nil)
	if err != nil {
		tb.Fatalf("signer: %v", err)
	}
	signed, err := signer.Sign([]byte("{}"))
	if err != nil {
		tb.Fatalf("sign: %v", err)
	}
	text, _ := signed.CompactSerialize()
	return clientkeys.Signature{Algorithm: p.alg, KeyID: p.kid, Input: text[:strings.LastIndex(text, ".")], Bytes: signed.Signatures[0].Signature}
}

// jwks is a JWK Set of some keys.
func jwks(keys ...map[string]any) string {
	if keys == nil {
		keys = []map[string]any{}
	}
	text, _ := json.Marshal(map[string]any{"keys": keys})
	return string(text)
}

// site is where an application publishes its keys.
type site struct {
	*httptest.Server
	asked atomic.Int64

	mu     sync.Mutex
	answer http.HandlerFunc
}

// newSite publishes a JWK Set.
func newSite(tb testing.TB, body string) *site {
	tb.Helper()
	s := &site{}
	s.publish(body)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		s.mu.Lock()
		answer := s.answer
		s.mu.Unlock()
		answer(w, r)
	}))
	tb.Cleanup(s.Close)
	return s
}

func (s *site) serve(answer http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// publish has the site answer with a body, under headers of name and value.
func (s *site) publish(body string, headers ...string) {
	s.serve(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		_, _ = w.Write([]byte(body))
	})
}

// fail has the site answer with a status.
func (s *site) fail(status int) {
	s.serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}

// clock is a clock that tests turn.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance turns the clock on by d.
func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fixture is Keys and their clock.
type fixture struct {
	*clientkeys.Keys
	clock *clock
}

func newFixture(tb testing.TB) fixture {
	tb.Helper()
	clock := &clock{now: time.Now()}
	keys, err := clientkeys.New(clientkeys.Deps{Client: &http.Client{}, Now: clock.read, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatalf("New() = %v", err)
	}
	return fixture{keys, clock}
}

func at(uri string) *identity.Application {
	return &identity.Application{ID: "a", ClientID: "c", JWKSURI: uri}
}

func with(set string) *identity.Application {
	return &identity.Application{ID: "a", ClientID: "c", JWKS: set}
}

// verify holds Verify to an error.
func (f fixture) verify(t *testing.T, app *identity.Application, s clientkeys.Signature, want error) {
	t.Helper()
	switch err := f.Verify(t.Context(), app, s); {
	case want == nil && err != nil, want != nil && !is(err, want):
		t.Errorf("Verify() = %v, want %v", err, want)
	}
}
