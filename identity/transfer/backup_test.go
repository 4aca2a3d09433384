package transfer_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/transfer"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

var moment = time.Date(2026, 1, 2, 3, 4, 5, 600_000, time.UTC)

// fill puts some of everything into a database.
func fill(tb testing.TB, s *sqlstore.Store, users int) {
	tb.Helper()
	ctx := tb.Context()
	metadata := map[string]any{"text": "a \"b\" <&> \u2028 é", "number": 1e21, "yes": true}
	check := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	check(s.CreateProduct(ctx, identity.Product{Name: "ledger", Description: "Books", CreatedAt: moment}))
	check(s.CreateGroup(ctx, identity.Group{
		ID: "clerks", Name: "Clerks", Permissions: map[string][]string{"books": {"get", "post"}}, Metadata: metadata,
		CreatedAt: moment, UpdatedAt: moment.Add(time.Hour), Version: 3,
	}))
	check(s.CreateGroup(ctx, identity.Group{ID: "a1", Name: "A", CreatedAt: moment, UpdatedAt: moment, Version: 1}))
	check(s.CreateGroup(ctx, identity.Group{ID: "a-b", Name: "A", CreatedAt: moment, UpdatedAt: moment, Version: 1}))
	for from := 0; from < users; from += 1000 {
		var all []identity.User
		for n := from; n < min(from+1000, users); n++ {
			u := identity.User{
				ID: storage.NewID(moment.Add(time.Duration(n) * time.Second)), Username: fmt.Sprintf("User-%d", n), Email: fmt.Sprintf("User-%d@example.com", n),
				EmailVerified: n%2 == 0, FirstName: "First", LastName: fmt.Sprint("Last ", n), PasswordHash: "hash", Disabled: n%3 == 0,
				CreatedAt: moment, UpdatedAt: moment.Add(time.Minute), Version: int64(1 + n%4),
			}
			if n%5 == 0 {
				u.Groups, u.Metadata = []string{identity.AdminGroup, "clerks"}, metadata
			}
			all = append(all, u)
		}
		check(s.CreateUsers(ctx, all))
	}
	app := storage.NewID(moment)
	check(s.CreateApplication(ctx, identity.Application{
		ID: app, ClientID: "0123456789abcdef0123", Name: "ledger", Description: "App", NotBefore: moment,
		Secrets:    []identity.ClientSecret{{Hash: "h1"}, {Hash: "h2", ExpiresAt: moment}},
		GrantTypes: []string{"password"}, Scopes: []string{"openid"}, Audiences: []string{"https://a"}, TokenEndpointAuthMethod: "client_secret_basic",
		RedirectURIs: []string{"https://r"}, PostLogoutRedirectURIs: []string{"https://p"}, AllowedOrigins: []string{"https://o"},
		AccessTokenLifetime: time.Minute, RefreshTokenLifetime: time.Hour, SessionLifetime: 3 * time.Hour, IDTokenSignedResponseAlg: "ES256",
		JWKS: `{"keys":[]}`, JWKSURI: "https://j", BackchannelLogoutURI: "https://b",
		DisplayName: "Ledger", Trusted: true, RequirePAR: true, SubjectType: "pairwise", SectorIdentifier: "https://s", FrontchannelLogoutURI: "https://f",
		PolicyURI: "https://po", TOSURI: "https://t", Claims: []identity.Claim{{Name: "a", Metadata: "b", Scope: "c"}, {Name: "d", Metadata: "e"}},
		Metadata: metadata, CreatedAt: moment, UpdatedAt: moment, Version: 9,
	}))
	somebody, err := s.UserByUsername(ctx, "user-0")
	check(err)
	var subjects []storage.PairwiseSubject
	for n := range 3 * users / 2 {
		subjects = append(subjects, storage.PairwiseSubject{UserID: somebody.ID, Sector: fmt.Sprint(n, ".example.com"), Subject: fmt.Sprintf("sub-%d", n)})
	}
	check(s.CreatePairwiseSubjects(ctx, subjects))
	check(s.CreateConsentedScopes(ctx, []storage.ConsentedScope{
		{UserID: somebody.ID, ApplicationID: app, Scope: "openid", GrantedAt: moment},
		{UserID: somebody.ID, ApplicationID: app, Scope: "Z", GrantedAt: moment.Add(time.Hour)},
	}))
	_, err = s.ReplaceKeys(ctx, nil, []storage.Key{
		{ID: "k1", Algorithm: "ES256", Sealed: []byte{1, 2, 255}, CreatedAt: moment, ActiveFrom: moment, RetiredAt: moment, ExpiresAt: moment},
		{ID: "k2", Algorithm: "RS256", Sealed: []byte{3}, CreatedAt: moment, ActiveFrom: moment},
	}, nil)
	check(err)
}

