package server_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/server/servertest"
)

// swap is two questions, one of which is always answered yes and the other no,
// and the transaction that turns the answers round.
type swap struct {
	name        string
	left, right string
	turn        func(ctx context.Context, toRight bool) error
}

// pulls is what swaps are about.
var pulls = map[string][]string{"levers": {"pull"}}

// swaps prepares one swap of each kind: of what groups permit, of who is in a
// group, and of both.
func (f *midazWorld) swaps(t *testing.T) []swap {
	t.Helper()
	for _, id := range []string{"left", "right", "old", "pullers"} {
		f.NewGroup(t, f.admin, id, map[string][]string{})
	}
	if err := f.permit(t.Context(), "pullers", true); err != nil {
		t.Fatal(err)
	}
	for name, groups := range map[string][]string{"left-one": {"left"}, "right-one": {"right"}, "left-two": {"pullers"}, "right-two": {}, "left-three": {"old"}, "right-three": {}} {
		f.SomeUser(t, name, groups...)
	}
	asks := func(sub string) string { return about(sub, "levers:pull") }
	return []swap{
		{"one group loses a permission and another gains it", asks("left-one"), asks("right-one"), func(ctx context.Context, toRight bool) error {
			if err := f.permit(ctx, "left", !toRight); err != nil {
				return err
			}
			return f.permit(ctx, "right", toRight)
		}},
		{"one user leaves a group and another enters it", asks("left-two"), asks("right-two"), func(ctx context.Context, toRight bool) error {
			if err := f.member(ctx, "pullers", "left-two", !toRight); err != nil {
				return err
			}
			return f.member(ctx, "pullers", "right-two", toRight)
		}},
		{"a group loses a permission and a user enters another", asks("left-three"), asks("right-three"), func(ctx context.Context, toRight bool) error {
			if err := f.permit(ctx, "old", !toRight); err != nil {
				return err
			}
			return f.member(ctx, "pullers", "right-three", toRight)
		}},
	}
}

// permit gives a group the permission, or takes it away.
func (f *midazWorld) permit(ctx context.Context, group string, has bool) error {
	g, err := f.Store.Group(ctx, group)
	if err != nil {
		return err
	}
	g.Permissions, g.Version = nil, g.Version+1
	if has {
		g.Permissions = pulls
	}
	return f.Store.UpdateGroup(ctx, g)
}

// member makes a user a member of a group that they are not in, or ends that they are.
func (f *midazWorld) member(ctx context.Context, group, username string, is bool) error {
	user, err := f.Store.UserByUsername(ctx, username)
	if err != nil {
		return err
	}
	if had := len(user.Groups) > 0; had == is {
		return nil
	}
	if is {
		return f.Store.AddMember(ctx, group, user.ID, f.Clock.Now())
	}
	return f.Store.RemoveMember(ctx, group, user.ID, f.Clock.Now())
}

// TestNoChangeIsHalfSeen turns answers round while sixteen callers ask for both
// in one batch, at the node that changes and at another.
func TestNoChangeIsHalfSeen(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		nodes := []*servertest.Server{f.Server, f.another(t)}
		for _, s := range f.swaps(t) {
			t.Run(s.name, func(t *testing.T) {
				if err := f.Store.InTx(t.Context(), func(ctx context.Context) error { return s.turn(ctx, false) }); err != nil {
					t.Fatal(err)
				}
				within(t, time.Second, "the other node does not know", func() bool {
					return outcomes(t, nodes[1].PostJSON(t, batchPath, batchOf(s.left), f.auditor))[0] == "yes"
				})
				var seen [2]struct{ left, right atomic.Int64 }
				whileTurning(t, f, s, func(i int) {
					questions := [][]string{{s.left, s.right}, {s.right, s.left}}[i/2%2]
					a := nodes[i%2].PostJSON(t, batchPath, batchOf(questions...), f.auditor)
					if a.Status == http.StatusServiceUnavailable {
						return // it changed faster than it could be read
					}
					switch got := outcomes(t, a); {
					case got[0] == got[1]:
						t.Errorf("of two that change places, both are answered %v", got)
					case got[0] == "yes" == (questions[0] == s.left):
						seen[i%2].left.Add(1)
					default:
						seen[i%2].right.Add(1)
					}
				})
				for i := range seen {
					if left, right := seen[i].left.Load(), seen[i].right.Load(); left == 0 || right == 0 {
						t.Errorf("node %d said left %d times and right %d times, want some of each", i, left, right)
					}
				}
			})
		}
	})
}

// whileTurning has sixteen callers ask, again and again, until the answers have
// turned round often enough.
func whileTurning(t *testing.T, f *midazWorld, s swap, ask func(caller int)) {
	t.Helper()
	const turns, pause = 80, 5 * time.Millisecond
	var done atomic.Bool
	var callers sync.WaitGroup
	for i := range 16 {
		callers.Go(func() {
			for !done.Load() && !t.Failed() {
				ask(i)
			}
		})
	}
	for i := range turns {
		if err := f.Store.InTx(t.Context(), func(ctx context.Context) error { return s.turn(ctx, i%2 == 0) }); err != nil {
			t.Errorf("turn: %v", err)
			break
		}
		time.Sleep(pause)
	}
	done.Store(true)
	callers.Wait()
}

// TestOnePolicyForOneQuestion: somebody in two groups, one of which has the
// permission at each moment, has it always.
func TestOnePolicyForOneQuestion(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		nodes := []*servertest.Server{f.Server, f.another(t)}
		s := f.swaps(t)[0]
		f.SomeUser(t, "both", "left", "right")
		if err := f.Store.InTx(t.Context(), func(ctx context.Context) error { return s.turn(ctx, false) }); err != nil {
			t.Fatal(err)
		}
		within(t, time.Second, "the other node does not know", func() bool {
			return answerOf(t, nodes[1], nodes[1].PostJSON(t, authorizePath, about("both", "levers:pull"), f.auditor))
		})
		whileTurning(t, f, s, func(i int) {
			if !answerOf(t, nodes[i%2], nodes[i%2].PostJSON(t, authorizePath, about("both", "levers:pull"), f.auditor)) {
				t.Error("what one of two groups always permits was not permitted")
			}
		})
	})
}
