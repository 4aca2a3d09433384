package registry_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/storage"
)

func TestCreateUser(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		in := registry.NewUser{Username: "ada", Email: "ada@example.com", Password: password, Groups: []string{identity.AdminGroup}}
		user, err := o.CreateUser(as(t.Context(), o.admin), in)
		check(t, err)
		stored, err := o.store.User(t.Context(), user.ID)
		check(t, err)
		if diff := cmp.Diff(user, stored); diff != "" {
			t.Errorf("returned and stored user differ (-returned +stored):\n%s", diff)
		}
		if user.PasswordHash != "hash of "+password || user.Version != 1 || !user.CreatedAt.Equal(start) {
			t.Errorf("user %+v", user)
		}
		if diff := cmp.Diff([]string{"user.create by user root"}, o.trail(t, user.ID)); diff != "" {
			t.Errorf("trail (-want +got):\n%s", diff)
		}

		_, err = o.CreateUser(as(t.Context(), o.admin), registry.NewUser{Username: "ADA", Email: "Ada@example.com", Password: password})
		refuses(t, err, errors.Conflict, "email", "username")
		in.Username, in.Email, in.Groups = "bob", "bob@example.com", []string{"nobody-has-this"}
		_, err = o.CreateUser(as(t.Context(), o.admin), in)
		if !errors.Is(err, errors.GroupNotFound) {
			t.Errorf("error %v, want %v", err, errors.GroupNotFound)
		}
		in.Groups, in.Password = nil, "short"
		_, err = o.CreateUser(as(t.Context(), o.admin), in)
		refuses(t, err, errors.WeakPassword, "password")
	})
}

func TestCreateUserWithHash(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		const hash = "$2b$04$abcdefghijklmnopqrstuu6FdH/DrykHLwkhsiZ6KPJewyplb5ZrO"
		in := registry.NewUser{Username: "ada", Email: "ada@example.com", PasswordHash: hash}
		user, err := o.CreateUser(trusted(t.Context()), in)
		check(t, err)
		if user.PasswordHash != hash {
			t.Errorf("hash %s, want the one given", user.PasswordHash)
		}
		in.Username, in.Email, in.PasswordHash = "bob", "bob@example.com", "$2b$"
		_, err = o.CreateUser(trusted(t.Context()), in)
		refuses(t, err, errors.UnusablePasswordHash, "passwordHash")
	})
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ada := o.user(t, "ada")
		name, groups := "Augusta", []string{identity.AdminGroup}
		changed, err := o.UpdateUser(as(t.Context(), o.admin), ada.ID, registry.UserChange{FirstName: &name, Groups: &groups}, registry.Versions{1})
		check(t, err)
		if changed.FirstName != name || changed.Version != 2 || changed.LastName != ada.LastName {
			t.Errorf("user %+v", changed)
		}
		_, err = o.UpdateUser(as(t.Context(), o.admin), ada.ID, registry.UserChange{FirstName: &name}, registry.Versions{1})
		if !errors.Is(err, errors.StaleVersion) {
			t.Errorf("error %v, want %v", err, errors.StaleVersion)
		}
		events, err := o.store.AuditEvents(t.Context(), storage.AuditQuery{Subject: ada.ID, Action: "user.update", Limit: 10})
		check(t, err)
		if len(events) != 1 {
			t.Fatalf("%d events, want 1", len(events))
		}
		if diff := cmp.Diff(map[string]any{"firstName": "ada", "groups": nil}, events[0].Before); diff != "" {
			t.Errorf("before (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]any{"firstName": "Augusta", "groups": []any{"admin-group"}}, events[0].After); diff != "" {
			t.Errorf("after (-want +got):\n%s", diff)
		}
	})
}

// An address that was verified is so no more when it becomes another.
func TestNewAddressIsNotVerified(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx := trusted(t.Context())
		ada, err := o.CreateUser(ctx, registry.NewUser{Username: "ada", Email: "ada@example.com", EmailVerified: true, Password: password})
		check(t, err)
		same, other := "ADA@example.com", "ada@example.org"
		changed, err := o.UpdateUser(ctx, ada.ID, registry.UserChange{Email: &same}, nil)
		if err != nil || !changed.EmailVerified {
			t.Errorf("with the same address: %+v, %v", changed, err)
		}
		changed, err = o.UpdateUser(ctx, ada.ID, registry.UserChange{Email: &other}, nil)
		if err != nil || changed.EmailVerified {
			t.Errorf("with another address: %+v, %v", changed, err)
		}
	})
}