func export(tb testing.TB, s *sqlstore.Store) []byte {
	tb.Helper()
	var b bytes.Buffer
	if _, err := transfer.Export(tb.Context(), s, &b, transfer.ExportOptions{Release: "v1", Now: moment}); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func openPostgres(tb testing.TB) *sqlstore.Store {
	tb.Helper()
	return storagetest.Database{Name: "postgres", DSN: storagetest.Postgres}.Open(tb)
}

// Everything survives the way from SQLite to PostgreSQL and back, to the byte.
func TestExportAndRestore(t *testing.T) {
	t.Parallel()
	first, second, third := storagetest.Database{Name: "sqlite", DSN: storagetest.SQLite}.Open(t), openPostgres(t), openSQLite(t)
	fill(t, first, 6500)
	file := export(t, first)
	for _, next := range []*sqlstore.Store{second, third} {
		var told [][2]int
		counts, err := transfer.Restore(t.Context(), next, bytes.NewReader(file), transfer.RestoreOptions{
			Progress: func(done, total int) { told = append(told, [2]int{done, total}) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(transfer.Counts{"product": 2, "group": 4, "user": 6500, "subject": 9750, "application": 1, "consent": 2, "key": 2}, counts); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
		if len(told) != 16 || told[5] != [2]int{6000, 16261} {
			t.Errorf("told %v", told)
		}
		if diff := cmp.Diff(string(file), string(export(t, next))); diff != "" {
			t.Fatalf("exported again (-want +got):\n%s", diff)
		}
	}
	// Lists work, too: what they are found by was written.
	users, total, err := third.Users(t.Context(), identity.UserQuery{Page: identity.Page{Number: 65, Limit: 100}, Prefix: "user-"})
	if err != nil || total != 6500 || len(users) != 100 {
		t.Errorf("%d users found, %d on the page, %v", total, len(users), err)
	}
	members, err := second.Members(t.Context(), []string{"clerks"}, 1)
	if err != nil || members["clerks"].Count != 1300 {
		t.Errorf("members %+v, %v", members, err)
	}
	if _, err := transfer.Restore(t.Context(), third, bytes.NewReader(file), transfer.RestoreOptions{}); !errors.Is(err, errors.Protected) {
		t.Errorf("Restore() over what is there = %v", err)
	}
}

// A file that is not what was written is refused, and leaves nothing behind.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	source := openSQLite(t)
	fill(t, source, 10)
	file := string(export(t, source))
	lines := strings.SplitAfter(strings.TrimSuffix(file, "\n"), "\n")
	without := func(n int) string { return strings.Join(append(append([]string{}, lines[:n]...), lines[n+1:]...), "") }
	failing := errors.New("no")
	tests := map[string]struct {
		file    string
		options transfer.RestoreOptions
		want    string
	}{
		"empty":             {file: "", want: "not what gatehouse export writes"},
		"something else":    {file: `{"realm":"r"}`, want: "not what gatehouse export writes"},
		"users to import":   {file: "username,email\n", want: "not what gatehouse export writes"},
		"another version":   {file: strings.Replace(file, `"version":3,"createdAt"`, `"version":1,"createdAt"`, 1), want: "format version 1, and this release reads version 3: restore it with release v1"},
		"header alone":      {file: lines[0], want: "was cut off"},
		"cut in a line":     {file: file[:len(file)/2], want: "was cut off or changed"},
		"cut after a line":  {file: strings.Join(lines[:9], ""), want: "was cut off"},
		"trailer is cut":    {file: file[:len(file)-20], want: "was cut off or changed"},
		"a line less":       {file: without(8), want: "9 records of the kind user, and its trailer says 10"},
		"a name changed":    {file: strings.Replace(file, `"Last 3"`, `"Last X"`, 1), want: "checksum differs"},
		"address changed":   {file: strings.Replace(file, `"User-1@`, `"user-1@`, 1), want: "checksum differs"},
		"lines in disorder": {file: strings.Join([]string{lines[0], lines[3], lines[1], lines[2]}, ""), want: `a record of the kind "product", which does not belong there`},
		"unknown kind":      {file: strings.Replace(file, `{"kind":"user"`, `{"kind":"robot"`, 1), want: `of the kind "robot", which does not belong there`},
		"unknown field":     {file: strings.Replace(file, `"username":`, `"shoe":1,"username":`, 1), want: "is not a record of this release"},
		"twice":             {file: file + file, want: "goes on behind its trailer"},
		"another secret": {file: file, want: "no", options: transfer.RestoreOptions{
			CheckKey: func(storage.Key) error { return failing },
		}},
		"the end fails": {file: file, want: "no", options: transfer.RestoreOptions{
			Done: func(context.Context, transfer.Counts) error { return failing },
		}},
	}
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			into := db.Open(t)
			before := string(export(t, into))
			for name, tt := range tests {
				_, err := transfer.Restore(t.Context(), into, strings.NewReader(tt.file), tt.options)
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%s: Restore() = %v, want %q", name, err, tt.want)
				}
				if diff := cmp.Diff(before, string(export(t, into))); diff != "" {
					t.Fatalf("%s: the database has changed:\n%s", name, diff)
				}
			}
		})
	}
}

