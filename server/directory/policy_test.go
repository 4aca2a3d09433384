package directory_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server/directory"
)

func group(id string, permissions map[string][]string) identity.Group {
	return identity.Group{ID: id, Name: id, Permissions: permissions, CreatedAt: start, UpdatedAt: start, Version: 1}
}

// allows asks the node's policy.
func (n *node) allows(t testing.TB, group, resource, action string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	policy, err := n.Policy(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return policy.Decide([]string{group}, identity.Question{Resource: resource, Action: action}).Allowed
}

func TestPolicyFollowsOwnChanges(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	if n.allows(t, "readers", "ledgers", "get") {
		t.Error("a group that is not there allows something")
	}
	if !n.allows(t, identity.AdminGroup, "ledgers", "get") {
		t.Error("administrators are not allowed everything")
	}
	readers := group("readers", map[string][]string{"ledgers": {"get"}})
	check(t, n.store.CreateGroup(t.Context(), readers))
	if !n.allows(t, "readers", "ledgers", "get") {
		t.Error("a new group allows nothing")
	}
	readers.Permissions, readers.Version = map[string][]string{"accounts": {"get"}}, 2
	check(t, n.store.UpdateGroup(t.Context(), readers))
	if n.allows(t, "readers", "ledgers", "get") || !n.allows(t, "readers", "accounts", "get") {
		t.Error("a changed group allows what it did before")
	}
	check(t, n.store.DeleteGroup(t.Context(), "readers", start))
	if n.allows(t, "readers", "accounts", "get") {
		t.Error("a deleted group allows something")
	}
}

func TestPolicyFollowsOtherNodes(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	n.run(t)
	if n.allows(t, "readers", "ledgers", "get") {
		t.Error("a group that is not there allows something")
	}
	check(t, n.other.CreateGroup(t.Context(), group("readers", map[string][]string{"ledgers": {"get"}})))
	eventually(t, "the group of another node", func() bool { return n.allows(t, "readers", "ledgers", "get") })
	check(t, n.other.DeleteGroup(t.Context(), "readers", start))
	eventually(t, "the end of the group", func() bool { return !n.allows(t, "readers", "ledgers", "get") })
}

func TestDeletedGroupLeavesItsMembers(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	id := n.newUser(t)
	check(t, n.store.CreateGroup(t.Context(), group("readers", nil)))
	check(t, n.store.AddMember(t.Context(), "readers", id, start))
	if user, err := n.User(t.Context(), id); err != nil || len(user.Groups) != 1 {
		t.Fatalf("User() = %+v, %v", user, err)
	}
	check(t, n.store.DeleteGroup(t.Context(), "readers", start))
	if user, err := n.User(t.Context(), id); err != nil || len(user.Groups) != 0 {
		t.Errorf("User() = %+v, %v, want no groups", user, err)
	}
}

// While groups change, nobody is answered by a policy older than a change that
// was complete when they asked.
func TestPolicyIsNeverOlderThanTheQuestion(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	var running sync.WaitGroup
	for g := range 4 {
		running.Go(func() {
			id := fmt.Sprintf("group-%d", g)
			current := group(id, nil)
			if err := n.store.CreateGroup(t.Context(), current); err != nil {
				t.Error(err)
				return
			}
			for i := range 25 {
				resource := fmt.Sprint("resource-", i)
				current.Permissions, current.Version = map[string][]string{resource: {"get"}}, current.Version+1
				if err := n.store.UpdateGroup(t.Context(), current); err != nil {
					t.Error(err)
					return
				}
				if !n.allows(t, id, resource, "get") {
					t.Errorf("%s: change %d is not seen", id, i)
				}
			}
		})
	}
	running.Wait()
}

// Many groups that change at once are read at once.
func TestPolicyReadsManyGroupsAtOnce(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	if n.allows(t, "group-0", "ledgers", "get") {
		t.Error("a group that is not there allows something")
	}
	for i := range 100 {
		check(t, n.store.CreateGroup(t.Context(), group(fmt.Sprint("group-", i), map[string][]string{"ledgers": {"get"}})))
	}
	check(t, n.store.DeleteGroup(t.Context(), "group-7", start))
	check(t, n.store.CreateGroup(t.Context(), group("group-7", map[string][]string{"ledgers": {"get"}})))
	n.store.reads.Store(0)
	for i := range 100 {
		if !n.allows(t, fmt.Sprint("group-", i), "ledgers", "get") {
			t.Errorf("group %d is not seen", i)
		}
	}
	if got := n.store.reads.Load(); got != 1 {
		t.Errorf("%d reads for a hundred groups, want 1", got)
	}
}

func TestPolicyFollowsProducts(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	check(t, n.store.CreateGroup(t.Context(), group("midaz-fees-viewer-group", nil)))
	productOf := func(want string) {
		t.Helper()
		policy, err := n.Policy(t.Context())
		check(t, err)
		if got := policy.Product("midaz-fees-viewer-group"); got != want {
			t.Errorf("Product() = %q, want %q", got, want)
		}
	}
	productOf("")
	check(t, n.store.CreateProduct(t.Context(), identity.Product{Name: "midaz", CreatedAt: start}))
	productOf("")
	check(t, n.other.CreateProduct(t.Context(), identity.Product{Name: "midaz-fees", CreatedAt: start}))
	check(t, n.feed.Sync(t.Context()))
	productOf("midaz-fees")
	n.store.reads.Store(0)
	check(t, n.store.DeleteProduct(t.Context(), "midaz-fees", start))
	productOf("")
	if got := n.store.reads.Load(); got != 1 {
		t.Errorf("%d reads for a product that went, want 1", got)
	}
}

// A policy that was read while groups changed must be of one moment all the same:
// of each change to two of them all is seen, or nothing.
func TestPolicyIsOfOneMoment(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	a, b := group("a", map[string][]string{"ledgers": {"get"}}), group("b", map[string][]string{"ledgers": {}})
	check(t, n.store.CreateGroup(t.Context(), a))
	check(t, n.store.CreateGroup(t.Context(), b))
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for ctx.Err() == nil {
				policy, err := n.Policy(context.Background())
				if err != nil {
					t.Error(err)
					return
				}
				q := identity.Question{Resource: "ledgers", Action: "get"}
				if policy.Decide([]string{"a"}, q).Allowed == policy.Decide([]string{"b"}, q).Allowed {
					t.Error("half a change is seen")
					return
				}
			}
		})
	}
	store := n.store.Store
	for i := range 200 {
		if i%2 == 1 {
			store = n.other
		} else {
			store = n.store.Store
		}
		a.Permissions, b.Permissions = b.Permissions, a.Permissions
		a.Version++
		b.Version++
		check(t, store.InTx(t.Context(), func(ctx context.Context) error {
			if err := store.UpdateGroup(ctx, a); err != nil {
				return err
			}
			return store.UpdateGroup(ctx, b)
		}))
		if i%2 == 1 {
			check(t, n.feed.Sync(t.Context()))
		}
	}
	stop()
	readers.Wait()
}
