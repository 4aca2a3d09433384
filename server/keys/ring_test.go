package keys_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"gatehouse/errors"
	"gatehouse/server/keys"
	"gatehouse/server/servertest"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

func TestOpenMakesTheFirstKeys(t *testing.T) {
	t.Parallel()
	now := servertest.ClockAt(start)
	r := open(t, empty(t), now, keys.Config{}, oldSecret)

	var got []string
	for _, k := range r.List() {
		got = append(got, k.Algorithm+" "+string(k.State))
		if !k.CreatedAt.Equal(start) || !k.ActiveFrom.Equal(start) || !k.RetiredAt.IsZero() {
			t.Errorf("first key is %+v, want it active from %v", k, start)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"ES256 active", "RS256 active"}, got); diff != "" {
		t.Errorf("List() after the first start (-want +got):\n%s", diff)
	}
	for _, k := range jwks(t, r).Keys {
		sum, err := k.Thumbprint(crypto.SHA256)
		if want := base64.RawURLEncoding.EncodeToString(sum); err != nil || k.KeyID != want {
			t.Errorf("kid = %q, want the thumbprint %q (%v)", k.KeyID, want, err)
		}
		if !k.IsPublic() || k.Use != "sig" {
			t.Errorf("key %s in the JWKS: public %v, use %q", k.KeyID, k.IsPublic(), k.Use)
		}
	}
}

func TestOpenTakesTheStoredKeys(t *testing.T) {
	t.Parallel()
	now, store := servertest.ClockAt(start), seeded(t)
	first := open(t, store, now, keys.Config{}, oldSecret)
	now.Advance(time.Hour)
	second := open(t, store, now, keys.Config{}, oldSecret)
	if diff := cmp.Diff(first.List(), second.List()); diff != "" {
		t.Errorf("List() after a restart (-before +after):\n%s", diff)
	}
}

func TestNodesAgreeOnTheFirstKeys(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			dsn, now := database.DSN(t), servertest.ClockAt(start)
			stores, rings := make([]*sqlstore.Store, 3), make([]*keys.Ring, 3)
			var starting errgroup.Group
			for i := range stores {
				stores[i] = storagetest.Open(t, dsn)
				d := deps(t, stores[i], now, oldSecret)
				starting.Go(func() (err error) {
					rings[i], err = keys.Open(t.Context(), d, keys.Config{})
					return err
				})
			}
			if err := starting.Wait(); err != nil {
				t.Fatal(err)
			}
			for _, r := range rings[1:] {
				if diff := cmp.Diff(rings[0].List(), r.List()); diff != "" || len(r.List()) != 2 {
					t.Errorf("two nodes have %d and %d keys (-first +other):\n%s", len(rings[0].List()), len(r.List()), diff)
				}
			}
		})
	}
}

func TestOpenRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	ctx, now := t.Context(), servertest.ClockAt(start)
	t.Run("another master secret", func(t *testing.T) {
		t.Parallel()
		_, err := keys.Open(ctx, deps(t, seeded(t), now, newSecret), keys.Config{})
		if err == nil || !strings.Contains(err.Error(), "master secret that is not configured") {
			t.Errorf("Open() = %v, want it to name the missing master secret", err)
		}
	})
	t.Run("keys exchanged in the database", func(t *testing.T) {
		t.Parallel()
		store := seeded(t)
		stored := must(store.Keys(ctx))(t)
		exchanged := []storage.Key{stored[0], stored[1]}
		exchanged[0].Sealed, exchanged[1].Sealed = stored[1].Sealed, stored[0].Sealed
		replace(t, store, nil, exchanged)
		_, err := keys.Open(ctx, deps(t, store, now, oldSecret), keys.Config{})
		if err == nil || !strings.Contains(err.Error(), "does not fit") {
			t.Errorf("Open() = %v, want a refusal", err)
		}
	})
	t.Run("a key under another's id", func(t *testing.T) {
		t.Parallel()
		store, stored := empty(t), slices.Clone(firstKeys(t))
		stored[0].ID = "another"
		replace(t, store, stored, nil)
		_, err := keys.Open(ctx, deps(t, store, now, oldSecret), keys.Config{})
		if err == nil || !strings.Contains(err.Error(), "does not fit") {
			t.Errorf("Open() = %v, want a refusal", err)
		}
	})
	t.Run("settings that cannot be", func(t *testing.T) {
		t.Parallel()
		for _, c := range []keys.Config{
			{RotateEvery: -1},
			{PublishBefore: -1},
			{RetainFor: -1},
			{RotateEvery: time.Hour, PublishBefore: time.Hour},
		} {
			if _, err := keys.Open(ctx, deps(t, seeded(t), now, oldSecret), c); err == nil {
				t.Errorf("Open(%+v) succeeded", c)
			}
		}
	})
}

func TestOpenSealsAgain(t *testing.T) {
	t.Parallel()
	now, store := servertest.ClockAt(start), seeded(t)
	before := open(t, store, now, keys.Config{}, newSecret, oldSecret)
	after := open(t, store, now, keys.Config{}, newSecret) // the old secret is gone
	if diff := cmp.Diff(before.List(), after.List()); diff != "" {
		t.Errorf("List() without the old secret (-before +after):\n%s", diff)
	}
}

