package main_test

import (
	"slices"
	"testing"
	"time"

	gatehouse "gatehouse/cmd/gatehouse"
	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// createUser is a command line that creates a user; flags come after, and win.
func createUser(name string, flags ...string) []string {
	return append([]string{"user", "create", name, "--email", name + "@example.com", "--first-name", name, "--last-name", "Example", "--group", "staff"}, flags...)
}

// user is a user as --json prints it.
type user struct {
	ID, Username, Email, FirstName, LastName, CreatedAt, Password string
	Groups                                                        []string
	Disabled                                                      bool
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
	})
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
