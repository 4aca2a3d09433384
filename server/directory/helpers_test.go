package directory_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/changes"
	"gatehouse/server/directory"
	"gatehouse/server/servertest"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// start is when a test begins.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// counted is a database that counts what is read of it, and can hold an answer
// back when it has it.
type counted struct {
	*sqlstore.Store
	reads atomic.Int64
	hold  atomic.Pointer[held]
}

// held is the answer that is held back.
type held struct{ reached, release chan struct{} }

func (c *counted) User(ctx context.Context, id string) (identity.User, error) {
	c.reads.Add(1)
	user, err := c.Store.User(ctx, id)
	if h := c.hold.Swap(nil); h != nil {
		close(h.reached)
		<-h.release
		err = errors.Join(err, ctx.Err())
	}
	return user, err
}

func (c *counted) ApplicationByClientID(ctx context.Context, id string) (identity.Application, error) {
	c.reads.Add(1)
	return c.Store.ApplicationByClientID(ctx, id)
}

func (c *counted) UserByUsername(ctx context.Context, username string) (identity.User, error) {
	c.reads.Add(1)
	return c.Store.UserByUsername(ctx, username)
}

func (c *counted) UsersByID(ctx context.Context, ids []string) ([]identity.User, error) {
	c.reads.Add(1)
	return c.Store.UsersByID(ctx, ids)
}

func (c *counted) GroupsNamed(ctx context.Context, ids []string) ([]identity.Group, error) {
	c.reads.Add(1)
	return c.Store.GroupsNamed(ctx, ids)
}

func (c *counted) Products(ctx context.Context) ([]identity.Product, error) {
	c.reads.Add(1)
	return c.Store.Products(ctx)
}

func (c *counted) AllGroups(ctx context.Context) ([]identity.Group, error) {
	c.reads.Add(1)
	return c.Store.AllGroups(ctx)
}

func (c *counted) Revoked(ctx context.Context, sessionID, jti string) (bool, error) {
	c.reads.Add(1)
	return c.Store.Revoked(ctx, sessionID, jti)
}

// holdNext has the next answer to User held back until release is closed.
func (c *counted) holdNext() held {
	h := held{make(chan struct{}), make(chan struct{})}
	c.hold.Store(&h)
	return h
}

// node is a node with a directory, and the database of another.
type node struct {
	*directory.Directory
	store *counted
	other *sqlstore.Store
	feed  *changes.Feed
	clock *servertest.Clock
}

// newNode returns a node that has not started to follow.
func newNode(t testing.TB, c directory.Config) *node {
	t.Helper()
	dsn := storagetest.SQLite(t)
	n := &node{
		store: &counted{Store: storagetest.Open(t, dsn)},
		other: storagetest.Open(t, dsn),
		clock: servertest.ClockAt(start),
	}
	n.feed = changes.New(changes.Deps{Store: n.store, Now: n.clock.Now, Log: slog.New(slog.DiscardHandler)})
	n.Directory = directory.New(directory.Deps{
		Identity: n.store, Store: n.store, Feed: n.feed, Now: n.clock.Now,
	}, c)
	return n
}

// started returns a node that has read the changes once.
func started(t testing.TB, c directory.Config) *node {
	t.Helper()
	n := newNode(t, c)
	if err := n.feed.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return n
}

// run has the node follow until the test ends.
func (n *node) run(t testing.TB) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.feed.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func (n *node) newUser(t testing.TB) string {
	t.Helper()
	id := uuid.Must(uuid.NewV7()).String()
	err := n.store.CreateUser(t.Context(), identity.User{
		ID: id, Username: "user-" + id, Email: id + "@example.com", CreatedAt: start, UpdatedAt: start,
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (n *node) newApplication(t testing.TB) (id, clientID string) {
	t.Helper()
	id = uuid.Must(uuid.NewV7()).String()
	clientID = id[:20]
	storagetest.CreateApplication(t, n.store, identity.Application{
		ID: id, ClientID: clientID, Name: "midaz", CreatedAt: start, UpdatedAt: start,
	})
	return id, clientID
}

func (n *node) disabled(t testing.TB, id string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	user, err := n.User(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return user.Disabled
}

func (n *node) revoked(t testing.TB, sessionID, jti string) bool {
	t.Helper()
	revoked, err := n.Revoked(t.Context(), sessionID, jti)
	if err != nil {
		t.Fatal(err)
	}
	return revoked
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
