package main_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tour is what a newcomer pastes from the README, in order, into one shell.
func tour(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	section := regexp.MustCompile(`(?s)## A tour in five minutes\n(.*?)\n## `).FindStringSubmatch(string(content))
	if section == nil {
		t.Fatal("the README has no tour")
	}
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(section[1], -1)
	var lines strings.Builder
	for _, block := range blocks {
		lines.WriteString(block[1])
	}
	return lines.String()
}

// The README's tour works as it is printed, against a first start with --dev:
// every request is answered as it says, every command succeeds.
func TestReadmeTour(t *testing.T) {
	t.Parallel()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := serve(t, nil, "--dev", "--data-dir", filepath.Join(dir, "data"))
	at := strings.NewReplacer("http://localhost:4000", "http://"+s.address, "go run ./cmd/gatehouse", program)

	// Each status that curl gets is written down; it must not be left out by -s.
	const wrapper = `curl() { command curl -w '%{stderr}%{http_code}\n' "$@" 2>>statuses; }
`
	shell := exec.Command("sh", "-e", "-u", "-c", wrapper+at.Replace(tour(t)))
	shell.Dir = dir
	shell.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "GATEHOUSE_") })
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	contains(t, string(out),
		`"name":"billing"`, `"permissions":{"invoices":["get","post"]}`, `"groups":["billing-clerks"]`,
		`"preferredUsername":"grace"`, `{"authorized":true,"timestamp":`, `"missing":"none of its groups permits \"invoices:delete\": billing-clerks"`, `"active":true`, `"code":"IDE-2001"`, `"requestId":"tour-1"`, "GET /v1/users was refused: 403 IDE-2001",
		"admin is in group billing-clerks", "grace@example.com", "client secret", "disabled")

	statuses, err := os.ReadFile(filepath.Join(dir, "statuses"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"200", "201", "201", "201", "201", "200", "200", "200", "200", "200", "200", "403", "200"}
	if got := strings.Fields(string(statuses)); !slices.Equal(got, want) {
		t.Errorf("statuses %v, want %v\n%s", got, want, out)
	}
	for _, page := range []string{"/docs", "/errors", "/openapi.yaml"} {
		response, err := http.Get("http://" + s.address + page)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", page, response.Status)
		}
	}
}
