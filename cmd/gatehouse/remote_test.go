package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	gatehouse "gatehouse/cmd/gatehouse"
)

// answering is a server that gives every request the same answer.
func answering(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func TestServerFlagRefuses(t *testing.T) {
	t.Parallel()
	withToken := []string{"GATEHOUSE_TOKEN=token"}
	private := write(t, "token", "token\n", 0o600)
	tests := []struct {
		name    string
		args    []string
		environ []string
		want    string
	}{
		{"no URL", []string{"--server", "auth.example.com"}, withToken, "--server must be the URL of a server"},
		{"no web address", []string{"--server", "ftp://auth.example.com"}, withToken, "--server must be the URL of a server"},
		{"token in the URL", []string{"--server", "https://token@auth.example.com"}, withToken, "--server must have no user"},
		{"query", []string{"--server", "https://auth.example.com?a=b"}, withToken, "--server must have no user, query"},
		{"plain http", []string{"--server", "http://auth.example.com"}, withToken, "--server is plain http on another machine"},
		{"no token", []string{"--server", "https://auth.example.com"}, nil, "--server needs an access token: in GATEHOUSE_TOKEN"},
		{"no such file", []string{"--server", "https://auth.example.com", "--token-file", "/nowhere/token"}, nil, "--token-file: /nowhere/token cannot be read"},
		{"everyone's file", []string{"--server", "https://auth.example.com", "--token-file", write(t, "token", "token", 0o644)}, nil, "chmod 600"},
		{"empty file", []string{"--server", "https://auth.example.com", "--token-file", write(t, "token", "\n", 0o600)}, nil, "is empty"},
		{"no token in the file", []string{"--server", "https://auth.example.com", "--token-file", write(t, "token", "two words", 0o600)}, nil, "holds characters that no token has"},
		{"database too", []string{"--server", "https://auth.example.com", "--token-file", private, "--data-dir", "data"}, nil, "leave out --data-dir and --config"},
		{"configuration too", []string{"--server", "https://auth.example.com", "--token-file", private, "--config", "gatehouse.yaml"}, nil, "leave out --data-dir and --config"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := command{args: append([]string{"user", "list"}, tt.args...), environ: tt.environ}.run(t)
			if out.status != gatehouse.ExitUsage {
				t.Errorf("status %d, want %d", out.status, gatehouse.ExitUsage)
			}
			contains(t, out.stderr, tt.want)
		})
	}
}

// The token comes from the file or the variable, and goes nowhere but into the
// header; a variable of that name is no setting.
func TestServerFlagToken(t *testing.T) {
	t.Parallel()
	url := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode([]map[string]string{{"name": r.Header.Get("Authorization")}})
	})
	file := write(t, "token", "from-the-file\n", 0o600)
	for want, c := range map[string]command{
		"Bearer from-the-file":     {args: []string{"--token-file", file}, environ: []string{"GATEHOUSE_TOKEN=from-the-variable"}},
		"Bearer from-the-variable": {environ: []string{"GATEHOUSE_TOKEN=from-the-variable"}},
	} {
		c.args = append([]string{"product", "list", "--server", url + "/"}, c.args...)
		contains(t, c.ok(t), want)
	}
	command{args: []string{"config"}, environ: []string{"GATEHOUSE_TOKEN=token"}}.ok(t)
}

