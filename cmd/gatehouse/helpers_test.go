package main_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gatehouse "gatehouse/cmd/gatehouse"
)

// outcome is what a command line did.
type outcome struct {
	status         int
	stdout, stderr string
}

// command is a command line and the world around it.
type command struct {
	args    []string
	environ []string
	stdin   string
}

// run carries out a command line.
func (c command) run(t *testing.T) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := gatehouse.Run(t.Context(), c.args, c.environ, strings.NewReader(c.stdin), &stdout, &stderr)
	return outcome{status, stdout.String(), stderr.String()}
}

// ok runs a command line that must succeed, and returns what it printed.
func (c command) ok(t *testing.T) string {
	t.Helper()
	out := c.run(t)
	if out.status != gatehouse.ExitOK {
		t.Fatalf("gatehouse %s: status %d\n%s%s", strings.Join(c.args, " "), out.status, out.stdout, out.stderr)
	}
	return out.stdout
}

// json runs a command line that must succeed, and decodes the JSON it printed.
func (c command) json(t *testing.T, v any) {
	t.Helper()
	c.args = append(c.args, "--json")
	printed := c.ok(t)
	if err := json.Unmarshal([]byte(printed), v); err != nil {
		t.Fatalf("gatehouse %s: %v in\n%s", strings.Join(c.args, " "), err, printed)
	}
}

// write writes a file of its own for the test, and returns its path.
func write(t *testing.T, name, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
	return path
}

// contains checks that text holds each of the parts.
func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
}

// lacks checks that text holds none of the parts.
func lacks(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(text, part) {
			t.Errorf("%q is in\n%s", part, text)
		}
	}
}

// secret is a master secret for tests.
const secret = "a master secret that only tests may use"
