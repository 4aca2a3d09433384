package main_test

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gatehouse "gatehouse/cmd/gatehouse"
	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/keys"
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

// createUser is a command line that creates a user; flags come after, and win.
func createUser(name string, flags ...string) []string {
	return append([]string{"user", "create", name, "--email", name + "@example.com", "--first-name", name, "--last-name", "Example", "--group", "staff"}, flags...)
}

// createApplication is a command line that creates an application.
func createApplication(flags ...string) []string {
	return append([]string{"application", "create", "billing", "--description", "Nightly run"}, flags...)
}

// command is a command line on the database.
func (a administration) command(line ...string) command {
	return command{args: line, environ: a.environ}
}

// user is a user as --json prints it.
type user struct {
	ID, Username, Email, FirstName, LastName, CreatedAt, Password string
	Groups                                                        []string
	Disabled                                                      bool
}

// application is an application as --json prints it.
type application struct {
	ID, Name, ClientID, ClientSecret, IDTokenSignedResponseAlg string
	GrantTypes, Scopes, Audiences, RedirectURIs                []string
	Public, BuiltIn, Disabled                                  bool
	AccessTokenLifetime, RefreshTokenLifetime, SessionLifetime int
}

var passwords = identity.NewPasswords(identity.PasswordConfig{})

func TestUserCreate(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		var made user
		a.command("user", "create", "ada", "--email", "ada@example.com", "--first-name", "Ada", "--last-name", "Lovelace", "--group", identity.AdminGroup).json(t, &made)
		stored, err := a.store.UserByUsername(t.Context(), "ada")
		if err != nil {
			t.Fatal(err)
		}
		if stored.ID != made.ID || stored.Email != "ada@example.com" || stored.FullName() != "Ada Lovelace" || !slices.Equal(stored.Groups, []string{identity.AdminGroup}) {
			t.Errorf("stored %+v, printed %+v", stored, made)
		}
		if ok, _, err := passwords.Verify(t.Context(), stored.PasswordHash, made.Password); err != nil || !ok {
			t.Errorf("the password that was printed is not the user's: %v", err)
		}

		given := a.command(createUser("bob", "--password-stdin")...)
		given.stdin = "Cor-rect4horse\r\n"
		lacks(t, given.ok(t), "Cor-rect4horse", "password")
		stored, err = a.store.UserByUsername(t.Context(), "bob")
		if err != nil {
			t.Fatal(err)
		}
		if ok, _, err := passwords.Verify(t.Context(), stored.PasswordHash, "Cor-rect4horse"); err != nil || !ok {
			t.Errorf("the password given is not the user's: %v", err)
		}
	})
}

func TestUserCreateRefuses(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		a.command(createUser("ada")...).ok(t)
		tests := []struct {
			name   string
			args   []string
			stdin  string
			status int
			want   []string
		}{
			{"incomplete", []string{"user", "create", "bob"}, "", gatehouse.ExitUsage, []string{"(IDE-0001)", "email: is required", "firstName: is required", "lastName: is required", "groups: must hold at least one"}},
			{"two faults", createUser("b", "--email", "b"), "", gatehouse.ExitUsage, []string{"username: ", "email: "}},
			{"no username", []string{"user", "create"}, "", gatehouse.ExitUsage, []string{"accepts 1 arg"}},
			{"taken", createUser("ADA", "--email", "other@example.com"), "", gatehouse.ExitFailed, []string{"Conflict", "username"}},
			{"unknown group", createUser("bob", "--group", "nobodies"), "", gatehouse.ExitFailed, []string{errors.GroupNotFound.ID}},
			{"weak password", createUser("bob", "--password-stdin"), "password", gatehouse.ExitFailed, []string{errors.WeakPassword.ID, "password: must have at least 12 characters"}},
			{"no password", createUser("bob", "--password-stdin"), "\n", gatehouse.ExitFailed, []string{"no password on standard input"}},
			{"no metadata", createUser("bob", "--metadata", "level"), "", gatehouse.ExitUsage, []string{`--metadata: "level" is not KEY=VALUE`}},
			{"no number", createUser("bob", "--metadata", "level:=high"), "", gatehouse.ExitUsage, []string{`--metadata: "level:=high" is not KEY:=VALUE with a number`}},
			{"metadata twice", createUser("bob", "--metadata", "a=1", "--metadata", "a=2"), "", gatehouse.ExitUsage, []string{`--metadata: "a" is given twice`}},
			{"nested metadata", createUser("bob", "--metadata", "a:=[1]"), "", gatehouse.ExitUsage, []string{errors.IdentityMetadataNested.ID}},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				c := a.command(tt.args...)
				c.stdin = tt.stdin
				out := c.run(t)
				if out.status != tt.status {
					t.Errorf("status %d, want %d", out.status, tt.status)
				}
				contains(t, out.stderr, tt.want...)
			})
		}
		if _, total, err := a.store.Users(t.Context(), identity.UserQuery{Page: identity.Page{Number: 1, Limit: 10}}); err != nil || total != 1 {
			t.Errorf("%d users (%v), want the first alone", total, err)
		}
	})
}

