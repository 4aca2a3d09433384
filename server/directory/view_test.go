package directory_test

import (
	"context"
	"sync"
	"testing"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/directory"
	"gatehouse/storage/storagetest"
)

func TestUserByUsername(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	id := n.newUser(t)
	named := func(want string) {
		t.Helper()
		user, err := n.UserByUsername(t.Context(), "USER-"+id)
		check(t, err)
		if user.ID != want {
			t.Errorf("UserByUsername() = %s, want %s", user.ID, want)
		}
	}
	for range 3 {
		named(id)
	}
	if got := n.store.reads.Load(); got != 1 {
		t.Errorf("%d reads for three look-ups, want 1", got)
	}
	check(t, n.store.DeleteUser(t.Context(), id, start))
	if _, err := n.UserByUsername(t.Context(), "user-"+id); !errors.Is(err, errors.UserNotFound) {
		t.Errorf("UserByUsername() of somebody who is gone = %v", err)
	}
	const heir = "01890000-0000-7000-8000-000000000000"
	check(t, n.store.CreateUser(t.Context(), identity.User{ID: heir, Username: "user-" + id, Email: "heir@example.com", CreatedAt: start, UpdatedAt: start}))
	named(heir)
}

func TestLoadReadsAtOnce(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	ids := []string{n.newUser(t), n.newUser(t), n.newUser(t)}
	n.disabled(t, ids[0])
	n.store.reads.Store(0)
	check(t, n.Load(t.Context(), append(ids, "nobody")))
	for _, id := range ids {
		n.disabled(t, id)
	}
	if got := n.store.reads.Load(); got != 1 {
		t.Errorf("%d reads for two users who were not remembered, want 1", got)
	}
	check(t, storagetest.DisableUser(t.Context(), n.store, ids[1], true, start))
	if !n.disabled(t, ids[1]) {
		t.Error("a user who was loaded is not forgotten")
	}
}

// What a view has found held together at one moment: of two users who change
// places in one transaction, one is in the group.
func TestTogether(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{MaxUsers: 3})
	check(t, n.store.CreateGroup(t.Context(), group("in", nil)))
	first, second, other := n.newUser(t), n.newUser(t), n.newUser(t)
	check(t, n.store.AddMember(t.Context(), "in", first, start))
	ids := []string{first, other, second}
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for ctx.Err() == nil {
				var members int
				err := n.Together(context.Background(), func(v *directory.View) error {
					members = 0
					for _, id := range ids {
						user, err := v.User(ctx, id)
						if err != nil {
							return err
						}
						members += len(user.Groups)
					}
					return nil
				})
				if err == nil && members != 1 && ctx.Err() == nil {
					t.Errorf("%d of the two are in the group, want 1", members)
					return
				}
			}
		})
	}
	for i := range 200 {
		store := n.store.Store
		if i%2 == 1 {
			store = n.other
		}
		check(t, store.InTx(t.Context(), func(ctx context.Context) error {
			if err := store.RemoveMember(ctx, "in", first, start); err != nil {
				return err
			}
			return store.AddMember(ctx, "in", second, start)
		}))
		first, second = second, first
	}
	stop()
	readers.Wait()
}

// Users who are created in one transaction are all there or none of them is, even
// if they are looked for by their names.
func TestTogetherWithUsersWhoArrive(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	const first, second = "01890000-0000-7000-8000-000000000001", "01890000-0000-7000-8000-000000000002"
	arrive := func(store identity.Users) {
		t.Helper()
		check(t, store.CreateUsers(t.Context(), []identity.User{
			{ID: first, Username: "first", Email: "first@example.com", CreatedAt: start, UpdatedAt: start},
			{ID: second, Username: "second", Email: "second@example.com", CreatedAt: start, UpdatedAt: start},
		}))
	}
	var found, looks int
	check(t, n.Together(t.Context(), func(v *directory.View) error {
		found = 0
		looks++
		for _, name := range []string{"first", "second"} {
			switch _, err := v.UserByUsername(t.Context(), name); {
			case err == nil:
				found++
			case !errors.Is(err, errors.UserNotFound):
				return err
			}
			if looks == 1 && name == "first" {
				arrive(n.other)
			}
		}
		return nil
	}))
	if found != 2 || looks != 2 {
		t.Errorf("%d of two users who arrived together after %d looks, want both after 2", found, looks)
	}
}

func TestTogetherReturnsWhatFails(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	err := n.Together(t.Context(), func(v *directory.View) error {
		_, err := v.User(t.Context(), "nobody")
		return err
	})
	if !errors.Is(err, errors.UserNotFound) {
		t.Errorf("Together() = %v, want %v", err, errors.UserNotFound)
	}
	id := n.newUser(t)
	looks := 0
	err = n.Together(t.Context(), func(v *directory.View) error {
		looks++
		if _, err := v.User(t.Context(), id); err != nil {
			return err
		}
		return storagetest.DisableUser(t.Context(), n.store, id, looks%2 == 0, start)
	})
	if !errors.Is(err, errors.Unavailable) || looks < 2 {
		t.Errorf("Together() = %v after %d looks at what keeps changing, want %v", err, looks, errors.Unavailable)
	}
}
