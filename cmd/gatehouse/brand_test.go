package main_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	gatehouse "gatehouse/cmd/gatehouse"
)

const aLogo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1z"/></svg>`

func TestServeOwnPages(t *testing.T) {
	t.Parallel()
	logo, css := write(t, "logo.svg", aLogo, 0o644), write(t, "own.css", ":root{--accent:#0a4b8f}", 0o644)
	s := serve(t, []string{"GATEHOUSE_PAGES_NAME=Acme & Co.", "GATEHOUSE_PAGES_LOGO=" + logo, "GATEHOUSE_PAGES_CSS=" + css},
		"--dev", "--data-dir", t.TempDir())
	_, page := s.page(t, "/login")
	contains(t, page, "– Acme &amp; Co.</title>", `alt="Acme &amp; Co."`)
	for link, content := range map[string]string{
		regexp.MustCompile(`/assets/logo\.[0-9a-f]+\.svg`).FindString(page):  aLogo,
		regexp.MustCompile(`/assets/brand\.[0-9a-f]+\.css`).FindString(page): ":root{--accent:#0a4b8f}",
	} {
		header, body := s.page(t, link)
		if body != content {
			t.Errorf("%s: %q, want %q", link, body, content)
		}
		if policy := header.Get("Content-Security-Policy"); strings.HasSuffix(link, ".svg") && !strings.Contains(policy, "sandbox") {
			t.Errorf("%s is sent with %q", link, policy)
		}
	}
	if status := s.stop(t); status != 0 {
		t.Errorf("status %d", status)
	}
}

// page gets what a browser gets at a path.
func (s *server) page(t *testing.T, path string) (http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Header, string(body)
}

func TestBrandThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing.svg")
	for _, tt := range []struct{ name, variable, problem string }{
		{"no file", "PAGES_LOGO=" + missing, "pages.logo (env GATEHOUSE_PAGES_LOGO): open " + missing + ": no such file"},
		{"a directory", "PAGES_LOGO=" + t.TempDir(), "is a directory"},
		{"an empty file", "PAGES_LOGO=" + write(t, "logo.svg", "", 0o644), "logo.svg is empty"},
		{"no image", "PAGES_LOGO=" + write(t, "logo.svg", "<html>", 0o644), "logo.svg: logo must be an SVG, PNG, JPEG or WebP image"},
		{"a large image", "PAGES_LOGO=" + write(t, "logo.svg", aLogo+strings.Repeat(" ", 129<<10), 0o644), "at most 128 KiB"},
		{"what is no file", "PAGES_CSS=" + os.DevNull, "is empty"},
		{"a large style sheet", "PAGES_CSS=" + write(t, "own.css", strings.Repeat("a", 33<<10), 0o644), "own.css: CSS must be of at most 32 KiB"},
		{"a style sheet that ends", "PAGES_CSS=" + write(t, "own.css", "</style>", 0o644), "must not contain </"},
		{"a long name", "PAGES_NAME=" + strings.Repeat("a", 61), "pages.name: name must be plain text of at most 60 characters"},
		{"a name that turns around", "PAGES_NAME=Acme\u202e", "pages.name: name must be plain text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, args := range [][]string{{"config", "--check", "--dev"}, {"serve", "--dev", "--data-dir", t.TempDir(), "--listen", "127.0.0.1:0"}} {
				out := command{args: args, environ: []string{"GATEHOUSE_" + tt.variable}}.run(t)
				if out.status != gatehouse.ExitUsage {
					t.Errorf("%s: status %d, want %d", args[0], out.status, gatehouse.ExitUsage)
				}
				contains(t, out.stderr, tt.problem)
			}
		})
	}
}

// Commands that show no page do not need the files.
func TestCommandsDoWithoutTheBrand(t *testing.T) {
	t.Parallel()
	command{args: []string{"config"}, environ: []string{"GATEHOUSE_PAGES_LOGO=/nowhere"}}.ok(t)
}

func TestHowLongPeopleStaySignedIn(t *testing.T) {
	t.Parallel()
	got := map[string]shown{}
	command{args: []string{"config"}, environ: []string{"GATEHOUSE_SIGN_IN_REMEMBER=0", "GATEHOUSE_SIGN_IN_IDLE=30m"}}.json(t, &got)
	for key, value := range map[string]string{"sign_in.remember": "0", "sign_in.idle": "30m", "sign_in.life": "168h"} {
		if got[key].Value != value {
			t.Errorf("%s = %s, want %s", key, got[key].Value, value)
		}
	}
	out := command{args: []string{"config"}, environ: []string{"GATEHOUSE_SIGN_IN_REMEMBER=10s", "GATEHOUSE_SIGN_IN_LIFE=0"}}.run(t)
	contains(t, out.stderr, "sign_in: remembered life is 10s: it must be between 1m and a year", `sign_in.life (env GATEHOUSE_SIGN_IN_LIFE): "0" is not between 1m and`)
}
