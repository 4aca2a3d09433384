package registry_test

import (
	"context"
	"sync/atomic"
	"testing"

	"gatehouse/identity"
	"gatehouse/identity/registry"
)

// A transaction has a connection, and another one is needed to read the policy:
// where every connection has a transaction that waited for that, none would end.
func TestNoPolicyIsReadWhileATransactionWaitsForIt(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		o.group(t, "desk", map[string][]string{"*": {"*"}})
		o.group(t, "viewers", map[string][]string{"ledgers": {"get"}})
		desk, member := o.user(t, "desk", "desk"), o.user(t, "member", "viewers")
		ctx := as(t.Context(), desk)
		watched := &watchedStore{Store: o.store}
		deps := o.Deps
		deps.Store = watched
		reads, policy := 0, o.Policy
		deps.Policy = func(ctx context.Context) (*identity.Policy, error) {
			reads++
			if watched.open.Load() > 0 {
				t.Error("the policy is read inside a transaction")
			}
			return policy(ctx)
		}
		r := registry.New(deps)

		name, groups, permissions := "x", []string{"desk"}, map[string][]string{"ledgers": {"*"}}
		_, err := r.UpdateGroup(ctx, "viewers", registry.GroupChange{Permissions: &permissions}, nil)
		if err != nil {
			t.Errorf("update group: %v", err)
		}
		_, err = r.UpdateUser(ctx, member.ID, registry.UserChange{FirstName: &name, Groups: &groups}, nil)
		if err != nil {
			t.Errorf("update user: %v", err)
		}
		if err := r.ResetPassword(ctx, member.ID, password+"2", "", nil); err != nil {
			t.Errorf("reset password: %v", err)
		}
		if err := r.AddMember(ctx, "viewers", member.ID); err != nil {
			t.Errorf("add member: %v", err)
		}
		if err := r.DeleteGroup(ctx, "viewers", nil); err != nil {
			t.Errorf("delete group: %v", err)
		}
		if reads == 0 {
			t.Error("the policy was never read")
		}
	})
}

// watchedStore counts the transactions that are open.
type watchedStore struct {
	registry.Store
	open atomic.Int32
}

func (s *watchedStore) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	s.open.Add(1)
	defer s.open.Add(-1)
	return s.Store.InTx(ctx, f)
}
