package clients_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// server is a running gatehouse with the credentials that it made up.
type server struct {
	Issuer string `json:"issuer"`
	Admin  struct {
		Username string `json:"username"`
		Password string `json:"password"`
	} `json:"admin"`
	Application application `json:"application"`

	dir string
}

type application struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
}

// binary builds the server once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gatehouse-clients-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "gatehouse")
	build := exec.Command("go", "build", "-trimpath", "-o", path, "./cmd/gatehouse") // as `make build` does
	build.Dir = filepath.Join("..", "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// start runs `gatehouse serve --dev` on a port of its own until the test ends,
// and fails the test if the server does not stop in peace.
func start(t *testing.T, args ...string) *server {
	t.Helper()
	s := &server{dir: t.TempDir()}
	var log bytes.Buffer
	cmd := command(t, append([]string{"serve", "--dev", "--listen", "127.0.0.1:0", "--data-dir", s.dir}, args...)...)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
		if t.Failed() {
			t.Log(log.String())
		}
	})
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end) && len(ended) == 0; time.Sleep(20 * time.Millisecond) {
		if s.readCredentials() && answers(s.Issuer+"/readyz") {
			return s
		}
	}
	t.Fatal("serve is not ready")
	return nil
}

// readCredentials reads what the server made up, once it has: the address that
// the system chose for it, too.
func (s *server) readCredentials() bool {
	written, err := os.ReadFile(filepath.Join(s.dir, "dev-credentials.json"))
	return err == nil && json.Unmarshal(written, s) == nil
}

func answers(url string) bool {
	res, err := http.Get(url)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	// A variable that begins with GATEHOUSE_ is a setting or a mistake.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "GATEHOUSE_")
	})
	return cmd
}

// createApplication adds an application that may use the password grant.
func (s *server) createApplication(t *testing.T, idTokenAlg string) application {
	t.Helper()
	return s.newApplication(t, "dev", "--description", "clients-"+idTokenAlg, "--grant", "password,refresh_token", "--id-token-alg", idTokenAlg)
}

// newApplication adds an application of a product.
func (s *server) newApplication(t *testing.T, product string, args ...string) application {
	t.Helper()
	var app application
	if err := json.Unmarshal(s.run(t, "", append([]string{"application", "create", product, "--json"}, args...)...), &app); err != nil {
		t.Fatal(err)
	}
	return app
}

// run runs a command on the server's database, and returns what it printed.
func (s *server) run(t *testing.T, stdin string, args ...string) []byte {
	t.Helper()
	cmd := command(t, append(args, "--data-dir", s.dir)...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return out
}
