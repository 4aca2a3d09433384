package clients_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// A relying party here is an application that was written with somebody's library.
// It has the same addresses whatever the library:
//
//	/            begins a sign-in
//	/callback    ends it, and shows what is known of the person, as JSON
//	/refresh     shows the same after a refresh
//	/logout      signs out at Gatehouse
//	/bye         is where people come back to
//	/told        lists the sessions whose end it was told of
//	/backchannel is where it is told

// introduced is what a relying party shows of who has signed in: claims of the id
// token and of userinfo, by the names of OpenID Connect Core §5.1.
type introduced struct {
	Subject  string `json:"sub"`
	Session  string `json:"sid"`
	Username string `json:"preferred_username"`
	Email    string `json:"email"`
}

// newParty makes an application of the relying party at an address.
func (s *server) newParty(t *testing.T, base string, args ...string) application {
	t.Helper()
	return s.newApplication(t, "dev", append([]string{
		"--description", "Relying party", "--grant", "authorization_code,refresh_token", "--redirect-uri", base + "/callback",
		"--post-logout-redirect-uri", base + "/bye", "--backchannel-logout-uri", base + "/backchannel",
	}, args...)...)
}

// newClientKey makes the key by which an application proves itself, "a-key", and a file
// with its public half.
func newClientKey(t *testing.T) (file string, private *ecdsa.PrivateKey) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: private.Public(), KeyID: "a-key", Algorithm: "ES256", Use: "sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(file, set, 0o600); err != nil {
		t.Fatal(err)
	}
	return file, private
}

// serve runs a relying party that is written in Go. make gets the address that it
// is reached at.
func serve(t *testing.T, make func(base string) http.Handler) string {
	t.Helper()
	mux := http.NewServeMux()
	party := httptest.NewServer(mux)
	t.Cleanup(party.Close)
	mux.HandleFunc("GET /bye", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("Bye.")) })
	mux.Handle("/", make(party.URL))
	return party.URL
}

// useParty does with a relying party what people do: they sign in, once for all,
// come back, and sign out.
func useParty(t *testing.T, s *server, base string) {
	t.Helper()
	who := s.admin(t)
	first := signInAt(t, who, base)
	if first.Username != s.Admin.Username || !strings.Contains(first.Email, "@") {
		t.Errorf("signed in: %+v", first)
	}
	if !slices.Contains(who.paths, "/login") {
		t.Errorf("nobody was asked to sign in: %v", who.paths)
	}

	var refreshed introduced
	showsJSON(t, who.visit(t, base+"/refresh"), &refreshed)
	if refreshed != first {
		t.Errorf("refreshed: %+v, want %+v", refreshed, first)
	}

	who.paths = nil
	again := signInAt(t, who, base)
	if slices.Contains(who.paths, "/login") || again.Subject != first.Subject || again.Session == first.Session {
		t.Errorf("signed in again: %+v after %+v, by way of %v", again, first, who.paths)
	}

	if at := who.visit(t, base+"/logout"); !strings.HasPrefix(at.URL.String(), base+"/bye") {
		t.Errorf("signed out: at %s: %d %s", at.URL, at.Status, at.Body)
	}
	told := func() (sessions []string) {
		showsJSON(t, who.visit(t, base+"/told"), &sessions)
		return sessions
	}
	for end := time.Now().Add(15 * time.Second); len(told()) < 2 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
	}
	if got := told(); !slices.Contains(got, first.Session) || !slices.Contains(got, again.Session) {
		t.Errorf("told of the end of %v, want %s and %s", got, first.Session, again.Session)
	}
	if at := who.get(t, base+"/"); at.URL.Path != "/login" {
		t.Errorf("at %s: still signed in", at.URL)
	}
}

// signInAt has somebody sign in at a relying party.
func signInAt(t *testing.T, who *person, base string) (shown introduced) {
	t.Helper()
	at := who.visit(t, base+"/")
	if !strings.HasPrefix(at.URL.String(), base+"/callback") {
		t.Fatalf("at %s: %d %s", at.URL, at.Status, at.Body)
	}
	showsJSON(t, at, &shown)
	return shown
}

func showsJSON(t *testing.T, at page, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(at.Body), into); err != nil || at.Status != http.StatusOK {
		t.Fatalf("at %s: %d %s", at.URL, at.Status, at.Body)
	}
}
