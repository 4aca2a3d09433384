package keys

import (
	"context"
	"crypto"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/storage"
)

// Store is what the ring asks of the database.
type Store interface {
	storage.Keys
	Announce(ctx context.Context, changes ...storage.Change) error
	InTx(ctx context.Context, f func(ctx context.Context) error) error
}

// Deps is all that a Ring takes from the rest of the program; every field is required.
type Deps struct {
	Store  Store
	Master *Master
	Now    func() time.Time
	Log    *slog.Logger
}

// Ring is the signing keys of all nodes, as far as this one has read them. It
// may be used by several goroutines at once, and signing waits for no lock.
type Ring struct {
	Deps
	config  Config
	current atomic.Pointer[snapshot]
	reading sync.Mutex    // held from a read until its snapshot is current, so that no older one follows
	wake    chan struct{} // holds one; Run reads the keys again
}

// Open returns the ring of stored keys. It makes the first key of an algorithm
// that has none, active at once: of several nodes that start together one
// makes it. Keys under a master secret that is no longer the first are sealed
// again, after which that secret may be dropped on all nodes.
func Open(ctx context.Context, d Deps, c Config) (*Ring, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	r := &Ring{Deps: d, config: c.withDefaults(), wake: make(chan struct{}, 1)}
	if err := r.revise(ctx, r.complete); err != nil {
		return nil, fmt.Errorf("open signing keys: %w", err)
	}
	return r, nil
}

// Reload reads the keys again. On an error the ring stays as it was.
func (r *Ring) Reload(ctx context.Context) error {
	r.reading.Lock()
	defer r.reading.Unlock()
	if err := r.read(ctx); err != nil {
		return fmt.Errorf("reload signing keys: %w", err)
	}
	return nil
}

// Public returns the public key with this kid and its algorithm. ok is false
// when there is none, or no more.
func (r *Ring) Public(kid string) (public crypto.PublicKey, alg string, ok bool) {
	k := r.current.Load().byID(kid)
	if k == nil || expired(k.Key, r.Now()) {
		return nil, "", false
	}
	return k.private.Public(), k.Algorithm, true
}

// read adopts the stored keys; r.reading is held.
func (r *Ring) read(ctx context.Context) error {
	stored, err := r.Store.Keys(ctx)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return r.adopt(stored)
}

// adopt makes the stored keys the current ones.
func (r *Ring) adopt(stored []storage.Key) error {
	s, err := newSnapshot(r.Master, r.current.Load(), stored, r.Now())
	if err != nil {
		return err
	}
	r.current.Store(s)
	return nil
}

func keyError(k storage.Key, err error) error {
	return fmt.Errorf("%s key %s: %w", k.Algorithm, k.ID, err)
}
