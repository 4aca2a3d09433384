package main_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gatehouse "gatehouse/cmd/gatehouse"
	"gatehouse/server/explain"
)

// A record is there once the server has stopped, however soon after the answer.
func TestExplain(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		s := serve(t, append(a.environ, "GATEHOUSE_ISSUER=http://127.0.0.1:4000"))
		ask := func() string {
			t.Helper()
			form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"00000000000000000000"}, "client_secret": {"wrong-1"}}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.address+"/oauth2/token", strings.NewReader(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Request-Id", "mine")
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			return answer.Header.Get("X-Request-Id")
		}
		id := ask()
		ask()
		s.stop(t)

		text := a.command("explain", id).ok(t)
		contains(t, text,
			"POST /oauth2/token was refused: 401 AUT-1004 Invalid Client", "request id  mine", "address     127.0.0.1", "user agent  Go-http-client",
			"✓ the grant type is one that the server speaks", "✗ there is an application with the client id (client.known)", "got   00000000000000000000",
			"What AUT-1004 means", "Common causes\n\n  - ", "What to do\n\n  1. ", "\n----\n")
		lacks(t, text, "wrong-1", "%!")

		var found []explain.Explanation
		a.command("explain", id).json(t, &found)
		if len(found) != 2 || found[0].RequestID != id || found[0].Time.Before(found[1].Time) || found[0].Help.Means == "" {
			t.Errorf("printed %+v", found)
		}
	})
}

func TestExplainNothing(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		out := a.command("explain", "nobody's").run(t)
		if out.status != gatehouse.ExitFailed || out.stdout != "" {
			t.Errorf("status %d, printed %q", out.status, out.stdout)
		}
		contains(t, out.stderr, `no refusal of request "nobody's" is on record`, "24 hours")
	})
}

func TestAuditLogIsTheOwnersAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.json")
	s := serve(t, nil, "--dev", "--data-dir", t.TempDir(), "--config", write(t, "gatehouse.yaml", "audit: {log: "+path+"}", 0o600))
	s.stop(t)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("mode %o, want 600", mode)
	}

	missing := filepath.Join(t.TempDir(), "no", "audit.json")
	out := command{args: []string{"serve", "--dev", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir()}, environ: []string{"GATEHOUSE_AUDIT_LOG=" + missing}}.run(t)
	if out.status != gatehouse.ExitFailed {
		t.Errorf("status %d, want %d", out.status, gatehouse.ExitFailed)
	}
	contains(t, out.stderr, "gatehouse: audit.log: ", missing)
}