// forgetful is a database that keeps less than it is told.
type forgetful struct{ *sqlstore.Store }

func (f forgetful) CreateUsers(ctx context.Context, users []identity.User) error {
	users = slices.Clone(users)
	for n := range users {
		users[n].Groups = nil
	}
	return f.Store.CreateUsers(ctx, users)
}

// What is restored is read back, and stands only if it is what was exported.
func TestRestoreReadsBack(t *testing.T) {
	t.Parallel()
	source, into := openSQLite(t), openSQLite(t)
	fill(t, source, 10)
	o := newOffice(t, source)
	o.users(t, `{"username":"user-3","groups":["clerks"]}`, transfer.UsersOptions{})
	_, err := transfer.Restore(t.Context(), forgetful{into}, bytes.NewReader(export(t, source)), transfer.RestoreOptions{})
	if err == nil || !strings.Contains(err.Error(), "the database has other records of the kind user") {
		t.Errorf("Restore() = %v", err)
	}
	if counts, err := into.Counts(t.Context()); err != nil || counts.Users != 0 {
		t.Errorf("left behind %+v, %v", counts, err)
	}
}

// An export is of one moment, however many change things meanwhile.
func TestExportIsOfOneMoment(t *testing.T) {
	t.Parallel()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			s := db.Open(t)
			fill(t, s, 1500)
			var told bool
			var b bytes.Buffer
			counts, err := transfer.Export(t.Context(), s, &b, transfer.ExportOptions{Progress: func(int, int) {
				if told {
					return
				}
				told = true
				late := identity.User{ID: storage.NewID(time.Now()), Username: "late", Email: "late@example.com", Version: 1, CreatedAt: moment, UpdatedAt: moment}
				if err := s.CreateUser(t.Context(), late); err != nil {
					t.Error(err)
				}
				if err := s.DeleteGroup(t.Context(), "clerks", moment); err != nil {
					t.Error(err)
				}
			}})
			if err != nil || !told || counts["user"] != 1500 || strings.Contains(b.String(), `"late"`) || !strings.Contains(b.String(), `["admin-group","clerks"]`) {
				t.Errorf("counts %v, %v", counts, err)
			}
			if _, err := s.UserByUsername(t.Context(), "late"); err != nil {
				t.Errorf("who was created meanwhile: %v", err)
			}
			if _, err := transfer.Restore(t.Context(), openSQLite(t), &b, transfer.RestoreOptions{}); err != nil {
				t.Errorf("Restore() = %v", err)
			}
		})
	}
}

// How fast everything is written, and read into an empty database.
func BenchmarkBackup(b *testing.B) {
	const users = 50_000
	for _, db := range []storagetest.Database{
		{Name: "sqlite", DSN: storagetest.SQLite}, {Name: "postgres", DSN: storagetest.DurablePostgres},
	} {
		b.Run(db.Name, func(b *testing.B) {
			source := db.Open(b)
			fill(b, source, users)
			for b.Loop() {
				began := b.Elapsed()
				file := export(b, source)
				b.ReportMetric(users/(b.Elapsed()-began).Seconds(), "exported-users/s")
				into := db.Open(b)
				began = b.Elapsed()
				if _, err := transfer.Restore(b.Context(), into, bytes.NewReader(file), transfer.RestoreOptions{}); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(users/(b.Elapsed()-began).Seconds(), "restored-users/s")
			}
		})
	}
}
