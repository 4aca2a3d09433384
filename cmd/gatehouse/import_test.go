package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gatehouse "gatehouse/cmd/gatehouse"
	"gatehouse/identity"
	"gatehouse/storage"
	"gatehouse/storage/storagetest"
)

// A server goes from SQLite to PostgreSQL and back: its users and applications
// sign in as before, and tokens from before stay good.
func TestExportAndImport(t *testing.T) {
	t.Parallel()
	dsn := storagetest.SQLite(t)
	p := startProcess(t, dsn, "GATEHOUSE_MASTER_SECRET="+secret)
	admin, app := p.Credentials.Admin, p.Credentials.Application
	byPassword := url.Values{"grant_type": {"password"}, "username": {admin.Username}, "password": {admin.Password}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret}}
	bySecret := url.Values{"grant_type": {"client_credentials"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret}}
	users, apps := p.accessToken(t, byPassword), p.accessToken(t, bySecret)

	environ := func(dsn string) []string {
		return []string{"GATEHOUSE_DATABASE_DSN=" + dsn, "GATEHOUSE_MASTER_SECRET=" + secret}
	}
	for n, next := range []string{storagetest.Postgres(t), storagetest.SQLite(t)} {
		file := filepath.Join(t.TempDir(), "backup.ndjson")
		contains(t, command{args: []string{"export", file}, environ: environ(dsn)}.ok(t), "products      2\ngroups        1\nusers         1\nsubjects      0\napplications  2\nconsents      0\nkeys          ")
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		if printed := (command{args: []string{"export"}, environ: environ(dsn)}).ok(t); !strings.HasPrefix(printed, `{"kind":"header","format":"gatehouse-export","version":3,`) {
			t.Errorf("printed %.100s", printed)
		}
		p.kill(t)
		if n == 0 { // a server has been there once, but nobody has used it
			other := startProcess(t, next, "GATEHOUSE_MASTER_SECRET="+secret)
			other.kill(t)
			emptied(t, next)
		}
		var counts map[string]int
		command{args: []string{"import", file}, environ: environ(next)}.json(t, &counts)
		if counts["user"] != 1 || counts["application"] != 2 || counts["key"] < 2 {
			t.Errorf("counts %v", counts)
		}
		dsn = next
		p.env = append(p.env, "GATEHOUSE_DATABASE_DSN="+dsn)
		p.start(t)
		for who, token := range map[string]string{"the user": users, "the application": apps} {
			if active := p.isActive(t, token); !active {
				t.Errorf("database %d: a token of %s from before is dead", n, who)
			}
		}
		p.accessToken(t, byPassword)
		p.accessToken(t, bySecret)
		wrong := url.Values{"grant_type": {"client_credentials"}, "client_id": {app.ClientID}, "client_secret": {"wrong"}}
		if _, status := p.tryToken(t, wrong); status != http.StatusUnauthorized {
			t.Errorf("database %d: a wrong secret is answered with %d", n, status)
		}
		events, err := storagetest.Open(t, dsn).AuditEvents(t.Context(), storage.AuditQuery{Action: "database.restore", Limit: 10})
		if err != nil || len(events) != 1 || events[0].ActorType != "command" || fmt.Sprint(events[0].After["user"]) != "1" {
			t.Errorf("events %+v, %v", events, err)
		}
	}
}

