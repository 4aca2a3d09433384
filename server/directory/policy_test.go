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
	return policy.Decide([]string{group}, resource, action).Allowed
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
