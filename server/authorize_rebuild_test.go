package server_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server"
	"gatehouse/server/servertest"
)

// meanwhile is a database in which something happens before groups are read again.
type meanwhile struct {
	server.Store
	before func()
}

// GroupsNamed lets it happen first.
func (m meanwhile) GroupsNamed(ctx context.Context, ids []string) ([]identity.Group, error) {
	m.before()
	return m.Store.GroupsNamed(ctx, ids)
}

// TestPolicyReadWhileItChanges: what is read of a change that the node has not
// heard of yet is not mixed with what it remembers from before.
func TestPolicyReadWhileItChanges(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		s := f.swaps(t)[0]
		f.SomeUser(t, "both", "left", "right")
		question := about("both", "levers:pull")
		turn := func(toRight bool) {
			if err := f.Store.InTx(t.Context(), func(ctx context.Context) error { return s.turn(ctx, toRight) }); err != nil {
				t.Error(err)
			}
		}
		turn(false)
		var once sync.Once
		armed := make(chan struct{})
		node := f.another(t, func(o *servertest.Options) {
			o.Store = func(store server.Store) server.Store {
				return meanwhile{store, func() {
					select {
					case <-armed:
						once.Do(func() { turn(true) })
					default:
					}
				}}
			}
		})
		decided(t, node, node.PostJSON(t, authorizePath, question, f.auditor), "yes")
		left, err := node.Store.Group(t.Context(), "left")
		if err != nil {
			t.Fatal(err)
		}
		left.Name, left.Version = "Left", left.Version+1
		if err := node.Store.UpdateGroup(t.Context(), left); err != nil { // so that it is read again, alone
			t.Fatal(err)
		}
		close(armed)
		decided(t, node, node.PostJSON(t, authorizePath, question, f.auditor), "yes")
	})
}

// TestDecisionsWhileThePolicyIsRead: callers who ask while a changed group is
// being read wait for it, all of them for one read, and are answered by what it
// says; nobody is refused.
func TestDecisionsWhileThePolicyIsRead(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		var reads atomic.Int64
		release := make(chan struct{})
		node := f.another(t, func(o *servertest.Options) {
			o.Store = func(store server.Store) server.Store {
				return meanwhile{store, func() { reads.Add(1); <-release }}
			}
		})
		question := about("", "accounts:get")
		decided(t, node, node.PostJSON(t, authorizePath, question, f.viewer), "no")
		group, err := node.Store.Group(t.Context(), "midaz-viewer-group")
		if err != nil {
			t.Fatal(err)
		}
		group.Permissions, group.Version = map[string][]string{"accounts": {"get"}}, group.Version+1
		if err := node.Store.UpdateGroup(t.Context(), group); err != nil {
			t.Fatal(err)
		}
		var callers sync.WaitGroup
		for range 16 {
			callers.Go(func() { decided(t, node, node.PostJSON(t, authorizePath, question, f.viewer), "yes") })
		}
		within(t, 5*time.Second, "sixteen callers are not being answered", func() bool { return node.InFlight() == 16 && reads.Load() > 0 })
		want(t, node.Get(t, "/v1/userinfo", f.viewer), http.StatusOK, "") // what needs no policy does not wait
		close(release)
		callers.Wait()
		if got := reads.Load(); got != 1 {
			t.Errorf("%d reads for sixteen callers, want 1", got)
		}
	})
}
