package main_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	gatehouse "gatehouse/cmd/gatehouse"
)

// commands are all command lines that do something.
var commands = []string{
	"serve", "apply", "config", "healthcheck", "version", "migrate up", "migrate status", "migrate plan", "keys list", "keys rotate",
	"user create", "user list", "user show", "user update", "user delete", "user disable", "user enable", "user reset-password",
	"user sessions", "user end-sessions",
	"group create", "group list", "group show", "group update", "group delete", "group add-member", "group remove-member",
	"product create", "product list", "product show", "product update", "product delete",
	"application create", "application list", "application show", "application update", "application delete", "application disable",
	"application enable", "application rotate-secret",
	"permissions check", "permissions who-can", "permissions list", "permissions diff",
	"explain",
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, line := range append([]string{"", "migrate", "keys", "user", "group", "product", "application", "permissions"}, commands...) {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			help := command{args: append(strings.Fields(line), "--help")}.ok(t)
			contains(t, help, "Examples:\n  ", "Usage:\n  gatehouse")
			long, _, _ := strings.Cut(help, "\nUsage:")
			if len(strings.TrimSpace(long)) < 40 {
				t.Errorf("nearly no description: %q", long)
			}
			for shown := range strings.Lines(help) {
				if n := len([]rune(shown)); n > 160 {
					t.Errorf("%d characters in one line: %s", n, shown)
				}
			}
			if slices.Contains(commands, line) && line != "serve" {
				contains(t, help, "--json")
			}
		})
	}
}

func TestUsageMistakes(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"confg", "user crate", "serve now", "config --nonsense", "user create", "user create a b", "user list --limit x",
		"healthcheck --timeout x", "version 1", "healthcheck --url :",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			out := command{args: strings.Fields(line)}.run(t)
			if out.status != gatehouse.ExitUsage {
				t.Errorf("status %d, want %d", out.status, gatehouse.ExitUsage)
			}
			if !strings.HasPrefix(out.stderr, "gatehouse: ") || out.stdout != "" {
				t.Errorf("stdout %q, stderr %q", out.stdout, out.stderr)
			}
		})
	}
	contains(t, command{args: []string{"confg"}}.run(t).stderr, "Did you mean this?", "config")
	contains(t, command{args: []string{"user", "crate"}}.run(t).stderr, `unknown command "crate" for "gatehouse user"; did you mean create?`)
}

func TestVersion(t *testing.T) {
	t.Parallel()
	var got struct{ Version, Go string }
	command{args: []string{"version"}}.json(t, &got)
	if got.Version == "" || !strings.HasPrefix(got.Go, "go1.") {
		t.Errorf("version %+v", got)
	}
	contains(t, command{args: []string{"version"}}.ok(t), "version", got.Version, got.Go)
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/readyz" {
				status = http.StatusNotFound
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	ready, unready := answer(200, `{"status":"ready"}`), answer(503, `{"checks":{"database":"failed"}}`)
	listen := func(url string) string { return strings.TrimPrefix(url, "http://") }
	tests := []struct {
		name    string
		args    []string
		environ []string
		status  int
		want    string
	}{
		{"ready", []string{"--url", ready}, nil, gatehouse.ExitOK, "ready\n"},
		{"ready, with a slash", []string{"--url", ready + "/"}, nil, gatehouse.ExitOK, "ready\n"},
		{"ready, as JSON", []string{"--url", ready, "--json"}, nil, gatehouse.ExitOK, `{"status":"ready"}`},
		{"where listen says", nil, []string{"GATEHOUSE_LISTEN=" + listen(ready)}, gatehouse.ExitOK, "ready\n"},
		{"listening everywhere", nil, []string{"GATEHOUSE_LISTEN=0.0.0.0:" + listen(ready)[strings.LastIndex(listen(ready), ":")+1:]}, gatehouse.ExitOK, "ready\n"},
		{"past a proxy", []string{"--url", ready}, []string{"HTTP_PROXY=http://127.0.0.1:1"}, gatehouse.ExitOK, "ready\n"},
		{"not ready", []string{"--url", unready}, nil, gatehouse.ExitFailed, `not ready: 503 Service Unavailable {"checks":{"database":"failed"}}`},
		{"nobody there", []string{"--url", "http://127.0.0.1:1"}, nil, gatehouse.ExitFailed, "connection refused"},
		{"wrong configuration", nil, []string{"GATEHOUSE_LISTEN=x"}, gatehouse.ExitUsage, "listen (env GATEHOUSE_LISTEN)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := command{args: append([]string{"healthcheck"}, tt.args...), environ: tt.environ}.run(t)
			if out.status != tt.status {
				t.Errorf("status %d, want %d", out.status, tt.status)
			}
			contains(t, out.stdout+out.stderr, tt.want)
		})
	}
}
