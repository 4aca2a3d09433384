package main_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gatehouse "gatehouse/cmd/gatehouse"
	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// administration is a database and the commands that work on it.
type administration struct {
	store   *sqlstore.Store
	environ []string
}

// eachDatabase runs a test on a migrated database of every kind.
func eachDatabase(t *testing.T, test func(t *testing.T, a administration)) {
	t.Helper()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			dsn := db.DSN(t)
			a := administration{
				store:   storagetest.Open(t, dsn),
				environ: []string{"GATEHOUSE_DATABASE_DSN=" + dsn, "GATEHOUSE_MASTER_SECRET=" + secret},
			}
			a.populate(t)
			test(t, a)
		})
	}
}

// populate makes a group, staff, and a product, billing.
func (a administration) populate(t *testing.T) {
	t.Helper()
	now := time.Now()
	err := errors.Join(
		a.store.CreateGroup(t.Context(), identity.Group{ID: "staff", Name: "Staff", CreatedAt: now, UpdatedAt: now, Version: 1}),
		a.store.CreateProduct(t.Context(), identity.Product{Name: "billing", CreatedAt: now}))
	if err != nil {
		t.Fatal(err)
	}
}

// command is a command line on the database.
func (a administration) command(line ...string) command {
	return command{args: line, environ: a.environ}
}

func TestLists(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		for _, name := range []string{"ada", "bob", "eve"} {
			a.command(createUser(name)...).ok(t)
			a.command(createApplication("--description", name)...).ok(t)
		}
		for kind, name := range map[string]string{"user": "Username", "application": "Description"} {
			var page struct {
				Items              []map[string]any
				Page, Limit, Total int
			}
			a.command(kind, "list", "--page", "2", "--limit", "2").json(t, &page)
			if page.Page != 2 || page.Limit != 2 || page.Total != 3 || len(page.Items) != 1 || page.Items[0][strings.ToLower(name)] != "eve" {
				t.Errorf("%s list: %+v", kind, page)
			}
			table := a.command(kind, "list", "--limit", "2").ok(t)
			contains(t, table, strings.ToUpper(name), "ada", "bob", "enabled", "page 1, 2 of 3")
			lacks(t, table, "eve")
			if out := a.command(kind, "list", "--limit", "0").run(t); out.status != gatehouse.ExitUsage {
				t.Errorf("%s list --limit 0: status %d, want %d", kind, out.status, gatehouse.ExitUsage)
			}
		}
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		type key struct{ KID, Algorithm, State, ActiveFrom string }
		var before, after []key
		a.command("keys", "list").json(t, &before)
		if len(before) != 2 || before[0].State != "active" || before[1].State != "active" {
			t.Fatalf("first keys: %+v", before)
		}
		a.command("keys", "rotate", "--alg", "ES256").json(t, &after)
		if len(after) != 3 || after[2].Algorithm != "ES256" || after[2].State != "pending" || !slices.Equal(after[:2], before) {
			t.Errorf("keys after the rotation: %+v\nbefore: %+v", after, before)
		}
		if out := a.command("keys", "rotate", "--alg", "HS256").run(t); out.status != gatehouse.ExitUsage {
			t.Errorf("unknown algorithm: status %d, want %d", out.status, gatehouse.ExitUsage)
		}
		contains(t, a.command("keys", "list").ok(t), "KID", "ES256", "RS256", "pending")

		a.environ = a.environ[:1] // no master secret
		out := a.command("keys", "list").run(t)
		if out.status != gatehouse.ExitUsage {
			t.Errorf("without a master secret: status %d, want %d", out.status, gatehouse.ExitUsage)
		}
		contains(t, out.stderr, "master_secret: is not set")
	})
}

