package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	gatehouse "gatehouse/cmd/gatehouse"
	"gatehouse/identity"
)

// output is what a running server has written so far.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// server is `gatehouse serve` in this process, on a port of its own.
type server struct {
	address        string
	stdout, stderr *output

	interrupt func()
	status    chan int
}

var readyLine = regexp.MustCompile(`ready.*?(127\.0\.0\.1:\d+)`)

// serve starts a server, and waits until it is ready.
func serve(t *testing.T, environ []string, args ...string) *server {
	t.Helper()
	s := launch(t, environ, args...)
	s.wait(t)
	return s
}

// launch starts a server. It is stopped when the test ends, unless it was before.
func launch(t *testing.T, environ []string, args ...string) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &server{stdout: &output{}, stderr: &output{}, interrupt: cancel, status: make(chan int, 1)}
	args = append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)
	go func() { s.status <- gatehouse.Run(ctx, args, environ, strings.NewReader(""), s.stdout, s.stderr) }()
	t.Cleanup(func() { s.stop(t) })
	return s
}

// wait waits until the server is ready.
func (s *server) wait(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end) && len(s.status) == 0; time.Sleep(5 * time.Millisecond) {
		if match := readyLine.FindStringSubmatch(s.stderr.String()); match != nil {
			s.address = match[1]
			return
		}
	}
	t.Fatalf("the server is not ready:\n%s%s", s.stdout, s.stderr)
}

// stop interrupts the server and returns its exit status.
func (s *server) stop(t *testing.T) int {
	t.Helper()
	s.interrupt()
	select {
	case status := <-s.status:
		s.status <- status // for whoever asks next
		return status
	case <-time.After(30 * time.Second):
		t.Fatalf("the server does not stop:\n%s", s.stderr)
		return 0
	}
}

// post sends a form and returns the status and the JSON of the answer.
func (s *server) post(t *testing.T, path string, form url.Values) (int, map[string]any) {
	t.Helper()
	response, err := http.PostForm("http://"+s.address+path, form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return response.StatusCode, body
}

// get returns the status of a path.
func (s *server) get(t *testing.T, path, token string) int {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, "http://"+s.address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

func TestServeRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tests := []struct {
		name    string
		args    []string
		environ []string
		status  int
		want    []string
	}{
		{"nothing set", nil, nil, gatehouse.ExitUsage, []string{"master_secret: is not set", "issuer: is not set"}},
		{
			"all of it at once",
			[]string{"--issuer", "http://auth.example.com", "--listen", "x"},
			[]string{"GATEHOUSE_MASTER_SECRET_FILE=" + write(t, "secret", secret, 0o644), "GATEHOUSE_LOG_LEVEL=loud"},
			gatehouse.ExitUsage,
			[]string{"issuer (flag --issuer): http://auth.example.com is plain http", "everyone on this machine may read", "listen (flag --listen)", "log.level (env GATEHOUSE_LOG_LEVEL)"},
		},
		{"mistakes with --dev too", []string{"--dev"}, []string{"GATEHOUSE_LOG_LEVEL=loud"}, gatehouse.ExitUsage, []string{"log.level (env GATEHOUSE_LOG_LEVEL)"}},
		{"nobody's network", []string{"--dev", "--listen", "192.0.2.1:4000"}, nil, gatehouse.ExitFailed, []string{"gatehouse: listen: "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			data := filepath.Join(dir, tt.name)
			out := command{args: append([]string{"serve", "--data-dir", data}, tt.args...), environ: tt.environ}.run(t)
			if out.status != tt.status {
				t.Errorf("status %d, want %d", out.status, tt.status)
			}
			contains(t, out.stderr, tt.want...)
			if _, err := os.Stat(data); tt.status == gatehouse.ExitUsage && !os.IsNotExist(err) {
				t.Errorf("something was made in %s (%v)", data, err)
			}
		})
	}
}

// Without --dev nobody is made up: there is the first-party application, and
// whoever an administrator creates.
func TestServeProduction(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		environ := append(a.environ, "GATEHOUSE_ISSUER=http://localhost:4000", "GATEHOUSE_METRICS_LISTEN=127.0.0.1:0")
		s := serve(t, environ)
		if s.stdout.String() != "" {
			t.Errorf("printed %q, want nothing", s.stdout)
		}
		contains(t, s.stderr.String(), `"setting":"issuer"`, `"msg":"ready"`)
		if _, users, err := a.store.Users(t.Context(), identity.UserQuery{Page: identity.Page{Number: 1, Limit: 1}}); err != nil || users != 0 {
			t.Errorf("%d users (%v), want none", users, err)
		}
		app, err := a.store.ApplicationByClientID(t.Context(), identity.FirstPartyClientID)
		if err != nil || !app.BuiltIn || !app.Public || app.IDTokenSignedResponseAlg != "ES256" {
			t.Errorf("first-party application %+v (%v)", app, err)
		}
		if status := s.stop(t); status != gatehouse.ExitOK {
			t.Errorf("status %d, want %d", status, gatehouse.ExitOK)
		}
	})
}