func TestEndsOfSessions(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		admin := as(t.Context(), o.admin)
		yes := true
		for name, end := range map[string]struct {
			do   func(u identity.User) error
			left []string
		}{
			"disabled": {func(u identity.User) error {
				_, err := o.UpdateUser(admin, u.ID, registry.UserChange{Disabled: &yes}, nil)
				return err
			}, []string{}},
			"deleted":   {func(u identity.User) error { return o.DeleteUser(admin, u.ID, nil) }, []string{}},
			"reset":     {func(u identity.User) error { return o.ResetPassword(admin, u.ID, password+"x", "", nil) }, []string{}},
			"ended":     {func(u identity.User) error { return o.EndSessions(admin, u.ID) }, []string{}},
			"ended-one": {func(u identity.User) error { return o.EndSession(admin, u.ID, "ended-one-1") }, []string{"ended-one-2"}},
			"changed-password": {func(u identity.User) error {
				return o.ChangePassword(as(t.Context(), u), u.ID, u.PasswordHash, password+"x", "changed-password-1")
			}, []string{"changed-password-1"}},
		} {
			user := o.user(t, name)
			o.session(t, name+"-1", user)
			o.session(t, name+"-2", user)
			if err := end.do(user); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if diff := cmp.Diff(end.left, o.sessions(t, user)); diff != "" {
				t.Errorf("%s: sessions left (-want +got):\n%s", name, diff)
			}
		}
		err := o.EndSession(admin, o.admin.ID, "ended-one-2")
		if !errors.Is(err, errors.IdentitySessionNotFound) {
			t.Errorf("ending another's session: %v, want %v", err, errors.IdentitySessionNotFound)
		}
	})
}

func TestChangePasswordOfAnotherMoment(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		err := o.ChangePassword(as(t.Context(), o.admin), o.admin.ID, "another hash", password+"x", "")
		if !errors.Is(err, errors.Unavailable) {
			t.Errorf("error %v, want %v", err, errors.Unavailable)
		}
		refuses(t, o.ResetPassword(as(t.Context(), o.admin), o.admin.ID, "weak", "", nil), errors.WeakPassword, "newPassword")
	})
}

func TestProtectedUsers(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		own, yes, none := as(t.Context(), o.admin), true, []string{}
		refuses(t, o.DeleteUser(own, o.admin.ID, nil), errors.Protected, "id")
		_, err := o.UpdateUser(trusted(t.Context()), o.admin.ID, registry.UserChange{Disabled: &yes}, nil)
		refuses(t, err, errors.Protected, "disabled")
		_, err = o.UpdateUser(trusted(t.Context()), o.admin.ID, registry.UserChange{Groups: &none}, nil)
		refuses(t, err, errors.Protected, "groups")
		refuses(t, o.DeleteUser(trusted(t.Context()), o.admin.ID, nil), errors.Protected, "id")
		refuses(t, o.RemoveMember(trusted(t.Context()), identity.AdminGroup, o.admin.ID), errors.Protected, "userId")

		o.user(t, "second", identity.AdminGroup)
		_, err = o.UpdateUser(own, o.admin.ID, registry.UserChange{Disabled: &yes}, nil)
		refuses(t, err, errors.Protected, "disabled")
		check(t, o.DeleteUser(trusted(t.Context()), o.admin.ID, nil))
	})
}

// However many take administrators away at once, one is left.
func TestLastAdministrator(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		admins := []identity.User{o.admin}
		for i := range 7 {
			admins = append(admins, o.user(t, fmt.Sprint("admin-", i), identity.AdminGroup))
		}
		yes, none := true, []string{}
		var done atomic.Int64
		var running sync.WaitGroup
		for i := range 32 {
			running.Go(func() {
				ctx, id := trusted(t.Context()), admins[i%len(admins)].ID
				var err error
				switch i / len(admins) {
				case 0:
					_, err = o.UpdateUser(ctx, id, registry.UserChange{Disabled: &yes}, nil)
				case 1:
					err = o.DeleteUser(ctx, id, nil)
				case 2:
					err = o.RemoveMember(ctx, identity.AdminGroup, id)
				default:
					_, err = o.UpdateUser(ctx, id, registry.UserChange{Groups: &none}, nil)
				}
				switch {
				case err == nil:
					done.Add(1)
				case errors.Is(err, errors.Protected), errors.Is(err, errors.UserNotFound), errors.Is(err, errors.MembershipNotFound):
				default:
					t.Errorf("change %d: %v", i, err)
				}
			})
		}
		running.Wait()
		enabled := 0
		for _, admin := range admins {
			user, err := o.store.User(t.Context(), admin.ID)
			if err == nil && !user.Disabled && len(user.Groups) > 0 {
				enabled++
			}
		}
		if enabled != 1 || done.Load() < 7 {
			t.Errorf("%d administrators left after %d changes, want 1", enabled, done.Load())
		}
	})
}
