package changes_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/server/servertest"
	"gatehouse/storage"
)

func TestStartHandsOnWhatStillMatters(t *testing.T) {
	t.Parallel()
	const lines = 2500 // more than a page, and more than is looked at again
	store := newStore(t)
	var all []storage.Change
	for i := range lines {
		all = append(all, change(fmt.Sprintf("session %d", i)))
	}
	if err := store.Announce(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	f, heard := follow(t, store, servertest.ClockAt(start).Now)
	if f.Fresh() {
		t.Error("Fresh() before Start = true")
	}
	if err := f.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := heard.keys(); len(got) != lines || got[0] != "session 0" || got[lines-1] != "session 2499" {
		t.Errorf("heard %d lines, want %d in order", len(got), lines)
	}
	if !f.Fresh() {
		t.Error("Fresh() after Start = false")
	}
}

// Lines that were cleaned up leave gaps, which must not have the rest read again.
func TestStartLooksBackOnlySoFar(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	var all []storage.Change
	for i := range 1500 {
		all = append(all, change(fmt.Sprintf("session %d", i)))
	}
	if err := store.Announce(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	store.hide("session 0", "session 499", "session 500")
	run(t, store, servertest.ClockAt(start).Now)
	store.settle(t)
	if after := store.lastAfter(); after != 500 {
		t.Errorf("reads after line %d, want after 500", after)
	}
}

func TestStartFailsWithTheDatabase(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	store.fail(errors.New("gone"))
	f, _ := follow(t, store, servertest.ClockAt(start).Now)
	if err := f.Start(t.Context()); err == nil || f.Fresh() {
		t.Errorf("Start() = %v, Fresh() = %v, want an error and false", err, f.Fresh())
	}
}

func TestOwnAnnouncementsArriveAtOnce(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	f, heard := follow(t, store, servertest.ClockAt(start).Now)
	if err := f.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := store.Announce(t.Context(), change("own")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"own"}, heard.keys()); diff != "" {
		t.Errorf("heard before Announce returned (-want +got):\n%s", diff)
	}
}

func TestRunHearsOtherNodesWithinASecond(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	f, heard := run(t, store, time.Now)
	began := time.Now()
	store.elsewhere(t, "other")
	eventually(t, "the other node's line", func() bool { return slices.Contains(heard.keys(), "other") })
	if took := time.Since(began); took > time.Second || !f.Fresh() {
		t.Errorf("heard after %v, Fresh() = %v, want within a second and true", took, f.Fresh())
	}
}

func TestRunReadsWhenWoken(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	_, heard := run(t, store, time.Now)
	fastest := time.Hour
	for i := range 5 { // a busy machine may spoil some
		key := fmt.Sprint("line ", i)
		store.elsewhere(t, key)
		began := time.Now()
		store.wake(t)
		eventually(t, "the other node's line", func() bool { return slices.Contains(heard.keys(), key) })
		fastest = min(fastest, time.Since(began))
	}
	if fastest > 50*time.Millisecond { // by polling alone it would take 200 ms, half of 400, on average
		t.Errorf("heard %v after being woken at best", fastest)
	}
}

func TestRunHearsLinesThatCommitLate(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	now := servertest.ClockAt(start)
	_, heard := run(t, store, now.Now)
	store.hide("late")
	store.elsewhere(t, "before", "late", "after")
	store.wake(t)
	eventually(t, "the lines around it", func() bool { return slices.Contains(heard.keys(), "after") })
	for range 5 { // reads do not lose sight of it for as long as its transaction may last
		now.Advance(1900 * time.Millisecond)
		store.settle(t)
	}
	store.hide()
	store.wake(t)
	eventually(t, "the late line", func() bool { return slices.Contains(heard.keys(), "late") })
	if diff := cmp.Diff([]string{"before", "after", "late"}, heard.keys()); diff != "" {
		t.Errorf("heard, each once (-want +got):\n%s", diff)
	}
}

func TestRunReadsNothingTwiceWithoutGaps(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	_, heard := run(t, store, servertest.ClockAt(start).Now)
	store.elsewhere(t, "one", "two", "three")
	store.wake(t)
	eventually(t, "all three", func() bool { return len(heard.keys()) == 3 })
	store.settle(t)
	if after := store.lastAfter(); after != 3 {
		t.Errorf("reads after line %d, want after 3", after)
	}
}

func TestRunGivesUpGaps(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	now := servertest.ClockAt(start)
	_, heard := run(t, store, now.Now)
	store.hide("never")
	store.elsewhere(t, "before", "never", "after")
	store.wake(t)
	eventually(t, "the lines around it", func() bool { return len(heard.keys()) == 2 })
	store.settle(t)
	if after := store.lastAfter(); after != 1 {
		t.Errorf("reads after line %d while one is missing, want after 1", after)
	}
	now.Advance(11 * time.Second)
	store.settle(t)
	if after := store.lastAfter(); after != 3 {
		t.Errorf("reads after line %d when the gap is old, want after 3", after)
	}
}

func TestRunSurvivesAnOutage(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	now := servertest.ClockAt(start)
	f, heard := run(t, store, now.Now)

	store.fail(errors.New("connection refused"))
	now.Advance(1001 * time.Millisecond)
	store.settle(t)
	if f.Fresh() {
		t.Error("Fresh() a second into the outage = true")
	}
	store.elsewhere(t, "missed")
	store.fail(nil)
	eventually(t, "the feed to recover", f.Fresh)
	if diff := cmp.Diff([]string{"missed"}, heard.keys()); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
	eventually(t, "the end in the log", func() bool { return strings.Contains(heard.log.String(), "can be read again") })
	if n := strings.Count(heard.log.String(), "connection refused"); n != 1 {
		t.Errorf("the outage was logged %d times, want once:\n%s", n, heard.log.String())
	}
}

func TestRunStartsOverAfterALongOutage(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	store.elsewhere(t, "first")
	now := servertest.ClockAt(start)
	f, heard := run(t, store, now.Now)
	now.Advance(storage.ChangeRetention)
	eventually(t, "the feed to recover", f.Fresh)
	if diff := cmp.Diff([]string{"first", "reset", "first"}, heard.keys()); diff != "" {
		t.Errorf("heard (-want +got):\n%s", diff)
	}
}

// What this process announces is marked as handed on. Lines of others below it,
// more than a page of them, must be handed on all the same.
func TestOwnAnnouncementsHideNothing(t *testing.T) {
	t.Parallel()
	const lines = 2500 // more than a page
	store := newStore(t)
	clock := servertest.ClockAt(start)
	f, heard := follow(t, store, clock.Now)
	if err := f.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all []storage.Change
	for i := range lines {
		all = append(all, change(fmt.Sprintf("session %d", i)))
	}
	if err := store.other.Announce(t.Context(), all...); err != nil {
		t.Fatal(err)
	}
	if err := store.Announce(t.Context(), change("own")); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	if err := f.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := heard.keys(); len(got) != lines+1 || got[0] != "own" {
		t.Errorf("heard %d lines, the first of them %s, want %d, the own one first", len(got), got[0], lines+1)
	}
}