func TestReloadKeepsTheRingOnAnError(t *testing.T) {
	t.Parallel()
	store := &failing{Store: seeded(t)}
	r := open(t, store, servertest.ClockAt(start), keys.Config{}, oldSecret)
	before := r.List()
	store.fail(errors.New("gone"))
	if err := r.Reload(t.Context()); err == nil {
		t.Fatal("Reload without a database succeeded")
	}
	if diff := cmp.Diff(before, r.List()); diff != "" {
		t.Errorf("List() after a failed Reload (-before +after):\n%s", diff)
	}
	verify(t, r, sign(t, r, keys.ES256))
}

func TestRunReadsWhatOtherNodesChanged(t *testing.T) {
	t.Parallel()
	now, store := servertest.ClockAt(start), seeded(t)
	here, there := open(t, store, now, keys.Config{}, oldSecret), open(t, store, now, keys.Config{}, oldSecret)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- here.Run(ctx) }()

	if err := there.Rotate(ctx, keys.ES256); err != nil {
		t.Fatal(err)
	}
	here.Changed([]storage.Change{{Kind: storage.UserChanged}, {Kind: storage.KeysChanged}})
	eventually(t, "the other node's key", func() bool { return len(here.List()) == 3 })
	stop()
	if err := <-done; err != nil {
		t.Errorf("Run() = %v after its context ended", err)
	}
}

func TestRunTriesAgain(t *testing.T) {
	t.Parallel()
	now, seeds := servertest.ClockAt(start), seeded(t)
	store := &failing{Store: seeds}
	there := open(t, seeds, now, keys.Config{}, oldSecret)
	var log bytes.Buffer // read when Run has ended
	d := deps(t, store, now, oldSecret)
	d.Log = slog.New(slog.NewTextHandler(&log, nil))
	here := must(keys.Open(t.Context(), d, keys.Config{}))(t)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- here.Run(ctx) }()

	store.fail(errors.New("connection refused"))
	if err := there.Rotate(ctx, keys.ES256); err != nil {
		t.Fatal(err)
	}
	reads := store.count()
	here.Forget()
	eventually(t, "two reads in vain", func() bool { return store.count() == reads+2 })
	store.fail(nil)
	eventually(t, "the other node's key", func() bool { return len(here.List()) == 3 })
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "connection refused"); n != 1 {
		t.Errorf("the outage was logged %d times, want once:\n%s", n, log.String())
	}
}

// failing is a database whose keys cannot be read when it is told to fail.
type failing struct {
	keys.Store
	mu    sync.Mutex
	err   error
	reads int
}

func (f *failing) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *failing) Keys(ctx context.Context) ([]storage.Key, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if f.err != nil {
		return nil, f.err
	}
	return f.Store.Keys(ctx)
}

func (f *failing) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads
}

// outrun is a database in which something happens as soon as keys were read.
type outrun struct {
	keys.Store
	then func() error
}

func (o *outrun) Keys(ctx context.Context) ([]storage.Key, error) {
	stored, err := o.Store.Keys(ctx)
	return stored, errors.Join(err, o.then())
}

// start is when every test begins.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func deps(t testing.TB, store keys.Store, now *servertest.Clock, secrets ...string) keys.Deps {
	return keys.Deps{Store: store, Master: master(t, secrets...), Now: now.Now, Log: slog.New(slog.DiscardHandler)}
}

func open(t testing.TB, store keys.Store, now *servertest.Clock, c keys.Config, secrets ...string) *keys.Ring {
	t.Helper()
	return must(keys.Open(t.Context(), deps(t, store, now, secrets...), c))(t)
}

// empty returns a database without keys.
func empty(t testing.TB) *sqlstore.Store {
	t.Helper()
	return storagetest.Open(t, storagetest.SQLite(t))
}

// seeded returns a database with an ES256 and an RS256 key from the start, under
// oldSecret. Making an RSA key takes long, so all tests share these two.
func seeded(t testing.TB) *sqlstore.Store {
	t.Helper()
	store := empty(t)
	replace(t, store, firstKeys(t), nil)
	return store
}

var firstKeys = func() func(t testing.TB) []storage.Key {
	var once sync.Once
	var made []storage.Key
	return func(t testing.TB) []storage.Key {
		once.Do(func() {
			store := empty(t)
			open(t, store, servertest.ClockAt(start), keys.Config{}, oldSecret)
			made = must(store.Keys(t.Context()))(t)
		})
		return made
	}
}()

func replace(t testing.TB, store keys.Store, create, change []storage.Key) {
	t.Helper()
	var seen []string
	for _, k := range must(store.Keys(t.Context()))(t) {
		seen = append(seen, k.ID)
	}
	if ok, err := store.ReplaceKeys(t.Context(), seen, create, change); err != nil || !ok {
		t.Fatalf("ReplaceKeys() = %v, %v", ok, err)
	}
}

func jwks(t testing.TB, r *keys.Ring) jose.JSONWebKeySet {
	t.Helper()
	body, _ := r.JWKS()
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(body, &set); err != nil {
		t.Fatalf("JWKS %s: %v", body, err)
	}
	return set
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
