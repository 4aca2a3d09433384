package registry_test

import (
	"context"
	"slices"
	"testing"

	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// late is a database that others change just after it has said who is there.
type late struct {
	*sqlstore.Store
	then []func(ctx context.Context) // one for each time
}

func (l *late) UsersNamed(ctx context.Context, usernames, emails []string) ([]identity.User, error) {
	users, err := l.Store.UsersNamed(ctx, usernames, emails)
	if err == nil && len(l.then) > 0 {
		then := l.then[0]
		l.then = l.then[1:]
		then(ctx)
	}
	return users, err
}

// Who comes up between the look and the change is looked for again, and the line
// is refused only if that does not end.
func TestImportFindsWhoCameUpMeanwhile(t *testing.T) {
	t.Parallel()
	o := newOffice(t, openSQLite(t))
	ctx := trusted(t.Context())
	// They write in the import's transaction, and are undone with it: SQLite has
	// one writer.
	meanwhile := func(ctx context.Context) {
		check(t, o.store.CreateUser(ctx, identity.User{
			ID: "01890000-0000-7000-8000-000000000001", Username: "ada", Email: "ada@example.com", CreatedAt: start, UpdatedAt: start, Version: 1,
		}))
	}
	times := func(n int) *late { return &late{o.store, slices.Repeat([]func(context.Context){meanwhile}, n)} }
	o.Store = times(3)
	want(t, outcomes(t, ctx, o.importing(false), imported("ada"), imported("bob")), "created", "created")
	o.delete(t, "ada")
	o.Store = times(6)
	want(t, outcomes(t, ctx, o.importing(false), imported("ada"), imported("bob")), "IDE-2002 email username", "unchanged")
}

func (o *office) delete(t *testing.T, username string) {
	t.Helper()
	user, err := o.store.UserByUsername(t.Context(), username)
	check(t, err)
	check(t, o.store.DeleteUser(t.Context(), user.ID, start))
}

func openSQLite(t *testing.T) *sqlstore.Store {
	t.Helper()
	return storagetest.Database{Name: "sqlite", DSN: storagetest.SQLite}.Open(t)
}

// What others change of a user meanwhile stays as far as the file does not speak of it.
func TestImportLosesNoUpdate(t *testing.T) {
	t.Parallel()
	o := newOffice(t, openSQLite(t))
	ctx, ada := trusted(t.Context()), o.user(t, "ada")
	o.Store = &late{o.store, []func(context.Context){func(ctx context.Context) {
		ada.LastName, ada.Version = "Lovelace", 2
		check(t, o.store.UpdateUser(ctx, ada))
	}}}
	want(t, outcomes(t, ctx, o.importing(false), registry.Imported{Username: "ada", FirstName: of("Countess")}), "updated")
	got, err := o.store.User(ctx, ada.ID)
	check(t, err)
	if got.FullName() != "Countess Lovelace" || got.Version != 3 {
		t.Errorf("%+v", got)
	}
}
