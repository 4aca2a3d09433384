package main_test

import (
	"slices"
	"strings"
	"testing"

	"gatehouse/storage/storagetest"
)

// powers are groups of a database of the release before migration 0011, and what
// they permit.
var powers = map[string]string{
	"crm-editor-group": `{"deals":["get"],"users":["get","post"],"audit-events":["get"]}`, // and crm has an application
	"crm-auditors":     `{"permissions":["get"]}`,
	"shop-all":         `{"*":["*"]}`,
	"shop-words":       `{"orders":["get"],"users":["approve"]}`, // which is no permission for the identity API
	"helpdesk":         `{"users":["get"]}`,
}

const (
	crmClient  = "aaaaaaaaaaaaaaaaaaaa"
	shopClient = "bbbbbbbbbbbbbbbbbbbb" // may use the password grant, and signs users in on the pages
)

// before makes a database of the release before migration 0011.
func before(t *testing.T, database storagetest.Database) (dsn string) {
	t.Helper()
	dsn = database.Empty(t)
	s := storagetest.Open(t, dsn)
	storagetest.Exec(t, dsn, "CREATE TABLE application_memberships (a INTEGER)") // stands in the way of 0011
	if err := s.Migrate(t.Context()); err == nil {
		t.Fatal("Migrate() over what is in its way = nil")
	}
	storagetest.Exec(t, dsn, "DROP TABLE application_memberships")
	no, now := "FALSE", "now()"
	if database.Name == "sqlite" {
		no, now = "0", "1700000000000000"
	}
	for _, name := range []string{"crm", "shop"} {
		storagetest.Exec(t, dsn, `INSERT INTO products (name, description, built_in, created_at) VALUES ('`+name+`', '', `+no+`, `+now+`)`)
	}
	for id, permissions := range powers {
		storagetest.Exec(t, dsn, `INSERT INTO groups (id, name, permissions, built_in, created_at, updated_at)
			VALUES ('`+id+`', 'G', '`+permissions+`', `+no+`, `+now+`, `+now+`)`)
	}
	storagetest.Exec(t, dsn, `INSERT INTO applications (id, client_id, name, description, public, built_in, disabled,
		token_endpoint_auth_method, access_token_lifetime, refresh_token_lifetime, session_lifetime, id_token_signed_alg, created_at, updated_at)
		VALUES ('01890000-0000-7000-8000-000000000000', '`+crmClient+`', 'crm', 'CRM', `+no+`, `+no+`, `+no+`, 'none', 0, 0, 0, 'RS256', `+now+`, `+now+`)`)
	storagetest.Exec(t, dsn, `INSERT INTO applications (id, client_id, name, description, public, built_in, disabled, grant_types,
		token_endpoint_auth_method, access_token_lifetime, refresh_token_lifetime, session_lifetime, id_token_signed_alg, created_at, updated_at)
		VALUES ('01890000-0000-7000-8000-000000000001', '`+shopClient+`', 'shop', 'Shop', `+no+`, `+no+`, `+no+`, '["password","authorization_code"]',
		'none', 0, 0, 0, 'RS256', `+now+`, `+now+`)`)
	return dsn
}

// warned are the lines of standard error that tell of lost power.
func warned(stderr string) (lines []string) {
	for line := range strings.Lines(stderr) {
		if strings.Contains(line, "identity API") {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return lines
}

// What no longer counts is listed before the upgrade, by it, and after it until
// the application has it otherwise, with commands that work.
func TestUpgradeListsLostPower(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			dsn := before(t, database)
			env := []string{"GATEHOUSE_DATABASE_DSN=" + dsn}
			check := command{args: []string{"config", "--check", "--dev"}, environ: env}
			first := warned(check.run(t).stderr)
			want := []string{"application " + crmClient, "application " + shopClient, "group crm-auditors", "group crm-editor-group", "group shop-all"}
			if len(first) != len(want) {
				t.Fatalf("before the upgrade: %q, want %q", first, want)
			}
			for i, who := range want {
				if !strings.Contains(first[i], who+": ") {
					t.Errorf("line %q, want %s", first[i], who)
				}
			}
			contains(t, first[1], "rests on their consent", "gatehouse application update "+shopClient+" --trusted")
			contains(t, first[3], "users:get", "users:post", "audit-events:get", "product crm",
				"gatehouse group create crm-editor-administrators", "--permission 'users:get,post'", "gatehouse group add-member crm-editor-administrators USER")
			contains(t, first[4], "--permission '*:*'")
			up := command{args: []string{"migrate", "up"}, environ: env}.run(t)
			if slices.Compare(warned(up.stderr), first) != 0 {
				t.Errorf("migrate up: %q, want %q", warned(up.stderr), first)
			}
			if again := warned((command{args: []string{"migrate", "up"}, environ: env}).run(t).stderr); len(again) != 0 {
				t.Errorf("migrate up again: %q", again)
			}
			if after := warned(check.run(t).stderr); slices.Compare(after, first) != 0 {
				t.Errorf("after the upgrade: %q, want %q", after, first)
			}

			command{args: []string{
				"group", "create", "crm-machines", "--name", "crm-machines", "--permission", "users:get,post",
				"--permission", "audit-events:get",
			}, environ: env}.ok(t)
			command{args: []string{"group", "add-application", "crm-machines", crmClient}, environ: env}.ok(t)
			if mended := warned(check.run(t).stderr); slices.ContainsFunc(mended, func(line string) bool {
				return strings.Contains(line, "application ") && strings.Contains(line, crmClient)
			}) {
				t.Errorf("mended: %q", mended)
			}
		})
	}
}

// The start that migrates logs them, and no other does.
func TestStartAfterUpgradeLogsLostPower(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			env, dir := []string{"GATEHOUSE_DATABASE_DSN=" + before(t, database)}, t.TempDir()
			for start, want := range []int{5, 0} {
				s := serve(t, env, "--dev", "--data-dir", dir)
				s.stop(t)
				if got := warned(s.stderr.String()); len(got) != want {
					t.Errorf("start %d logs %q, want %d lines", start, got, want)
				}
			}
		})
	}
}

// A check needs no database: neither one that is not there, nor one out of reach.
func TestCheckWithoutDatabase(t *testing.T) {
	t.Parallel()
	nowhere := "sqlite:" + t.TempDir() + "/none/gatehouse.db"
	out := command{args: []string{"config", "--check", "--dev"}, environ: []string{"GATEHOUSE_DATABASE_DSN=" + nowhere}}.run(t)
	if out.status != 0 || len(warned(out.stderr)) != 0 {
		t.Errorf("status %d, %s", out.status, out.stderr)
	}
	out = command{args: []string{"config", "--check", "--dev"}, environ: []string{"GATEHOUSE_DATABASE_DSN=postgres://127.0.0.1:1/none?sslmode=disable"}}.run(t)
	if out.status != 0 || !strings.Contains(out.stderr, "could not be read") {
		t.Errorf("status %d, %s", out.status, out.stderr)
	}
}
