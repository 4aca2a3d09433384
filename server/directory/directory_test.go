package directory_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/directory"
	"gatehouse/storage"
	"gatehouse/storage/storagetest"
)

func TestRemembers(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	id := n.newUser(t)
	_, clientID := n.newApplication(t)
	for range 3 {
		user, err := n.User(t.Context(), id)
		if err != nil || user.ID != id {
			t.Errorf("User() = %+v, %v", user, err)
		}
		app, err := n.Application(t.Context(), clientID)
		if err != nil || app.ClientID != clientID {
			t.Errorf("Application() = %+v, %v", app, err)
		}
	}
	if got := n.store.reads.Load(); got != 2 {
		t.Errorf("%d reads for three look-ups of two things, want 2", got)
	}
	want := directory.Stats{
		Users:        directory.CacheStats{Hits: 2, Misses: 1, Entries: 1},
		Applications: directory.CacheStats{Hits: 2, Misses: 1, Entries: 1},
	}
	if diff := cmp.Diff(want, n.Stats()); diff != "" {
		t.Errorf("Stats() (-want +got):\n%s", diff)
	}
}

func TestRemembersNothingUnknown(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	for range 2 {
		if _, err := n.User(t.Context(), "nobody"); !errors.Is(err, errors.UserNotFound) {
			t.Errorf("User() = %v, want %v", err, errors.UserNotFound)
		}
		if _, err := n.Application(t.Context(), "nothing"); !errors.Is(err, errors.ApplicationNotFound) {
			t.Errorf("Application() = %v, want %v", err, errors.ApplicationNotFound)
		}
	}
	if got := n.store.reads.Load(); got != 4 {
		t.Errorf("%d reads for four look-ups of what is not there, want 4", got)
	}
	if s := n.Stats(); s.Users.Entries+s.Applications.Entries != 0 {
		t.Errorf("Stats() = %+v, want no entries", s)
	}
}

func TestRemembersNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{MaxUsers: 2})
	a, b, c := n.newUser(t), n.newUser(t), n.newUser(t)
	for _, id := range []string{a, b, a, c, a} { // b is the one used least lately
		n.disabled(t, id)
	}
	if got := n.Stats().Users; got != (directory.CacheStats{Hits: 2, Misses: 3, Entries: 2}) {
		t.Errorf("Stats() = %+v, want 2 hits, 3 misses, 2 entries", got)
	}
}

func TestForgetsWhatThisNodeChanges(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	id := n.newUser(t)
	appID, clientID := n.newApplication(t)
	n.disabled(t, id)
	_, err := n.Application(t.Context(), clientID)
	check(t, err)

	check(t, storagetest.DisableUser(t.Context(), n.store, id, true, start))
	check(t, storagetest.DisableApplication(t.Context(), n.store, appID, true, start))
	if !n.disabled(t, id) {
		t.Error("the user is still enabled")
	}
	app, err := n.Application(t.Context(), clientID)
	if err != nil || !app.Disabled {
		t.Errorf("Application() = %+v, %v, want it disabled", app, err)
	}
}

func TestForgetsWhatOtherNodesChange(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	n.run(t)
	id := n.newUser(t)
	n.disabled(t, id)
	check(t, storagetest.DisableUser(t.Context(), n.other, id, true, start))
	began := time.Now()
	eventually(t, "the other node's change", func() bool { return n.disabled(t, id) })
	if took := time.Since(began); took > time.Second {
		t.Errorf("learned of it after %v, want within a second", took)
	}
}

// A value that was read before a change must not be remembered after it.
func TestForgetsWhatIsBeingRead(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	id := n.newUser(t)
	reading := n.store.holdNext()
	first := make(chan *identity.User, 1)
	go func() {
		user, _ := n.User(context.Background(), id)
		first <- user
	}()
	<-reading.reached // the old row has been read

	check(t, storagetest.DisableUser(t.Context(), n.store, id, true, start))
	if !n.disabled(t, id) {
		t.Error("a caller after the change got what was read before it")
	}
	close(reading.release)
	if user := <-first; user == nil || user.Disabled {
		t.Errorf("the caller before the change got %+v, want the old row", user)
	}
	if !n.disabled(t, id) {
		t.Error("what was read before the change was remembered after it")
	}
}

// Whoever changes a user sees the change, whatever others read meanwhile.
func TestSeesItsOwnChanges(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	id := n.newUser(t)
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for ctx.Err() == nil {
				if _, err := n.User(context.Background(), id); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 100 {
		want := i%2 == 0
		check(t, storagetest.DisableUser(t.Context(), n.store, id, want, start))
		if got := n.disabled(t, id); got != want {
			t.Fatalf("after change %d Disabled = %v, want %v", i, got, want)
		}
	}
	stop()
	readers.Wait()
}

func TestCallersShareARead(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	id := n.newUser(t)
	reading := n.store.holdNext()

	leaving, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := n.User(leaving, id)
		left <- err
	}()
	<-reading.reached
	var staying sync.WaitGroup
	for range 8 {
		staying.Go(func() {
			if user, err := n.User(t.Context(), id); err != nil || user.ID != id {
				t.Errorf("User() = %v, %v for one who waited for another's read", user, err)
			}
		})
	}
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("User() = %v for the one who left, want %v", err, context.Canceled)
	}
	eventually(t, "the others to wait", func() bool { return n.Stats().Users.Misses == 9 })
	close(reading.release)
	staying.Wait()
	if got := n.store.reads.Load(); got != 1 {
		t.Errorf("%d reads for nine callers, want 1", got)
	}
}

func TestAsksTheDatabaseWhileTheFeedIsLost(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	id := n.newUser(t)
	n.disabled(t, id)
	n.clock.Advance(1001 * time.Millisecond) // nobody has read the feed since
	check(t, storagetest.DisableUser(t.Context(), n.other, id, true, start))
	check(t, n.other.RevokeToken(t.Context(), "jti", start.Add(time.Hour)))
	n.store.reads.Store(0)

	for range 2 {
		if !n.disabled(t, id) {
			t.Error("the user was answered from memory")
		}
		if !n.revoked(t, "", "jti") {
			t.Error("the revocation was answered from memory")
		}
	}
	if got := n.store.reads.Load(); got != 4 {
		t.Errorf("%d reads for four questions, want 4", got)
	}
}

func TestStartsOverAfterALongOutage(t *testing.T) {
	t.Parallel()
	n := started(t, directory.Config{})
	id := n.newUser(t)
	n.disabled(t, id)
	check(t, n.store.RevokeToken(t.Context(), "jti", start.Add(time.Hour)))
	n.clock.Advance(storage.ChangeRetention)
	n.run(t)
	eventually(t, "the feed", n.feed.Fresh)
	n.store.reads.Store(0)
	n.disabled(t, id)
	if got := n.store.reads.Load(); got != 1 {
		t.Errorf("%d reads after a long outage, want 1", got)
	}
	if !n.revoked(t, "", "jti") {
		t.Error("a revocation was forgotten in the outage")
	}
}
