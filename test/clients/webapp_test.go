package clients_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// TestWebapp is the end of the README's tour: the example application, made known to
// Gatehouse by its own file.
func TestWebapp(t *testing.T) {
	t.Parallel()
	s := start(t)
	own := startWebapp(t, s)
	who := s.admin(t)

	shows := func(at page) {
		t.Helper()
		if at.Status != http.StatusOK || !strings.HasPrefix(at.URL.String(), own) || !strings.Contains(at.Body, "<dd>"+s.Admin.Username+"</dd>") {
			t.Fatalf("at %s: %d %s", at.URL, at.Status, at.Body)
		}
	}
	// passed are the pages on the way to the example.
	passed := func(want ...string) {
		t.Helper()
		for _, path := range []string{"/login", "/consent", "/callback"} {
			if slices.Contains(who.paths, path) != slices.Contains(want, path) {
				t.Errorf("by way of %v, want %v", who.paths, want)
			}
		}
		who.paths = nil
	}
	at := who.visit(t, own)
	shows(at)
	passed("/login", "/consent", "/callback")
	at = who.visit(t, own)
	shows(at)
	passed()

	at = who.press(t, at, "/logout") // which leads back to the page, and so to a new sign-in
	shows(at)
	passed("/login", "/callback")

	s.endSessions(t, "7e1f9a3d48620e7a5b0c")
	told := func() bool {
		who.visit(t, own)
		defer func() { who.paths = nil }()
		return slices.Contains(who.paths, "/callback")
	}
	for end := time.Now().Add(15 * time.Second); !told(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the example does not know that its session has ended")
		}
	}
}

// startWebapp makes the example known to the server and runs it, at an address of its own.
func startWebapp(t *testing.T, s *server) (url string) {
	t.Helper()
	address := freeAddress(t)
	folder := filepath.Join("..", "..", "examples", "webapp")
	declared, err := os.ReadFile(filepath.Join(folder, "gatehouse.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "gatehouse.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(declared), "localhost:8080", address)), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(t, "", "apply", file)

	program := filepath.Join(t.TempDir(), "webapp")
	build := exec.Command("go", "build", "-o", program, "./examples/webapp")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	webapp := exec.Command(program, "--issuer", s.Issuer, "--address", address)
	webapp.Stderr = t.Output()
	if err := webapp.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = webapp.Process.Signal(os.Interrupt)
		if err := webapp.Wait(); err != nil {
			t.Errorf("the example ends with %v", err)
		}
	})
	await(t, address)
	return "http://" + address
}

// endSessions has the administrator end their sessions at an application.
func (s *server) endSessions(t *testing.T, clientID string) {
	t.Helper()
	provider, err := oidc.NewProvider(t.Context(), s.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	token := s.signIn(t, provider, s.Application).AccessToken
	send := func(method, path string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), method, s.Issuer+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	listed := send(http.MethodGet, "/v1/sessions")
	defer listed.Body.Close()
	var sessions []struct{ ID, Application string }
	if err := json.NewDecoder(listed.Body).Decode(&sessions); err != nil {
		t.Fatal(err)
	}
	ended := 0
	for _, session := range sessions {
		if session.Application == clientID {
			answer := send(http.MethodDelete, "/v1/sessions/"+session.ID)
			_ = answer.Body.Close()
			ended++
		}
	}
	if ended == 0 {
		t.Fatalf("no session of the application among %+v", sessions)
	}
}
