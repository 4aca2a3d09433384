package storagetest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

func testUsers(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"what is created is read back":     testUser,
		"what is empty stays empty":        testUserSparse,
		"an unknown user is not found":     testUserUnknown,
		"names and addresses are unique":   testUserConflict,
		"one of many gets a name":          testUserConflictRace,
		"a user needs its groups":          testUserWithoutGroup,
		"every name that is taken is told": testUserConflictBoth,
		"many are created or none":         testCreateUsers,
		"a user is changed":                testUpdateUser,
		"a user changes its groups":        testUpdateUserGroups,
		"a change cannot take a name":      testUpdateUserConflict,
		"a user is deleted":                testDeleteUser,
		"users are found by many names":    testUsersNamed,
		"users are found by many ids":      testUsersByID,
		"a change is read under a lock":    testUserToChange,
		"a password is replaced":           testSetPasswordHash,
		"a hash is renewed":                testRenewPasswordHash,
		"strange names are kept legible":   testUserStrange,
	})
	t.Run("users are listed in pages", func(t *testing.T) {
		t.Parallel()
		testUsersPages(t, open(t))
	})
	t.Run("one administrator stays", func(t *testing.T) {
		t.Parallel()
		testAnotherAdmin(t, open(t))
	})
}

func upper(s string) string { return strings.ToUpper(s) }

func newUser() identity.User {
	id := newID()
	return identity.User{
		ID: id, Username: "user-" + id, Email: id + "@Example.com", EmailVerified: true,
		FirstName: "Ada", LastName: "Lovelace", PasswordHash: "$argon2id$", Groups: []string{identity.AdminGroup},
		Metadata: map[string]any{"a": "b"}, CreatedAt: kept(now), UpdatedAt: kept(now.Add(time.Second)), Version: 1, Credentials: 1,
	}
}

func testUser(t *testing.T, s Store) {
	for _, id := range []string{"a-" + newID(), "b-" + newID()} {
		noError(t, s.CreateGroup(t.Context(), identity.Group{ID: id, CreatedAt: now}))
		user := newUser()
		user.Groups = []string{id, identity.AdminGroup}
		noError(t, s.CreateUser(t.Context(), user))
		user.Groups = []string{id, identity.AdminGroup}
		if id > identity.AdminGroup {
			user.Groups = []string{identity.AdminGroup, id}
		}
		got, err := s.User(t.Context(), user.ID)
		noError(t, err)
		same(t, "User()", got, user)
		got, err = s.UserByUsername(t.Context(), upper(user.Username))
		noError(t, err)
		same(t, "UserByUsername()", got, user)
		got, err = s.UserByEmail(t.Context(), upper(user.Email))
		noError(t, err)
		same(t, "UserByEmail()", got, user)
	}
}

func testUserSparse(t *testing.T, s Store) {
	id := newID()
	user := identity.User{ID: id, Username: id, Email: id, CreatedAt: now, UpdatedAt: now}
	noError(t, s.CreateUser(t.Context(), user))
	got, err := s.User(t.Context(), id)
	noError(t, err)
	user.CreatedAt, user.UpdatedAt, user.Credentials = kept(now), kept(now), 1
	same(t, "User()", got, user)
}

