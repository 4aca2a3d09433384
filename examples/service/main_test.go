package main_test

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gatehouse/server/servertest"
)

// start builds the service and runs it as a process of its own, and returns where it
// listens. It is interrupted when the test ends.
func start(t *testing.T, args ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "service")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	service := exec.Command(program, append(args, "--address", "127.0.0.1:0")...)
	stderr, err := service.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	t.Cleanup(func() {
		if err := service.Process.Signal(os.Interrupt); err != nil {
			t.Errorf("interrupt: %v", err)
		}
		for lines.Scan() {
			if strings.Contains(lines.Text(), "eyJ") {
				t.Errorf("a token was logged: %s", lines.Text())
			}
		}
		if err := service.Wait(); err != nil {
			t.Errorf("the service ends with %v", err)
		}
	})
	for lines.Scan() {
		if found := regexp.MustCompile(`msg=listening url=(\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			return found[1]
		}
	}
	t.Fatal("the service does not listen")
	return ""
}

// send sends a request and returns the status of its answer.
func send(t *testing.T, method, url string, with ...servertest.With) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range with {
		change(r)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

func TestService(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	s.NewApplication(t, "midaz")
	admin := s.Admin(t)
	s.NewGroup(t, admin, "midaz-viewer-group", map[string][]string{"ledgers": {"get"}})
	s.NewGroup(t, admin, "midaz-editor-group", map[string][]string{"ledgers": {"get", "post", "delete"}})
	s.NewUser(t, admin, "vera", "midaz-viewer-group")
	s.NewUser(t, admin, "edith", "midaz-editor-group")
	url := start(t, "--issuer", s.Issuer, "--product", "midaz")
	viewer, editor := s.ActAs(t, "vera", servertest.NewPassword), s.ActAs(t, "edith", servertest.NewPassword)
	steps := []struct {
		name, method, path string
		as                 []servertest.With
		want               int
	}{
		{"nobody gets", "GET", "/ledgers", nil, 401},
		{"a forger gets", "GET", "/ledgers", []servertest.With{servertest.Bearer("x")}, 401},
		{"a viewer gets", "GET", "/ledgers", []servertest.With{viewer}, 200},
		{"a viewer posts", "POST", "/ledgers", []servertest.With{viewer}, 403},
		{"an editor posts", "POST", "/ledgers", []servertest.With{editor}, 201},
		{"a viewer deletes", "DELETE", "/ledgers/1", []servertest.With{viewer}, 403},
		{"an editor deletes", "DELETE", "/ledgers/1", []servertest.With{editor}, 204},
		{"an editor deletes again", "DELETE", "/ledgers/1", []servertest.With{editor}, 404},
		{"an administrator of the server gets", "GET", "/ledgers", []servertest.With{admin}, 403},
	}
	for _, step := range steps {
		if got := send(t, step.method, url+step.path, step.as...); got != step.want {
			t.Errorf("%s: %d, want %d", step.name, got, step.want)
		}
	}
}
