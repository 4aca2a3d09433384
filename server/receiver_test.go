package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/identity"
	"gatehouse/server"
	"gatehouse/server/servertest"
	"gatehouse/storage/storagetest"
)

// receiver is where an application takes logout tokens.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	tokens []string
	status []int // of the next answers; 204 afterwards
}

func newReceiver(t *testing.T, status ...int) *receiver {
	t.Helper()
	r := &receiver{status: status}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

// ServeHTTP takes a logout token.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	token := request.PostFormValue("logout_token")
	if request.Method != http.MethodPost || request.Header.Get("Content-Type") != "application/x-www-form-urlencoded" || len(request.PostForm) != 1 {
		token = "" // is missed by who waits for it
	}
	r.tokens = append(r.tokens, token)
	status := http.StatusNoContent
	if len(r.status) > 0 {
		status, r.status = r.status[0], r.status[1:]
	}
	w.Header().Set("Location", r.URL+"/elsewhere")
	w.WriteHeader(status)
}

// got is what has arrived so far.
func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.tokens)
}

// wait waits until so many tokens have arrived, and returns all.
func (r *receiver) wait(t *testing.T, s *servertest.Server, n int) []string {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); len(r.got()) < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d logout tokens have arrived, want %d; log:\n%s", len(r.got()), n, s.Log)
		}
	}
	return r.got()
}

// told checks that the only token that has arrived since is of the end of a
// session.
func (r *receiver) told(t *testing.T, s *servertest.Server, p party, sid string) {
	t.Helper()
	tokens := r.wait(t, s, 1)
	if len(tokens) != 1 {
		t.Errorf("%d logout tokens, want one", len(tokens))
	}
	claims := logoutClaims(t, s, tokens[0])
	if claims["sid"] != sid || claims["aud"] != p.id {
		t.Errorf("the token is of session %v for %v, want %s for %s", claims["sid"], claims["aud"], sid, p.id)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tokens = nil
}

// logoutClaims checks the signature of a logout token, and returns what it says.
func logoutClaims(t *testing.T, s *servertest.Server, token string) map[string]any {
	t.Helper()
	return signedClaims(t, s, token, "logout+jwt")
}

// signedClaims checks the signature of a token of some type, and returns what it says.
func signedClaims(t *testing.T, s *servertest.Server, token, typ string) map[string]any {
	t.Helper()
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256})
	if err != nil {
		t.Fatalf("token %q: %v", token, err)
	}
	var keys jose.JSONWebKeySet
	if err := json.Unmarshal(s.Get(t, "/oauth2/jwks").Body, &keys); err != nil {
		t.Fatal(err)
	}
	header := signed.Signatures[0].Protected
	known := keys.Key(header.KeyID)
	if len(known) != 1 || header.ExtraHeaders["typ"] != typ {
		t.Fatalf("header of the token: %+v", header)
	}
	payload, err := signed.Verify(known[0])
	if err != nil {
		t.Fatalf("signature: %v", err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// eachNear is servertest.EachDatabase with a server that reaches applications on
// this machine.
func eachNear(t *testing.T, run func(t *testing.T, s *servertest.Server)) {
	t.Helper()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			run(t, servertest.Start(t, servertest.Options{DSN: db.DSN(t), Config: near}))
		})
	}
}

func near(c *server.Config) {
	c.Outbound.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}

// told has an application be told of the end of sessions.
func told(r *receiver) func(*identity.Application) {
	return func(a *identity.Application) { a.BackchannelLogoutURI = r.URL }
}

// tokens are those that the application gets for who is signed in in a browser.
func (p party) tokens(t *testing.T, b *servertest.Browser, pairs ...string) servertest.Answer {
	t.Helper()
	v := b.Get(t, address(p.request(pairs...)))
	if v.Given.Get("code") == "" {
		t.Fatalf("no code: %d %s %s", v.Status, v.URL, v.Body)
	}
	a := p.exchange(t, v.Given.Get("code"))
	want(t, a, http.StatusOK, "")
	return a
}

// alive says whether a session has not ended.
func (p party) alive(t *testing.T, tokens servertest.Answer) bool {
	t.Helper()
	a := p.s.Form(t, introspectAt, url.Values{"token": {tokens.Text("access_token")}}, servertest.Basic(p.id, p.secret))
	want(t, a, http.StatusOK, "")
	return a.JSON["active"] == true
}

// sid is the session of tokens.
func sid(t *testing.T, tokens servertest.Answer) string {
	t.Helper()
	id, _ := decode(t, tokens.Text("id_token"))["sid"].(string)
	return id
}
