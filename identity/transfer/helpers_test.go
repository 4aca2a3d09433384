package transfer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/identity/transfer"
	"gatehouse/server/web"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// office is a database and who imports into it.
type office struct {
	store *sqlstore.Store
	deps  transfer.UsersDeps
}

var passwords = identity.NewPasswords(identity.PasswordConfig{})

func parse(text []byte) (map[string]any, error) { return web.ParseObject(text, web.IdentityCodes()) }

func newOffice(tb testing.TB, store *sqlstore.Store) office {
	tb.Helper()
	r := registry.New(registry.Deps{
		Store:      store,
		Hash:       passwords.Hash,
		HashSecret: func(secret string) string { return "hash of " + secret },
		Policy: func(ctx context.Context) (*identity.Policy, error) {
			groups, err := store.AllGroups(ctx)
			return identity.NewPolicy(groups, nil), err
		},
		Emit:           func(storage.AuditEvent) {},
		AuditRetention: time.Hour,
		Now:            time.Now,
	})
	return office{store, transfer.UsersDeps{Registry: r, Verify: passwords.Verify, Parse: parse}}
}

func eachDatabase(t *testing.T, run func(t *testing.T, o office)) {
	t.Helper()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			run(t, newOffice(t, db.Open(t)))
		})
	}
}

// trusted is a context in which a command changes things.
func trusted(ctx context.Context) context.Context {
	return registry.WithActor(ctx, registry.Actor{Type: registry.ActorCommand, ID: "root", Name: "root"})
}

// users imports a file.
func (o office) users(t *testing.T, file string, options transfer.UsersOptions) transfer.Report {
	t.Helper()
	if options.Refusals == 0 {
		options.Refusals = 100
	}
	report, err := transfer.Users(trusted(t.Context()), o.deps, strings.NewReader(file), options)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func (o office) group(tb testing.TB, ids ...string) {
	tb.Helper()
	for _, id := range ids {
		err := o.store.CreateGroup(tb.Context(), identity.Group{ID: id, Name: id, Version: 1, CreatedAt: time.Now(), UpdatedAt: time.Now()})
		if err != nil {
			tb.Fatal(err)
		}
	}
}

func (o office) user(t *testing.T, username string) identity.User {
	t.Helper()
	user, err := o.store.UserByUsername(t.Context(), username)
	if err != nil {
		t.Fatalf("%s: %v", username, err)
	}
	return user
}

// summary is a report on one line, and its refusals on one each.
func summary(r transfer.Report) string {
	text := fmt.Sprintf("%d lines: %d created, %d updated, %d unchanged, %d refused", r.Lines, r.Created, r.Updated, r.Unchanged, r.Refused)
	for _, refused := range r.Refusals {
		text += fmt.Sprintf("\n%d %s", refused.Line, refused.Code)
		for _, name := range []string{"body", "body.username", "email", "groups", "header", "line", "passwordHash", "phone", "username", "usernam"} {
			if _, named := refused.Fields[name]; named {
				text += " " + name
			}
		}
	}
	return text
}

func expect(t *testing.T, r transfer.Report, want string) {
	t.Helper()
	if got := summary(r); got != want {
		t.Errorf("report\n%s\nwant\n%s", got, want)
	}
}

func openSQLite(t *testing.T) *sqlstore.Store {
	t.Helper()
	return storagetest.Database{Name: "sqlite", DSN: storagetest.SQLite}.Open(t)
}
