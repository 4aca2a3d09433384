package main_test

import (
	"fmt"
	osuser "os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	gatehouse "gatehouse/cmd/gatehouse"
	"gatehouse/storage/storagetest"
)

// auditPage is what audit --json prints.
type auditPage struct {
	Items []struct {
		ID, Action     string
		Actor, Subject struct{ Type, ID, Name string }
		Address, Code  string
		Before, After  map[string]any
	}
	Limit int
	Next  string
}

// Whoever takes everything along, or changes what tokens are signed with, is in the
// audit trail, also when what they began was cut off.
func TestKeysAndCopiesAreAudited(t *testing.T) {
	t.Parallel()
	who, err := osuser.Current()
	if err != nil {
		t.Fatal(err)
	}
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			dir, secretFile := t.TempDir(), write(t, "master", secret, 0o600)
			on := func(dsn string, status int, args ...string) outcome {
				t.Helper()
				out := command{args: append(args, "--data-dir", dir), environ: []string{"GATEHOUSE_DATABASE_DSN=" + dsn, "GATEHOUSE_MASTER_SECRET_FILE=" + secretFile}}.run(t)
				if out.status != status {
					t.Fatalf("%v: status %d: %s", args, out.status, out.stderr)
				}
				return out
			}
			dsn, copied := db.DSN(t), db.DSN(t)
			on(dsn, gatehouse.ExitOK, "keys", "rotate")
			on(dsn, gatehouse.ExitOK, "keys", "rotate", "--alg", "ES256", "--now")
			backup := filepath.Join(dir, "backup.ndjson")
			on(dsn, gatehouse.ExitOK, "export", backup)
			on(dsn, gatehouse.ExitOK, "export")
			on(dsn, gatehouse.ExitFailed, "export", filepath.Join(dir, "missing", "backup.ndjson"))
			on(dsn, gatehouse.ExitOK, "export", "users", "--with-hashes", "--format", "ndjson")
			on(copied, gatehouse.ExitOK, "import", backup)

			var got []string
			for _, d := range []string{dsn, copied} {
				var page auditPage
				command{args: []string{"audit", "--data-dir", dir}, environ: []string{"GATEHOUSE_DATABASE_DSN=" + d}}.json(t, &page)
				for _, e := range slices.Backward(page.Items) {
					made, _ := e.After["keys"].(map[string]any)
					got = append(got, fmt.Sprint(e.Action, " ", e.Subject.Type, " ", e.Subject.ID, " ", len(made), " ", e.After["now"], " ", e.After["hashes"]))
					if e.Actor.Type != "command" || e.Actor.Name != who.Username {
						t.Errorf("%s was done by %+v", e.Action, e.Actor)
					}
				}
			}
			if diff := cmp.Diff([]string{
				"keys.rotate signing-keys  2 false <nil>",
				"keys.rotate signing-keys  1 true <nil>",
				"database.export database " + backup + " 0 <nil> <nil>",
				"database.export database stdout 0 <nil> <nil>",
				"database.export database " + filepath.Join(dir, "missing", "backup.ndjson") + " 0 <nil> <nil>",
				"user.export database stdout 0 <nil> true",
				"database.restore database " + backup + " 0 <nil> <nil>",
			}, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

// The trail is the same in the database and over the API, page by page, and a name in
// it is no command to a terminal.
func TestAuditLists(t *testing.T) {
	t.Parallel()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			here := inDatabase(t, db)
			there := &site{
				server: here.server, known: here.known, where: []string{"--server", "http://" + here.address},
				environ: []string{"GATEHOUSE_TOKEN=" + here.signIn(t, "admin", here.known["$ADMIN"])},
			}
			there.run(t, `gatehouse group create red --name "`+"\x1b[31mRed"+`" --permission invoices:get`)
			ask := func(s *site, args ...string) outcome {
				return command{args: append(append([]string{"audit"}, args...), s.where...), environ: s.environ}.run(t)
			}
			for _, args := range [][]string{
				{},
				{"--json"},
				{"--limit", "2"},
				{"--limit", "2", "--json"},
				{"--action", "group."},
				{"--subject-type", "user"},
				{"--subject", "red"},
				{"--from", "2001-01-01", "--to", "2099-01-01T00:00:00+02:00"},
				{"--from", "2099-01-01"},
			} {
				got, want := ask(there, args...), ask(here, args...)
				if got.status != gatehouse.ExitOK || got.stdout != want.stdout {
					t.Errorf("audit %v: over the API %d\n%s%s\nin the database\n%s%s", args, got.status, got.stdout, got.stderr, want.stdout, want.stderr)
				}
				if strings.Contains(got.stdout, "\x1b") {
					t.Errorf("audit %v prints what a terminal obeys: %q", args, got.stdout)
				}
			}
			var all, first, second auditPage
			command{args: append([]string{"audit"}, there.where...), environ: there.environ}.json(t, &all)
			command{args: append([]string{"audit", "--limit", "2"}, there.where...), environ: there.environ}.json(t, &first)
			command{args: append([]string{"audit", "--limit", "2", "--before", strings.ToUpper(first.Next)}, there.where...), environ: there.environ}.json(t, &second)
			if diff := cmp.Diff(all.Items[:4], append(first.Items, second.Items...)); diff != "" {
				t.Errorf("pages (-all +joined):\n%s", diff)
			}
		})
	}
}
