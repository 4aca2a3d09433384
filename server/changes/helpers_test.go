package changes_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/server/changes"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// start is when a test with a clock of its own begins.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// unruly is a database that shows lines late, fails, and wakes when told to:
// what PostgreSQL does and SQLite cannot be made to do.
type unruly struct {
	*sqlstore.Store
	other *sqlstore.Store // another node's
	wakes chan struct{}

	mu     sync.Mutex
	err    error
	hidden []string
	reads  int
	after  int64
}

func newStore(t testing.TB) *unruly {
	t.Helper()
	dsn := storagetest.SQLite(t)
	return &unruly{
		Store: storagetest.Open(t, dsn),
		other: storagetest.Open(t, dsn),
		wakes: make(chan struct{}),
	}
}

// Changes leaves out what is hidden.
func (u *unruly) Changes(ctx context.Context, after int64, limit int) ([]storage.Change, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.reads++
	u.after = after
	if u.err != nil {
		return nil, u.err
	}
	lines, err := u.Store.Changes(ctx, after, limit+len(u.hidden))
	lines = slices.DeleteFunc(lines, func(c storage.Change) bool { return slices.Contains(u.hidden, c.Key) })
	return lines[:min(limit, len(lines))], err
}

// Watch calls wake for each call of u.wake.
func (u *unruly) Watch(ctx context.Context, wake func()) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-u.wakes:
			wake()
		}
	}
}

func (u *unruly) fail(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.err = err
}

func (u *unruly) hide(keys ...string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.hidden = keys
}

func (u *unruly) count() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.reads
}

func (u *unruly) lastAfter() int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.after
}

func (u *unruly) wake(t testing.TB) {
	t.Helper()
	select {
	case u.wakes <- struct{}{}:
	case <-time.After(5 * time.Second):
		t.Fatal("nobody watches")
	}
}

// settle waits until a read that began after now has ended, and another began.
func (u *unruly) settle(t testing.TB) {
	t.Helper()
	for range 3 {
		reads := u.count()
		u.wake(t)
		eventually(t, "a read", func() bool { return u.count() > reads })
	}
}

// elsewhere has another node end sessions.
func (u *unruly) elsewhere(t testing.TB, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if err := u.other.Announce(t.Context(), change(key)); err != nil {
			t.Fatal(err)
		}
	}
}

// heard is what a subscriber was told.
type heard struct {
	mu   sync.Mutex
	list []string // keys, and "reset"
	log  logbook
}

func (h *heard) apply(list []storage.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range list {
		h.list = append(h.list, c.Key)
	}
}

func (h *heard) reset() { h.apply([]storage.Change{{Key: "reset"}}) }

func (h *heard) keys() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.list)
}

// logbook is a log that may be read while it is written.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// follow returns a feed with a subscriber.
func follow(t testing.TB, store *unruly, now func() time.Time) (*changes.Feed, *heard) {
	t.Helper()
	h := &heard{}
	f := changes.New(changes.Deps{Store: store, Now: now, Log: slog.New(slog.NewTextHandler(&h.log, nil))})
	f.Subscribe(h.apply, h.reset)
	return f, h
}

// run returns a feed that follows the store until the test ends.
func run(t testing.TB, store *unruly, now func() time.Time) (*changes.Feed, *heard) {
	t.Helper()
	f, h := follow(t, store, now)
	if err := f.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run() = %v after its context ended", err)
		}
	})
	return f, h
}

func change(session string) storage.Change {
	return storage.Change{Kind: storage.SessionEnded, Key: session, Until: start.Add(24 * time.Hour)}
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
