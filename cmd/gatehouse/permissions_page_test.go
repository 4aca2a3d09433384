package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// varies is what differs between an answer and the one that the page shows.
var varies = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{20}\b`)

// The requests and commands of docs/permissions.md work as they are printed, against a first
// start with the Midaz family, and are answered with what the page says.
func TestPermissionsPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/permissions.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := serve(t, nil, "--dev", "--data-dir", filepath.Join(dir, "data"), "--bootstrap", "../../examples/midaz.yaml")

	var script, shown strings.Builder
	for _, block := range regexp.MustCompile("(?s)```(sh|json|text)\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		if block[1] == "sh" {
			script.WriteString(block[2])
		} else {
			shown.WriteString(block[2])
		}
	}
	shell := exec.Command("sh", "-e", "-u", "-c", strings.ReplaceAll(script.String(), "http://localhost:4000", "http://"+s.address))
	shell.Dir = dir
	shell.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "GATEHOUSE_") })
	shell.Env = append(shell.Env, "PATH="+filepath.Dir(program)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got, want := varies.ReplaceAllString(string(out), "…"), varies.ReplaceAllString(shown.String(), "…"); got != want {
		t.Errorf("the page shows\n%s\nand the answers are\n%s", want, got)
	}
}
