package registry_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/storage"
)

// phc is a hash that can be verified, another for each n.
func phc(n int) string {
	return fmt.Sprintf("$pbkdf2-sha256$i=1000,l=32$AAAAAAAAAAAAAAAAAAAA%02d$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", n)
}

// verify knows the hashes that newOffice makes.
func verify(_ context.Context, hash, password string) (ok, stale bool, err error) {
	return hash == "hash of "+password, false, nil
}

// importing is an import of one user after the other or of several at once.
func (o *office) importing(dry bool) *registry.Import {
	return o.NewImport(registry.ImportOptions{DryRun: dry, Source: "file", Verify: verify})
}

// outcomes imports users and says what became of them: an outcome or a code
// with its fields.
func outcomes(t *testing.T, ctx context.Context, i *registry.Import, users ...registry.Imported) []string {
	t.Helper()
	results, err := i.Users(ctx, users)
	check(t, err)
	return said(results)
}

func said(results []registry.ImportResult) []string {
	said := make([]string, len(results))
	for n, r := range results {
		said[n] = map[registry.ImportOutcome]string{
			registry.ImportCreated: "created", registry.ImportUpdated: "updated", registry.ImportUnchanged: "unchanged",
		}[r.Outcome]
		if r.Err != nil {
			fault := errors.From(r.Err)
			said[n] = fault.ID
			for _, name := range []string{"createdAt", "disabled", "email", "groups", "id", "password", "passwordHash", "username"} {
				if _, named := fault.Fields[name]; named {
					said[n] += " " + name
				}
			}
		}
	}
	return said
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
}

func of[T any](v T) *T { return &v }

func imported(name string) registry.Imported {
	return registry.Imported{Username: name, Email: name + "@example.com"}
}