// soon waits until a condition holds that must hold within a second.
func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after a second still not: %s", what)
		}
	}
}

// A running server sees what commands change within a second.
func TestServeSeesCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serve(t, nil, "--dev", "--data-dir", dir)
	beside := func(args ...string) command { return command{args: append(args, "--data-dir", dir)} }
	signIn := func(u user) (int, string) {
		status, answer := s.post(t, "/oauth2/token", url.Values{"grant_type": {"password"}, "username": {u.Username}, "password": {u.Password}, "scope": {"openid"}})
		token, _ := answer["access_token"].(string)
		return status, token
	}
	machine := func(a application) int {
		status, _ := s.post(t, "/oauth2/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret}})
		return status
	}

	var ada user
	beside("group", "create", "staff", "--name", "Staff").ok(t)
	beside(createUser("ada")...).json(t, &ada)
	status, token := signIn(ada)
	if status != http.StatusOK || s.get(t, "/oauth2/userinfo", token) != http.StatusOK {
		t.Fatalf("sign-in of a user just created: %d", status)
	}
	beside("user", "disable", "ada").ok(t)
	soon(t, "the token of a disabled user is dead", func() bool { return s.get(t, "/oauth2/userinfo", token) == http.StatusUnauthorized })
	if status, _ := signIn(ada); status != http.StatusBadRequest {
		t.Errorf("sign-in of a disabled user: %d, want %d", status, http.StatusBadRequest)
	}
	beside("user", "enable", "ada").ok(t)
	var reset user
	beside("user", "reset-password", "ada").json(t, &reset)
	reset.Username = "ada"
	soon(t, "the new password is accepted", func() bool { status, _ := signIn(reset); return status == http.StatusOK })

	var app, rotated application
	beside("product", "create", "billing").ok(t)
	beside(createApplication()...).json(t, &app)
	if status := machine(app); status != http.StatusOK {
		t.Fatalf("token for an application just created: %d", status)
	}
	beside("application", "rotate-secret", app.ClientID).json(t, &rotated)
	soon(t, "the old secret is refused", func() bool { return machine(app) == http.StatusUnauthorized })
	if status := machine(rotated); status != http.StatusOK {
		t.Errorf("the new secret: %d", status)
	}
	beside("application", "disable", app.ClientID).ok(t)
	soon(t, "a disabled application is refused", func() bool { return machine(rotated) == http.StatusUnauthorized })

	var keys []struct{ KID string }
	beside("keys", "rotate", "--alg", "ES256").json(t, &keys)
	soon(t, "a new key is in the JWKS", func() bool {
		response, err := http.Get("http://" + s.address + "/oauth2/jwks")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		jwks, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(jwks), keys[len(keys)-1].KID)
	})
}

func TestServeMetrics(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	taken := command{args: []string{"serve", "--dev", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir()}, environ: []string{"GATEHOUSE_METRICS_LISTEN=" + address}}.run(t)
	if taken.status != gatehouse.ExitFailed {
		t.Errorf("with the address taken: status %d, want %d", taken.status, gatehouse.ExitFailed)
	}
	contains(t, taken.stderr, "gatehouse: metrics.listen: ")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	serve(t, []string{"GATEHOUSE_METRICS_LISTEN=" + address}, "--dev", "--data-dir", t.TempDir())
	response, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(page), `gatehouse_sql_statements_total{kind="write"}`, "gatehouse_build_info", "go_goroutines")
}

// Requests with too large a header are refused before anything reads them.
func TestServeLimitsHeaders(t *testing.T) {
	t.Parallel()
	s := serve(t, []string{"GATEHOUSE_HTTP_HEADER_LIMIT=4KiB"}, "--dev", "--data-dir", t.TempDir())
	if status := s.get(t, "/health", strings.Repeat("x", 16<<10)); status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d, want %d", status, http.StatusRequestHeaderFieldsTooLarge)
	}
}