// signIn stores a session of the user.
func (a administration) signIn(t *testing.T, u user) {
	t.Helper()
	now := time.Now().UTC()
	err := a.store.CreateSession(t.Context(), storage.Session{
		ID: "0190a1b2-0000-7000-8000-" + u.ID[len(u.ID)-12:], UserID: u.ID, ClientID: identity.FirstPartyClientID,
		AuthTime: now, CreatedAt: now, LastUsedAt: now, ExpiresAt: now.Add(time.Hour),
	}, "")
	if err != nil {
		t.Fatal(err)
	}
}

func (a administration) sessions(t *testing.T, u user) int {
	t.Helper()
	live, err := a.store.SessionsOfUser(t.Context(), u.ID, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return len(live)
}

func TestUserDisable(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		var ada, got user
		a.command(createUser("ada")...).json(t, &ada)
		a.signIn(t, ada)
		a.command("user", "disable", "ada").json(t, &got)
		if stored, err := a.store.User(t.Context(), ada.ID); err != nil || !stored.Disabled || !got.Disabled {
			t.Errorf("disabled: stored %v, printed %v (%v)", stored.Disabled, got.Disabled, err)
		}
		if n := a.sessions(t, ada); n != 0 {
			t.Errorf("%d sessions live on", n)
		}
		a.command("user", "enable", ada.ID).json(t, &got)
		if stored, err := a.store.User(t.Context(), ada.ID); err != nil || stored.Disabled || got.Disabled {
			t.Errorf("disabled after enable: stored %v, printed %v (%v)", stored.Disabled, got.Disabled, err)
		}
		out := a.command("user", "disable", "nobody").run(t)
		if out.status != gatehouse.ExitFailed {
			t.Errorf("status %d, want %d", out.status, gatehouse.ExitFailed)
		}
		contains(t, out.stderr, `there is no user "nobody"`)
	})
}

func TestUserDisableKeepsAnAdministrator(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		for _, name := range []string{"ada", "bob"} {
			a.command(createUser(name, "--group", identity.AdminGroup)...).ok(t)
		}
		a.command("user", "disable", "ada").ok(t)
		out := a.command("user", "disable", "bob").run(t)
		if out.status != gatehouse.ExitFailed {
			t.Errorf("status %d, want %d", out.status, gatehouse.ExitFailed)
		}
		contains(t, out.stderr, "bob is the last enabled member of admin-group")
		if stored, err := a.store.UserByUsername(t.Context(), "bob"); err != nil || stored.Disabled {
			t.Errorf("bob is disabled (%v)", err)
		}
	})
}

