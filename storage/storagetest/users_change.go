package storagetest

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

func testUserConflictBoth(t *testing.T, s Store) {
	one, two := newUser(), newUser()
	noError(t, s.CreateUsers(t.Context(), []identity.User{one, two}))
	other := newUser()
	other.Username, other.Email = upper(one.Username), upper(two.Email)
	wantConflict(t, s.CreateUser(t.Context(), other), "username", "email")
}

func testCreateUsers(t *testing.T, s Store) {
	var users []identity.User
	for range 120 {
		users = append(users, newUser())
	}
	noError(t, s.CreateUsers(t.Context(), users))
	for _, user := range users {
		got, err := s.User(t.Context(), user.ID)
		noError(t, err)
		same(t, "User()", got, user)
	}
	noError(t, s.CreateUsers(t.Context(), nil))

	first, last := newUser(), newUser()
	last.Email = users[7].Email
	wantConflict(t, s.CreateUsers(t.Context(), []identity.User{first, last}), "email")
	last.Email, last.Groups = newID(), []string{newID()}
	if err := s.CreateUsers(t.Context(), []identity.User{first, last}); !errors.Is(err, errors.GroupNotFound) {
		t.Errorf("CreateUsers() in a group that is not there = %v, want GroupNotFound", err)
	}
	if _, err := s.User(t.Context(), first.ID); !errors.Is(err, errors.UserNotFound) {
		t.Errorf("User() of one created with one that failed = %v, want UserNotFound", err)
	}
	all, err := s.UsersAfter(t.Context(), users[0].ID, 1000)
	noError(t, err)
	if !slices.IsSortedFunc(all, byID) || len(all) < 119 || all[0].ID <= users[0].ID {
		t.Errorf("UsersAfter() = %d users, want those after the first by id", len(all))
	}
	some, err := s.UsersAfter(t.Context(), "", 2)
	noError(t, err)
	same(t, "number of users", len(some), 2)
}

func byID(a, b identity.User) int { return cmp.Compare(a.ID, b.ID) }

func testUpdateUser(t *testing.T, s Store) {
	user := newUser()
	noError(t, s.CreateUser(t.Context(), user))
	changed := identity.User{
		ID: user.ID, Username: "other-" + user.ID, Email: "other@" + user.ID, FirstName: "Grace", LastName: "Hopper",
		PasswordHash: "no", Disabled: true, CreatedAt: kept(now.Add(-time.Hour)), UpdatedAt: kept(now.Add(time.Hour)), Version: 7,
	}
	noError(t, s.UpdateUser(t.Context(), changed))
	changed.PasswordHash, changed.CreatedAt, changed.Credentials = user.PasswordHash, user.CreatedAt, 1
	got, err := s.User(t.Context(), user.ID)
	noError(t, err)
	same(t, "User()", got, changed)
	if _, err := s.UserByUsername(t.Context(), user.Username); !errors.Is(err, errors.UserNotFound) {
		t.Errorf("UserByUsername() by the old name = %v, want UserNotFound", err)
	}
	found, total, err := s.Users(t.Context(), identity.UserQuery{Prefix: "OTHER-" + user.ID, Page: identity.Page{Number: 1, Limit: 2}})
	noError(t, err)
	same(t, "found", found, []identity.User{changed})
	same(t, "total", total, 1)
	wantAnnounced(t, s, storage.UserChanged, user.ID, 1)
}

func testUpdateUserGroups(t *testing.T, s Store) {
	groups := []string{newGroup(t, s), newGroup(t, s), newGroup(t, s)}
	user := newUser()
	user.Groups = groups[:2]
	noError(t, s.CreateUser(t.Context(), user))
	user.Groups = groups[1:]
	noError(t, s.UpdateUser(t.Context(), user))
	got, err := s.User(t.Context(), user.ID)
	noError(t, err)
	same(t, "Groups", got.Groups, groups[1:])
	members, err := s.Members(t.Context(), groups, 10)
	noError(t, err)
	same(t, "Members()", members, map[string]identity.Members{
		groups[1]: {Usernames: []string{user.Username}, Count: 1}, groups[2]: {Usernames: []string{user.Username}, Count: 1},
	})
	for name, group := range map[string]string{"unknown": newID(), "not UTF-8": strange["not UTF-8"], "NUL": strange["NUL"]} {
		user.Groups = []string{groups[0], group}
		if err := s.UpdateUser(t.Context(), user); !errors.Is(err, errors.GroupNotFound) {
			t.Errorf("UpdateUser() into a group that is %s = %v, want GroupNotFound", name, err)
		}
	}
	got, err = s.User(t.Context(), user.ID)
	noError(t, err)
	same(t, "Groups", got.Groups, groups[1:])
}

func testUpdateUserConflict(t *testing.T, s Store) {
	user, other := newUser(), newUser()
	noError(t, s.CreateUsers(t.Context(), []identity.User{user, other}))
	changed := user
	changed.Username, changed.Email = upper(user.Username), upper(user.Email) // its own
	noError(t, s.UpdateUser(t.Context(), changed))
	changed.Email = upper(other.Email)
	wantConflict(t, s.UpdateUser(t.Context(), changed), "email")
	changed.Username = upper(other.Username)
	wantConflict(t, s.UpdateUser(t.Context(), changed), "email", "username")
	email := newID()
	won := race(t, func(i int) (bool, error) {
		one := newUser()
		if err := s.CreateUser(t.Context(), one); err != nil {
			return false, err
		}
		one.Email = email
		err := s.UpdateUser(t.Context(), one)
		if errors.Is(err, errors.Conflict) {
			return false, nil
		}
		return err == nil, err
	})
	if won != 1 {
		t.Errorf("%d of %d got the address, want 1", won, racers)
	}
}