// emptied removes whom the first start of a server with --dev made.
func emptied(t *testing.T, dsn string) {
	t.Helper()
	s := storagetest.Open(t, dsn)
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		user, err := s.UserByUsername(ctx, "admin")
		if err != nil {
			return err
		}
		if err := s.DeleteUser(ctx, user.ID, user.CreatedAt); err != nil {
			return err
		}
		apps, _, err := s.Applications(ctx, identity.Page{Number: 1, Limit: 10})
		if err != nil {
			return err
		}
		for _, app := range apps {
			if app.BuiltIn {
				continue
			}
			if err := s.DeleteApplication(ctx, app.ID, app.CreatedAt); err != nil {
				return err
			}
		}
		return s.DeleteProduct(ctx, "dev", time.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// accessToken asks for a token that must be given.
func (p *process) accessToken(t *testing.T, form url.Values) string {
	t.Helper()
	token, status := p.tryToken(t, form)
	if status != http.StatusOK || token == "" {
		t.Fatalf("%s: status %d", form.Get("grant_type"), status)
	}
	return token
}

func (p *process) tryToken(t *testing.T, form url.Values) (accessToken string, status int) {
	t.Helper()
	var body struct {
		AccessToken string `json:"access_token"`
	}
	status = p.post(t, "/oauth2/token", form, &body)
	return body.AccessToken, status
}

func (p *process) isActive(t *testing.T, token string) bool {
	t.Helper()
	var body struct {
		Active bool `json:"active"`
	}
	app := p.Credentials.Application
	if status := p.post(t, "/oauth2/introspect", url.Values{"token": {token}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret}}, &body); status != http.StatusOK {
		t.Errorf("introspection is answered with %d", status)
	}
	return body.Active
}

func (p *process) post(t *testing.T, path string, form url.Values, body any) (status int) {
	t.Helper()
	response, err := http.Post(p.URL+path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			refuseImports(t, db.DSN(t))
		})
	}
}

func refuseImports(t *testing.T, dsn string) {
	a := administration{storagetest.Open(t, dsn), []string{"GATEHOUSE_DATABASE_DSN=" + dsn, "GATEHOUSE_MASTER_SECRET=" + secret}}
	source := administration{environ: []string{"GATEHOUSE_DATABASE_DSN=" + storagetest.SQLite(t), "GATEHOUSE_MASTER_SECRET=" + secret}}
	source.command("user", "create", "ada", "--email", "ada@example.com", "--first-name", "Ada", "--last-name", "L", "--group", identity.AdminGroup).ok(t)
	source.command("keys", "list").ok(t) // makes them
	backup := source.command("export").ok(t)
	file := write(t, "backup.ndjson", backup, 0o600)
	cut := write(t, "cut.ndjson", backup[:len(backup)-100], 0o600)
	for _, tt := range []struct {
		args    []string
		environ string
		status  int
		want    []string
	}{
		{[]string{}, "", gatehouse.ExitUsage, []string{"accepts 1 arg"}},
		{[]string{"nowhere"}, "", gatehouse.ExitUsage, []string{"there is no file nowhere"}},
		{[]string{cut}, "", gatehouse.ExitFailed, []string{"cut.ndjson was not restored, and the database is as it was", "was cut off"}},
		{[]string{file}, "GATEHOUSE_MASTER_SECRET=another master secret that only tests use", gatehouse.ExitUsage, []string{"master_secret", "is not the one that the signing keys in", "are encrypted under"}},
		{[]string{file}, "GATEHOUSE_MASTER_SECRET=", gatehouse.ExitUsage, []string{"master_secret", "is not set"}},
	} {
		c := a.command(append([]string{"import"}, tt.args...)...)
		c.environ = append(append([]string{}, c.environ...), tt.environ)
		if tt.environ == "" {
			c.environ = a.environ
		}
		out := c.run(t)
		if out.status != tt.status {
			t.Errorf("%v: status %d, want %d", tt.args, out.status, tt.status)
		}
		contains(t, out.stderr, tt.want...)
		if counts, err := a.store.Counts(t.Context()); err != nil || counts.Users != 0 || counts.Keys != 0 || counts.Groups != 1 {
			t.Fatalf("%v: left behind %+v, %v", tt.args, counts, err)
		}
	}
	stdin := a.command("import", "-")
	stdin.stdin = backup
	contains(t, stdin.ok(t), "users         1\n")
	out := a.command("import", file).run(t)
	if out.status != gatehouse.ExitFailed {
		t.Errorf("over what is there: status %d", out.status)
	}
	contains(t, out.stderr, "the database is not empty")
}