func TestUserResetPassword(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		var ada, got user
		a.command(createUser("ada")...).json(t, &ada)
		a.signIn(t, ada)
		a.command("user", "reset-password", "ada").json(t, &got)
		stored, err := a.store.User(t.Context(), ada.ID)
		if err != nil {
			t.Fatal(err)
		}
		for password, want := range map[string]bool{ada.Password: false, got.Password: true} {
			if ok, _, err := passwords.Verify(t.Context(), stored.PasswordHash, password); err != nil || ok != want {
				t.Errorf("password accepted = %v, want %v (%v)", ok, want, err)
			}
		}
		if n := a.sessions(t, ada); n != 0 {
			t.Errorf("%d sessions live on", n)
		}
	})
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

func TestApplicationCreate(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		var made application
		a.command("application", "create", "billing", "--description", "Console", "--grant", "password,refresh_token", "--grant", "client_credentials", "--scope", "a,b", "--audience", "https://api.example.com",
			"--redirect-uri", "https://console.example.com/back", "--access-token-lifetime", "5m", "--refresh-token-lifetime", "168h",
			"--session-lifetime", "720h", "--id-token-alg", "ES256").json(t, &made)
		stored, err := a.store.ApplicationByClientID(t.Context(), made.ClientID)
		if err != nil {
			t.Fatal(err)
		}
		if !stored.Allows(identity.GrantPassword) || !stored.Allows(identity.GrantClientCredentials) || !slices.Equal(stored.Scopes, []string{"a", "b"}) ||
			stored.AccessTokenLifetime != 5*time.Minute || stored.IDTokenSignedResponseAlg != "ES256" || stored.Public || made.SessionLifetime != 720*3600 {
			t.Errorf("stored %+v, printed %+v", stored, made)
		}
		if !regexp.MustCompile(`^[0-9a-f]{20}$`).MatchString(made.ClientID) || !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(made.ClientSecret) {
			t.Errorf("client id %q, secret %q: want 20 and 40 hexadecimal digits", made.ClientID, made.ClientSecret)
		}
		if !a.accepts(t, made.ClientID, made.ClientSecret) {
			t.Error("the secret that was printed is not the application's")
		}

		var public application
		a.command("application", "create", "billing", "--description", "Phone", "--public", "--grant", "password,refresh_token").json(t, &public)
		if public.ClientSecret != "" || !public.Public || !slices.Contains(public.Scopes, "openid") {
			t.Errorf("public application: %+v", public)
		}
		var plain application
		a.command(createApplication()...).json(t, &plain)
		if !slices.Equal(plain.GrantTypes, []string{"client_credentials"}) || len(plain.Scopes) != 0 {
			t.Errorf("application without flags: %+v", plain)
		}
	})
}

// accepts says whether the application shows itself with the secret now.
func (a administration) accepts(t *testing.T, clientID, shown string) bool {
	t.Helper()
	app, err := a.store.ApplicationByClientID(t.Context(), clientID)
	if err != nil {
		t.Fatal(err)
	}
	master, err := keys.NewMaster(secret)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(app.Secrets, func(s identity.ClientSecret) bool {
		ok, _ := master.VerifySecret(shown, s.Hash)
		return ok && (s.ExpiresAt.IsZero() || s.ExpiresAt.After(time.Now()))
	})
}