func TestImportCreatesAndUpdates(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx := trusted(t.Context())
		o.group(t, "sales", nil)
		o.group(t, "staff", nil)
		old := o.user(t, "old", "sales")
		o.session(t, "s-old", old)

		grace := imported("grace")
		grace.FirstName, grace.EmailVerified, grace.PasswordHash = of("Grace"), of(true), phc(1)
		grace.Groups, grace.Metadata = of([]string{"staff", "sales"}), of(map[string]any{"n": 1.5})
		grace.CreatedAt = start.Add(-time.Hour)
		unknown := imported("unknown")
		change := registry.Imported{Username: "OLD", LastName: of("New"), Groups: of([]string{"staff"})}
		i := o.importing(false)
		want(t, outcomes(t, ctx, i, grace, unknown, change, change, registry.Imported{Username: "nobody"}),
			"created", "created", "updated", "unchanged", "IDE-0001 email")

		stored, err := o.store.UserByUsername(t.Context(), "grace")
		check(t, err)
		wanted := identity.User{
			ID: stored.ID, Username: "grace", Email: "grace@example.com", EmailVerified: true, FirstName: "Grace", PasswordHash: phc(1),
			Groups: []string{"sales", "staff"}, Metadata: map[string]any{"n": 1.5}, Version: 1, Credentials: 1,
			CreatedAt: start.Add(-time.Hour).Truncate(time.Microsecond), UpdatedAt: start.Truncate(time.Microsecond),
		}
		if diff := cmp.Diff(wanted, stored); diff != "" {
			t.Errorf("grace (-want +got):\n%s", diff)
		}
		want(t, o.trail(t, stored.ID), "user.create by command root")
		if stored.ID >= old.ID {
			t.Error("the id of who was created earlier is no lower")
		}
		changed, err := o.store.User(t.Context(), old.ID)
		check(t, err)
		if changed.LastName != "New" || !slices.Equal(changed.Groups, []string{"staff"}) || changed.Version != 2 || changed.PasswordHash != old.PasswordHash {
			t.Errorf("changed %+v", changed)
		}
		if live := o.sessions(t, old); len(live) != 1 {
			t.Errorf("sessions %v", live)
		}
		want(t, o.trail(t, old.ID), "user.create by command root", "user.update by command root")
		want(t, o.trail(t, "file"), "user.import by command root")

		want(t, outcomes(t, ctx, i, grace, unknown, change), "unchanged", "unchanged", "unchanged")
		byHash := registry.Imported{Email: "old@example.com", PasswordHash: phc(2), FirstName: of("Older")}
		want(t, outcomes(t, ctx, i, byHash, byHash), "updated", "unchanged")
		changed, err = o.store.User(t.Context(), old.ID)
		check(t, err)
		if changed.PasswordHash != phc(2) || changed.FirstName != "Older" || changed.Version != 4 {
			t.Errorf("changed %+v", changed)
		}
		if live := o.sessions(t, old); len(live) != 0 {
			t.Errorf("sessions after a new password: %v", live)
		}
	})
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx := trusted(t.Context())
		ada := o.user(t, "ada")
		with := func(name string, f func(*registry.Imported)) registry.Imported {
			in := imported(name)
			f(&in)
			return in
		}
		tests := []struct {
			in   registry.Imported
			want string
		}{
			{with("new1", func(in *registry.Imported) { in.Email = "ADA@example.com" }), "IDE-2002 email"},
			{with("new2", func(in *registry.Imported) { in.Groups = of([]string{"nobodies"}) }), "IDE-1006 groups"},
			{with("new3", func(in *registry.Imported) { in.PasswordHash = "$md5$x" }), "IDE-2016 passwordHash"},
			{with("new4", func(in *registry.Imported) { in.Password = "weak" }), "IDE-2005 password"},
			{with("new5", func(in *registry.Imported) { in.Password, in.PasswordHash = password, phc(1) }), "IDE-0007 passwordHash"},
			{with("new6", func(in *registry.Imported) { in.ID = "4" }), "IDE-0007 id"},
			{with("new7", func(in *registry.Imported) { in.ID = "8c0bcd2e-5d3c-4c0f-9b6d-6f6a0b3d5d11" }), "IDE-0007 id"},
			{with("new8", func(in *registry.Imported) { in.CreatedAt = start.Add(time.Hour) }), "IDE-0007 createdAt"},
			{with("new9", func(in *registry.Imported) { in.ID = ada.ID }), "IDE-2002 id"},
			{with("n", func(*registry.Imported) {}), "IDE-0007 username"},
			{with("ada", func(in *registry.Imported) { in.ID = storage.NewID(start) }), "IDE-0011 id"},
			{with("ada", func(in *registry.Imported) { in.Email = "root@example.com" }), "IDE-2002 email"},
			{with("ada", func(in *registry.Imported) { in.Password = "weak" }), "IDE-2005 password"},
			{registry.Imported{Username: "root", Disabled: of(true)}, "IDE-2004 disabled"},
			{registry.Imported{Username: "root", Groups: of([]string{})}, "IDE-2004 groups"},
			{registry.Imported{Fallback: "ada", Email: "other@example.com"}, "IDE-2002 username"},
			{registry.Imported{FirstName: of("Nobody")}, "IDE-0001 email username"},
		}
		users := make([]registry.Imported, len(tests))
		wanted := make([]string, len(tests))
		for n, tt := range tests {
			users[n], wanted[n] = tt.in, tt.want
		}
		want(t, outcomes(t, ctx, o.importing(true), users...), wanted...)
		want(t, outcomes(t, ctx, o.importing(false), users...), wanted...)
		for n, user := range users {
			want(t, outcomes(t, ctx, o.importing(false), user), wanted[n])
		}
		byEmail := o.NewImport(registry.ImportOptions{ByEmail: true, Verify: verify})
		want(t, outcomes(t, ctx, byEmail,
			registry.Imported{Email: "Ada@example.com", Username: "eve"},
			registry.Imported{Email: "new@example.com", Username: "Ada"},
			registry.Imported{Username: "ada", FirstName: of("Ada")}), "IDE-0011 username", "IDE-2002 username", "updated")
	})
}