func testDeleteUser(t *testing.T, s Store) {
	user := newUser()
	noError(t, s.CreateUser(t.Context(), user))
	session := newSession(user.ID)
	noError(t, s.CreateSession(t.Context(), session))
	won := race(t, func(int) (bool, error) {
		err := s.DeleteUser(t.Context(), user.ID, now)
		if errors.Is(err, errors.UserNotFound) {
			return false, nil
		}
		return err == nil, err
	})
	if won != 1 {
		t.Errorf("%d of %d deleted the user, want 1", won, racers)
	}
	wantAnnounced(t, s, storage.UserChanged, user.ID, 1)
	if _, err := s.User(t.Context(), user.ID); !errors.Is(err, errors.UserNotFound) {
		t.Errorf("User() = %v, want UserNotFound", err)
	}
	_, total, err := s.Users(t.Context(), identity.UserQuery{Prefix: user.Username, Page: identity.Page{Number: 1, Limit: 1}})
	noError(t, err)
	same(t, "total", total, 0)
	if got, err := s.Session(t.Context(), session.ID); err != nil || !got.EndedAt.IsZero() {
		t.Errorf("Session() = %+v, %v, want it as it was", got, err)
	}
	noError(t, s.CreateUser(t.Context(), user)) // nothing is in its way
}

func testUsersNamed(t *testing.T, s Store) {
	users := []identity.User{newUser(), newUser(), newUser(), newUser()}
	noError(t, s.CreateUsers(t.Context(), users))
	names, emails := []string{upper(users[0].Username), "nobody", strange["NUL"]}, []string{upper(users[0].Email), users[2].Email, strange["not UTF-8"]}
	for range 1000 {
		names, emails = append(names, newID()), append(emails, newID())
	}
	got, err := s.UsersNamed(t.Context(), names, emails)
	noError(t, err)
	slices.SortFunc(got, byID)
	same(t, "UsersNamed()", got, []identity.User{users[0], users[2]})
	got, err = s.UsersNamed(t.Context(), nil, nil)
	noError(t, err)
	same(t, "UsersNamed() of none", len(got), 0)
}

// Of many that read a number and write the next one none is lost.
func testUserToChange(t *testing.T, s Store) {
	user := newUser()
	noError(t, s.CreateUser(t.Context(), user))
	groups := make([]string, racers)
	for i := range groups {
		groups[i] = newGroup(t, s)
	}
	if _, err := s.UserToChange(t.Context(), user.ID); err == nil || errors.Is(err, errors.UserNotFound) {
		t.Errorf("UserToChange() outside of a transaction = %v, want an error", err)
	}
	race(t, func(i int) (bool, error) {
		return true, s.InTx(t.Context(), func(ctx context.Context) error {
			got, err := s.UserToChange(ctx, user.ID)
			if err != nil {
				return err
			}
			got.Version++
			got.Groups = append(got.Groups, groups[i]) // those that others added included
			return s.UpdateUser(ctx, got)
		})
	})
	got, err := s.User(t.Context(), user.ID)
	noError(t, err)
	same(t, "Version", got.Version, user.Version+racers)
	same(t, "number of groups", len(got.Groups), racers+1)
}

// However many administrators step down at once, one stays.
func testAnotherAdmin(t *testing.T, s Store) {
	if _, err := s.AnotherAdmin(t.Context(), ""); err == nil {
		t.Error("AnotherAdmin() outside of a transaction = nil")
	}
	disabled := newUser()
	disabled.Disabled = true
	noError(t, s.CreateUser(t.Context(), disabled))
	admins := make([]identity.User, racers)
	for i := range admins {
		admins[i] = newUser()
	}
	noError(t, s.CreateUsers(t.Context(), admins))
	left := race(t, func(i int) (bool, error) {
		stepped := false
		err := s.InTx(t.Context(), func(ctx context.Context) error {
			user, err := s.UserToChange(ctx, admins[i].ID)
			if err != nil {
				return err
			}
			another, err := s.AnotherAdmin(ctx, user.ID)
			if err != nil || !another {
				return err
			}
			stepped = true
			switch i % 4 {
			case 0:
				user.Disabled = true
				return s.UpdateUser(ctx, user)
			case 1:
				user.Groups = nil
				return s.UpdateUser(ctx, user)
			case 2:
				return s.RemoveMember(ctx, identity.AdminGroup, user.ID, now)
			default:
				return s.DeleteUser(ctx, user.ID, now)
			}
		})
		return stepped, err
	})
	if left != racers-1 {
		t.Errorf("%d of %d stepped down, want all but one", left, racers)
	}
	users, _, err := s.Users(t.Context(), identity.UserQuery{Group: identity.AdminGroup, Page: identity.Page{Number: 1, Limit: 100}})
	noError(t, err)
	enabled := slices.DeleteFunc(users, func(u identity.User) bool { return u.Disabled })
	same(t, "enabled administrators", len(enabled), 1)
}