func TestServerThatAnswersOddly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer http.HandlerFunc
		status int
		want   []string
	}{
		{"a page", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprint(w, "<h1>Bad gateway</h1>")
		}, gatehouse.ExitFailed, []string{"502 Bad Gateway, which is no answer of Gatehouse"}},
		{"another address", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example.com/", http.StatusFound)
		}, gatehouse.ExitFailed, []string{"302 Found, which is no answer of Gatehouse"}},
		{"no reason", refusing(http.StatusTeapot, `{}`), gatehouse.ExitFailed, []string{"answered 418 I'm a teapot without saying why"}},
		{"no JSON", refusing(http.StatusOK, `{`), gatehouse.ExitFailed, []string{"read the answer"}},
		{
			"a code to come", refusing(http.StatusConflict, `{"code":"IDE-9999","title":"Too New","message":"Of a later release.","fields":{"name":"is new"}}`),
			gatehouse.ExitFailed,
			[]string{"Too New (IDE-9999)\n  name: is new\n", "request id: r-1"},
		},
		{
			"too many", refusing(http.StatusTooManyRequests, `{"code":"IDE-2007","title":"Too Many Requests","message":"…"}`),
			gatehouse.ExitFailed,
			[]string{"Too Many Requests (IDE-2007)", "try again in 7s", "request id: r-1"},
		},
		{
			"no right", refusing(http.StatusForbidden, `{"code":"IDE-2001","title":"Access Denied","message":"…"}`),
			gatehouse.ExitFailed,
			[]string{"Access Denied (IDE-2001)\n  The provided token does not allow this request"},
		},
		{"malformed", refusing(http.StatusBadRequest, `{"code":"IDE-0007","title":"Bad Request","message":"…"}`), gatehouse.ExitUsage, []string{"Bad Request (IDE-0007)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			args := []string{"product", "list", "--server", answering(t, tt.answer)}
			out := command{args: args, environ: []string{"GATEHOUSE_TOKEN=secret-token"}}.run(t)
			if out.status != tt.status {
				t.Errorf("status %d, want %d", out.status, tt.status)
			}
			contains(t, out.stderr, tt.want...)
			lacks(t, out.stdout+out.stderr, "secret-token")
		})
	}
	out := command{args: []string{"product", "list", "--server", "http://127.0.0.1:1"}, environ: []string{"GATEHOUSE_TOKEN=secret-token"}}.run(t)
	if out.status != gatehouse.ExitFailed {
		t.Errorf("nobody there: status %d, want %d", out.status, gatehouse.ExitFailed)
	}
	contains(t, out.stderr, "connection refused")
}

// refusing answers as the API does.
func refusing(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", "r-1")
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// An application is found by its client id on whatever page it is.
func TestServerWithManyApplications(t *testing.T) {
	t.Parallel()
	const total = 250
	var pages atomic.Int32
	url := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if id, one := strings.CutPrefix(r.URL.Path, "/v1/applications/"); one {
			w.Header().Set("ETag", `W/"4"`)
			_ = json.NewEncoder(w).Encode(map[string]string{"id": id, "name": "found"})
			return
		}
		pages.Add(1)
		var page, limit int
		_, _ = fmt.Sscan(r.URL.Query().Get("page")+" "+r.URL.Query().Get("limit"), &page, &limit)
		items := []map[string]string{}
		for i := (page - 1) * limit; i < min(page*limit, total); i++ {
			items = append(items, map[string]string{"id": fmt.Sprint("id-", i), "clientId": fmt.Sprint("client-", i)})
		}
		w.Header().Set("X-Total-Count", fmt.Sprint(total))
		_ = json.NewEncoder(w).Encode(items)
	})
	show := func(clientID string) outcome {
		return command{args: []string{"application", "show", clientID, "--server", url}, environ: []string{"GATEHOUSE_TOKEN=token"}}.run(t)
	}
	contains(t, show("client-249").stdout, "id-249", "version  4")
	contains(t, show("client-250").stderr, `there is no application "client-250"`)
	if n := pages.Load(); n != 6 {
		t.Errorf("%d pages were asked for, want 3 and 3", n)
	}
	list := command{args: []string{"application", "list", "--page", "3", "--server", url}, environ: []string{"GATEHOUSE_TOKEN=token"}}.ok(t)
	contains(t, list, "client-249", "page 3, 50 of 250")
}

// A server that answers with bare arrays (identity.list_format) says in a header
// how much there is.
func TestServerWithBareArrays(t *testing.T) {
	t.Parallel()
	environ := []string{"GATEHOUSE_IDENTITY_LIST_FORMAT=array"}
	dir := t.TempDir()
	s := serve(t, environ, "--dev", "--data-dir", dir)
	token := s.signIn(t, "admin", readFirstStart(t, dir).Admin.Password)
	var page struct {
		Items              []user
		Page, Limit, Total int
	}
	c := command{args: []string{"user", "list", "--limit", "1", "--server", "http://" + s.address}, environ: []string{"GATEHOUSE_TOKEN=" + token}}
	c.json(t, &page)
	if len(page.Items) != 1 || page.Items[0].Username != "admin" || page.Total != 1 || page.Page != 1 || page.Limit != 1 {
		t.Errorf("printed %+v", page)
	}
}