func TestApplicationCreateRefuses(t *testing.T) {
	t.Parallel()
	dsn := storagetest.SQLite(t)
	a := administration{store: storagetest.Open(t, dsn), environ: []string{"GATEHOUSE_DATABASE_DSN=" + dsn, "GATEHOUSE_MASTER_SECRET=" + secret}}
	a.populate(t)
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"unknown grant", []string{"--grant", "implicit"}, "grantTypes: must be one or more of"},
		{"public without a grant", []string{"--public"}, "grantTypes: "},
		{"public with client_credentials", []string{"--public", "--grant", "client_credentials"}, "grantTypes: must not hold client_credentials"},
		{"no scope", []string{"--scope", "a b"}, "scopes: "},
		{"no resource", []string{"--audience", "api"}, "audiences: "},
		{"plain http", []string{"--redirect-uri", "http://example.com/"}, "redirectUris: "},
		{"too long a life", []string{"--access-token-lifetime", "25h"}, "accessTokenLifetime: "},
		{"unknown algorithm", []string{"--id-token-alg", "none"}, "idTokenSignedResponseAlg: "},
		{"no whole seconds", []string{"--session-lifetime", "1500ms"}, "--session-lifetime: must be whole seconds"},
		{"no description", []string{"--description", ""}, "description: is required"},
		{"no key set", []string{"--jwks", write(t, "jwks.json", `{"keys":[{}]}`, 0o600)}, "jwks: "},
		{"no JSON", []string{"--jwks", write(t, "jwks.json", `keys`, 0o600)}, "is not JSON"},
		{"no file", []string{"--jwks", "/nowhere/jwks.json"}, "--jwks: open /nowhere/jwks.json"},
		{"no duration", []string{"--session-lifetime", "soon"}, "invalid argument"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := a.command(createApplication(tt.args...)...).run(t)
			if out.status != gatehouse.ExitUsage {
				t.Errorf("status %d, want %d", out.status, gatehouse.ExitUsage)
			}
			contains(t, out.stderr, tt.want)
		})
	}
}

func TestApplicationDisable(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		var app, got application
		a.command(createApplication()...).json(t, &app)
		a.command("application", "disable", app.ClientID).json(t, &got)
		stored, err := a.store.Application(t.Context(), app.ID)
		if err != nil || !stored.Disabled || stored.NotBefore.IsZero() || !got.Disabled {
			t.Errorf("disable: stored %+v, printed %+v (%v)", stored, got, err)
		}
		a.command("application", "enable", app.ID).json(t, &got)
		if stored, err = a.store.Application(t.Context(), app.ID); err != nil || stored.Disabled || stored.NotBefore.IsZero() || got.Disabled {
			t.Errorf("enable: stored %+v, printed %+v (%v)", stored, got, err)
		}
		out := a.command("application", "disable", "nothing").run(t)
		if out.status != gatehouse.ExitFailed {
			t.Errorf("status %d, want %d", out.status, gatehouse.ExitFailed)
		}
		contains(t, out.stderr, `there is no application "nothing"`)
	})
}

func TestApplicationRotateSecret(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		var first, second, third application
		a.command(createApplication()...).json(t, &first)
		a.command("application", "rotate-secret", first.ClientID, "--keep-old-for", "1h").json(t, &second)
		for _, secret := range []string{first.ClientSecret, second.ClientSecret} {
			if !a.accepts(t, first.ClientID, secret) {
				t.Error("a secret is refused that should be accepted for an hour")
			}
		}
		a.command("application", "rotate-secret", first.ID, "--keep-old-for", "24h").json(t, &third)
		for secret, want := range map[string]bool{first.ClientSecret: false, second.ClientSecret: true, third.ClientSecret: true} {
			if got := a.accepts(t, first.ClientID, secret); got != want {
				t.Errorf("accepted = %v, want %v: only the newest and the one before it", got, want)
			}
		}
		a.command("application", "rotate-secret", first.ID).ok(t)
		if a.accepts(t, first.ClientID, third.ClientSecret) {
			t.Error("the old secret is accepted though nothing was said of keeping it")
		}

		var public application
		a.command("application", "create", "billing", "--description", "Phone", "--public", "--grant", "password").json(t, &public)
		for _, args := range [][]string{{public.ClientID}, {first.ID, "--keep-old-for", "-1s"}} {
			if out := a.command(append([]string{"application", "rotate-secret"}, args...)...).run(t); out.status != gatehouse.ExitUsage {
				t.Errorf("rotate-secret %v: status %d, want %d", args, out.status, gatehouse.ExitUsage)
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