func TestKeysRotateNow(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		var listed []struct{ ActiveFrom time.Time }
		a.command("keys", "rotate", "--now").json(t, &listed)
		if newest := listed[len(listed)-1].ActiveFrom; time.Until(newest) > 10*time.Second {
			t.Errorf("the new key signs from %s on, want at once", newest)
		}
	})
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			dsn := db.Empty(t)
			if path, sqlite := strings.CutPrefix(dsn, "sqlite:"); sqlite {
				if err := os.WriteFile(path, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			a := administration{environ: []string{"GATEHOUSE_DATABASE_DSN=" + dsn}}
			type migration struct{ Name, AppliedAt, SQL string }
			var pending, applied, none, all []migration

			out := a.command("user", "list").run(t)
			if out.status != gatehouse.ExitFailed {
				t.Errorf("user list before: status %d, want %d", out.status, gatehouse.ExitFailed)
			}
			contains(t, out.stderr, "gatehouse migrate up")
			contains(t, a.command("migrate", "status").ok(t), "0001_identity.sql", "pending")
			a.command("migrate", "plan").json(t, &pending)
			contains(t, a.command("migrate", "plan").ok(t), "CREATE TABLE users")
			a.command("migrate", "up").json(t, &applied)
			if len(pending) == 0 || len(applied) != len(pending) || applied[0].AppliedAt == "" || applied[0].Name != pending[0].Name {
				t.Errorf("pending %+v, applied %+v", pending, applied)
			}
			a.command("migrate", "up").json(t, &none)
			contains(t, a.command("migrate", "up").ok(t), "nothing to do")
			a.command("migrate", "status").json(t, &all)
			if len(none) != 0 || len(all) != len(applied) || all[0].AppliedAt == "" {
				t.Errorf("after: applied %+v, status %+v", none, all)
			}
			a.command("user", "list").ok(t)
		})
	}
}

// A command that was pointed to the wrong place says so, and leaves nothing there.
func TestNoDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := command{args: []string{"user", "list", "--data-dir", dir}}.run(t)
	if out.status != gatehouse.ExitUsage {
		t.Errorf("status %d, want %d", out.status, gatehouse.ExitUsage)
	}
	contains(t, out.stderr, "there is no database "+dir+"/gatehouse.db")
	command{args: []string{"migrate", "up", "--data-dir", dir}}.ok(t)
	command{args: []string{"user", "list", "--data-dir", dir}}.ok(t)
}

func TestDatabaseAwayKeepsThePassword(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"postgres://ada:hunter2hunter2@127.0.0.1:1/g", "postgres://ada:hunter2hunter2@127.0.0.1:x/g"} {
		out := command{args: []string{"user", "list"}, environ: []string{"GATEHOUSE_DATABASE_DSN=" + dsn}}.run(t)
		if out.status != gatehouse.ExitFailed {
			t.Errorf("status %d, want %d", out.status, gatehouse.ExitFailed)
		}
		lacks(t, out.stdout+out.stderr, "hunter2")
	}
}

// A command that is interrupted stops.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr strings.Builder
	status := gatehouse.Run(ctx, []string{"user", "list"}, []string{"GATEHOUSE_DATABASE_DSN=" + storagetest.SQLite(t)}, strings.NewReader(""), &stderr, &stderr)
	if status != gatehouse.ExitFailed {
		t.Errorf("status %d, want %d: %s", status, gatehouse.ExitFailed, stderr.String())
	}
}

// What a command changes is in the audit trail, under the name of who ran it.
func TestCommandsAreAudited(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		a.command(createUser("ada")...).ok(t)
		a.command("group", "add-member", identity.AdminGroup, "ada").ok(t)
		a.command(createApplication()...).ok(t)
		events, err := a.store.AuditEvents(t.Context(), storage.AuditQuery{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		var actions []string
		for _, e := range events {
			actions = append(actions, e.Action)
			if e.ActorType != registry.ActorCommand || e.ActorName == "" {
				t.Errorf("%s was done by %q %q, want a command and who ran it", e.Action, e.ActorType, e.ActorName)
			}
		}
		if want := []string{"application.create", "group.add-member", "user.create"}; !slices.Equal(actions, want) {
			t.Errorf("actions %v, want %v", actions, want)
		}
	})
}

// Only what makes a client secret needs the master secret.
func TestWithoutMasterSecret(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		a.environ = a.environ[:1]
		a.command(createUser("ada")...).ok(t)
		out := a.command(createApplication()...).run(t)
		if out.status != gatehouse.ExitUsage {
			t.Errorf("status %d, want %d", out.status, gatehouse.ExitUsage)
		}
		contains(t, out.stderr, "master_secret: is not set")
		if _, total, err := a.store.Applications(t.Context(), identity.Page{Number: 1, Limit: 1}); err != nil || total != 0 {
			t.Errorf("%d applications (%v), want none", total, err)
		}
	})
}