func testUserUnknown(t *testing.T, s Store) {
	ids := map[string]string{"unknown": newID(), "empty": ""}
	for name, text := range strange {
		ids[name] = text
	}
	for name, id := range ids {
		for method, err := range map[string]error{
			"User":            second(s.User(t.Context(), id)),
			"UserByUsername":  second(s.UserByUsername(t.Context(), id)),
			"UserByEmail":     second(s.UserByEmail(t.Context(), id)),
			"SetPasswordHash": s.SetPasswordHash(t.Context(), id, "hash", now),
			"UnlockUser":      s.UnlockUser(t.Context(), id, now),
			"UpdateUser":      s.UpdateUser(t.Context(), identity.User{ID: id}),
			"DeleteUser":      s.DeleteUser(t.Context(), id, now),
			"AddMember":       s.AddMember(t.Context(), identity.AdminGroup, id, now),
			"UserToChange": s.InTx(t.Context(), func(ctx context.Context) error {
				return second(s.UserToChange(ctx, id))
			}),
		} {
			if !errors.Is(err, errors.UserNotFound) {
				t.Errorf("%s(%s) = %v, want UserNotFound", method, name, err)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

// wantConflict checks that an error names the fields that are taken, and no other.
func wantConflict(t *testing.T, err error, fields ...string) {
	t.Helper()
	fault := errors.From(err)
	got := slices.Sorted(maps.Keys(fault.Fields))
	if !errors.Is(err, errors.Conflict) || !slices.Equal(got, slices.Sorted(slices.Values(fields))) {
		t.Errorf("got %v with fields %v, want Conflict on %s", err, fault.Fields, fields)
	}
}

func testUserConflict(t *testing.T, s Store) {
	user := newUser()
	noError(t, s.CreateUser(t.Context(), user))
	for field, change := range map[string]func(*identity.User){
		"id":       func(u *identity.User) { u.ID = user.ID },
		"username": func(u *identity.User) { u.Username = upper(user.Username) },
		"email":    func(u *identity.User) { u.Email = upper(user.Email) },
	} {
		other := newUser()
		change(&other)
		wantConflict(t, s.CreateUser(t.Context(), other), field)
	}
	got, err := s.User(t.Context(), user.ID)
	noError(t, err)
	same(t, "User()", got, user)
}

func testUserConflictRace(t *testing.T, s Store) {
	name := newID()
	won := race(t, func(int) (bool, error) {
		user := newUser()
		user.Username = name
		err := s.CreateUser(t.Context(), user)
		if errors.Is(err, errors.Conflict) {
			return false, nil
		}
		return true, err
	})
	if won != 1 {
		t.Errorf("%d of %d got the name, want 1", won, racers)
	}
}

func testUserWithoutGroup(t *testing.T, s Store) {
	for name, group := range map[string]string{"unknown": newID(), "not UTF-8": strange["not UTF-8"], "NUL": strange["NUL"]} {
		user := newUser()
		user.Groups = append(user.Groups, group)
		if err := s.CreateUser(t.Context(), user); !errors.Is(err, errors.GroupNotFound) {
			t.Errorf("CreateUser() in a group that is %s = %v, want GroupNotFound", name, err)
		}
		if _, err := s.User(t.Context(), user.ID); !errors.Is(err, errors.UserNotFound) {
			t.Errorf("User() = %v, want UserNotFound", err)
		}
	}
}

// wantAnnounced checks that a change was announced so many times.
func wantAnnounced(t *testing.T, s Store, kind storage.ChangeKind, key string, times int) {
	t.Helper()
	lines := linesAbout(t, s, key)
	if len(lines) != times {
		t.Errorf("changes = %v, want %d", lines, times)
	}
	for _, line := range lines {
		if line.Kind != kind || line.Until.Before(kept(now.Add(storage.ChangeRetention))) {
			t.Errorf("change = %v, want kind %s, kept for %v", line, kind, storage.ChangeRetention)
		}
	}
}

func testRenewPasswordHash(t *testing.T, s Store) {
	user := newUser()
	noError(t, s.CreateUser(t.Context(), user))
	renew := func(old, renewed string, want bool) {
		t.Helper()
		if ok, err := s.RenewPasswordHash(t.Context(), user.ID, old, renewed, now.Add(time.Hour)); ok != want || err != nil {
			t.Errorf("RenewPasswordHash(%s, %s) = %t, %v, want %t", old, renewed, ok, err, want)
		}
	}
	renew(user.PasswordHash, "$new$", true)
	renew(user.PasswordHash, "$late$", false)
	got, err := s.User(t.Context(), user.ID)
	noError(t, err)
	user.PasswordHash = "$new$"
	same(t, "User(), no new version", got, user)
	if ok, err := s.RenewPasswordHash(t.Context(), newID(), "", "$new$", now); ok || err != nil {
		t.Errorf("RenewPasswordHash() of nobody = %t, %v, want false", ok, err)
	}
}

func testSetPasswordHash(t *testing.T, s Store) {
	user := newUser()
	noError(t, s.CreateUser(t.Context(), user))
	noError(t, s.SetPasswordHash(t.Context(), user.ID, "$new$", now.Add(time.Hour)))
	got, err := s.User(t.Context(), user.ID)
	noError(t, err)
	user.PasswordHash, user.UpdatedAt, user.Version, user.Credentials = "$new$", kept(now.Add(time.Hour)), 2, 2
	same(t, "User()", got, user)
	wantAnnounced(t, s, storage.UserChanged, user.ID, 1)
}

func testUserStrange(t *testing.T, s Store) {
	for name, text := range strange {
		user := newUser()
		user.FirstName, user.LastName, user.Metadata = text, text, map[string]any{text: text}
		if err := s.CreateUser(t.Context(), user); err != nil {
			t.Errorf("%s: CreateUser() = %v", name, err)
		}
	}
}

func testUsersPages(t *testing.T, s Store) {
	list := func(number, limit int) ([]string, int) {
		t.Helper()
		users, total, err := s.Users(t.Context(), identity.UserQuery{Page: identity.Page{Number: number, Limit: limit}})
		noError(t, err)
		ids := []string{}
		for _, user := range users {
			ids = append(ids, user.ID)
		}
		return ids, total
	}
	if ids, total := list(1, 10); len(ids) != 0 || total != 0 {
		t.Errorf("Users() of none = %v, %d", ids, total)
	}
	var all []string
	for range 5 {
		user := newUser()
		all = append(all, user.ID)
		noError(t, s.CreateUser(t.Context(), user))
	}
	for number, want := range [][]string{all[:2], all[2:4], all[4:], {}} {
		ids, total := list(number+1, 2)
		same(t, "ids", ids, want)
		same(t, "total", total, 5)
	}
	users, _, err := s.Users(t.Context(), identity.UserQuery{Page: identity.Page{Number: 1, Limit: 1}})
	noError(t, err)
	whole, err := s.User(t.Context(), all[0])
	noError(t, err)
	same(t, "entry", users[0], whole)
}