// What a file says of a user counts for the lines after it, and in the end all
// of it is in the database, in whatever order it can be written.
func TestImportLinesFollowEachOther(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx := trusted(t.Context())
		o.user(t, "ada")
		lines := []registry.Imported{
			{Username: "ada", Email: "countess@example.com"},
			{Username: "heir", Email: "ada@example.com"}, // the address is free now
			{Username: "heir", Email: "heir@example.com", Password: password},
			{Username: "heir", Password: password},
			{Username: "third", Email: "ada@example.com"},
			{Username: "fourth", Email: "heir@example.com"},
			{Username: "boss", Email: "boss@example.com", Groups: of([]string{identity.AdminGroup})},
			{Username: "root", Groups: of([]string{})}, // boss is there now
			{Username: "boss", Disabled: of(true)},
			{Username: "ada", Password: "Another+Engine2"},
			{Username: "ada", Password: "Another+Engine2"},
		}
		wanted := []string{
			"updated", "created", "updated", "unchanged", "created", "IDE-2002 email", "created", "updated", "IDE-2004 disabled", "updated", "unchanged",
		}
		want(t, outcomes(t, ctx, o.importing(true), lines...), wanted...)
		one := o.importing(true)
		for n, line := range lines {
			want(t, outcomes(t, ctx, one, line), wanted[n])
		}
		if _, total, err := o.store.Users(ctx, identity.UserQuery{Page: identity.Page{Number: 1, Limit: 10}}); err != nil || total != 2 {
			t.Fatalf("%d users after dry runs, %v", total, err)
		}
		want(t, outcomes(t, ctx, o.importing(false), lines...), wanted...)
		for name, email := range map[string]string{"ada": "countess@example.com", "heir": "heir@example.com", "third": "ada@example.com"} {
			if u, err := o.store.UserByUsername(ctx, name); err != nil || u.Email != email {
				t.Errorf("%s has %q, %v", name, u.Email, err)
			}
		}
	})
}

// Who imports over the API can give no more than they have.
func TestImportByOthers(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		o.group(t, "clerks", map[string][]string{"users": {"post", "patch"}})
		o.group(t, "helpers", map[string][]string{"users": {"post", "patch"}, "reset-password": {"patch"}})
		clerk, helper := o.user(t, "clerk", "clerks"), o.user(t, "helper", "helpers")
		o.user(t, "ada")
		lines := []registry.Imported{
			{Username: "new", Email: "new@example.com", Groups: of([]string{identity.AdminGroup})},
			{Username: "root", FirstName: of("Mine")},
			{Username: "ada", Groups: of([]string{"helpers"})},
			{Username: "ada", PasswordHash: phc(3)},
			{Username: "ada", Groups: of([]string{"clerks"})},
			{Username: "clerk", Disabled: of(true)},
		}
		want(t, outcomes(t, as(t.Context(), clerk), o.importing(false), lines...),
			"IDE-2001 groups", "IDE-2001 username", "IDE-2001 groups", "IDE-2001 password", "updated", "IDE-2004 disabled")
		want(t, outcomes(t, as(t.Context(), helper), o.importing(false), lines...),
			"IDE-2001 groups", "IDE-2001 username", "updated", "updated", "updated", "updated")
	})
}

// A dry run says what the import then does, however lines follow each other and
// however they are cut into batches.
func TestImportDryRunTellsTheTruth(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx := trusted(t.Context())
		o.group(t, "staff", nil)
		maybe := func(r *rapid.T, label string, values ...string) *string {
			n := rapid.IntRange(-len(values), len(values)-1).Draw(r, label)
			if n < 0 {
				return nil
			}
			return &values[n]
		}
		round := 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			name := func(s string) string { return strings.ReplaceAll(s, "N", fmt.Sprint(round)) }
			var lines []registry.Imported
			for range rapid.IntRange(1, 12).Draw(r, "lines") {
				in := registry.Imported{FirstName: maybe(r, "first", "A", "B")}
				if u := maybe(r, "username", "u1-N", "u2-N", "U3-N", "root", "u4-N"); u != nil {
					in.Username = name(*u)
				}
				if e := maybe(r, "email", "e1-N@x.y", "e2-N@x.y", "E3-N@x.y", "root@example.com"); e != nil {
					in.Email = name(*e)
				}
				if g := maybe(r, "group", "staff", identity.AdminGroup, "nobodies", ""); g != nil {
					in.Groups = of(slices.DeleteFunc([]string{*g}, func(s string) bool { return s == "" }))
				}
				if d := maybe(r, "disabled", "no", "yes"); d != nil {
					in.Disabled = of(*d == "yes")
				}
				switch p := maybe(r, "password", "1", "2", "plain", "other", "weak"); {
				case p == nil:
				case len(*p) == 1:
					in.PasswordHash = phc(int((*p)[0] - '0'))
				case *p == "weak":
					in.Password = "weak"
				default:
					in.Password = password + *p
				}
				lines = append(lines, in)
			}
			size := rapid.IntRange(1, len(lines)).Draw(r, "size")
			byEmail := rapid.Bool().Draw(r, "by email")
			run := func(dry bool) (all []string) {
				i := o.NewImport(registry.ImportOptions{DryRun: dry, ByEmail: byEmail, Verify: verify})
				for batch := range slices.Chunk(lines, size) {
					results, err := i.Users(ctx, batch)
					if err != nil {
						r.Fatalf("dry %v: %v", dry, err)
					}
					all = append(all, said(results)...)
				}
				return all
			}
			dry, wet := run(true), run(false)
			if diff := cmp.Diff(wet, dry); diff != "" {
				r.Fatalf("dry run says (-import +dry run):\n%s", diff)
			}
			// Again, all that stands is as it should be, or refused as before.
			enabled := false
			admins, _, err := o.store.Users(ctx, identity.UserQuery{Page: identity.Page{Number: 1, Limit: 100}, Group: identity.AdminGroup})
			for _, admin := range admins {
				enabled = enabled || !admin.Disabled
			}
			if err != nil || !enabled {
				r.Fatalf("no administrator is left, %v", err)
			}
		})
	})
}

// Several imports of the same users at once: each user is created once, and
// every line is taken.
func TestImportRaces(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		lines := make([]registry.Imported, 40)
		for n := range lines {
			lines[n] = imported(fmt.Sprintf("user-%d", n))
		}
		var writers sync.WaitGroup
		var mu sync.Mutex
		created := 0
		for w := range 8 {
			mine := slices.Clone(lines)
			for n := range mine {
				mine[n].FirstName = of(fmt.Sprintf("by %d", w))
			}
			if w%2 == 1 {
				slices.Reverse(mine)
			}
			writers.Go(func() {
				results, err := o.importing(false).Users(trusted(t.Context()), mine)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				for n, r := range results {
					if r.Err != nil {
						t.Errorf("line %d: %v", n, r.Err)
					}
					if r.Outcome == registry.ImportCreated {
						created++
					}
				}
			})
		}
		writers.Wait()
		if created != len(lines) {
			t.Errorf("%d were created, want %d", created, len(lines))
		}
	})
}

// What the caller saves in the transaction holds exactly for what is committed.
func TestImportCommit(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		var committed []string
		failing := errors.New("cannot save")
		var fail error
		i := o.NewImport(registry.ImportOptions{Verify: verify, Commit: func(_ context.Context, from int, results []registry.ImportResult) error {
			committed = append(committed, fmt.Sprint(from, said(results)))
			return fail
		}})
		ctx := trusted(t.Context())
		_, err := i.Users(ctx, []registry.Imported{imported("one"), imported("two")})
		check(t, err)
		want(t, committed, "0 [created created]")
		fail = failing
		if _, err := i.Users(ctx, []registry.Imported{imported("three")}); !errors.Is(err, failing) {
			t.Errorf("Users() = %v", err)
		}
		if _, err := o.store.UserByUsername(ctx, "three"); !errors.Is(err, errors.UserNotFound) {
			t.Errorf("a user is there whose transaction failed: %v", err)
		}
	})
}
