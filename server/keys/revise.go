package keys

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/errors"
	"gatehouse/storage"
)

// attempts is how often a revision is tried while other nodes are faster.
const attempts = 10

var errContended = errors.New("other nodes keep changing the signing keys")

// revision is what is to become of the stored keys.
type revision struct {
	create []draft
	change []storage.Key
}

// draft asks for a new key.
type draft struct {
	algorithm  string
	activeFrom time.Time
}

// revise stores the revision that plan makes of the stored keys and adopts the
// outcome. Whenever another node was faster, plan is asked again.
func (r *Ring) revise(ctx context.Context, plan func(stored []storage.Key, now time.Time) (revision, error)) error {
	r.reading.Lock()
	defer r.reading.Unlock()
	for range attempts {
		stored, err := r.Store.Keys(ctx)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		now := r.Now().UTC()
		rev, err := plan(stored, now)
		if err != nil {
			return err
		}
		if len(rev.create) == 0 && len(rev.change) == 0 {
			return r.adopt(stored)
		}
		done, err := r.store(ctx, ids(stored), rev, now)
		if err != nil {
			return fmt.Errorf("store: %w", err)
		}
		if done {
			return r.read(ctx)
		}
	}
	return errContended
}

// store makes the keys that rev asks for, and stores and announces all of it if
// the stored ids are still those in seen.
func (r *Ring) store(ctx context.Context, seen []string, rev revision, now time.Time) (done bool, err error) {
	created, err := r.forge(rev.create, now)
	if err != nil {
		return false, err
	}
	err = r.Store.InTx(ctx, func(ctx context.Context) error {
		done, err = r.Store.ReplaceKeys(ctx, seen, created, rev.change)
		if err != nil || !done {
			return err
		}
		return r.Store.Announce(ctx, storage.Change{
			Kind:  storage.KeysChanged,
			Until: now.Add(storage.ChangeRetention),
		})
	})
	return done && err == nil, err
}

// forge makes new keys, all at the same time, for RSA takes its while.
func (r *Ring) forge(drafts []draft, now time.Time) ([]storage.Key, error) {
	made := make([]storage.Key, len(drafts))
	var g errgroup.Group
	for i, d := range drafts {
		g.Go(func() error {
			private, err := generate(d.algorithm)
			if err != nil {
				return err
			}
			made[i], err = seal(r.Master, d.algorithm, private)
			made[i].CreatedAt, made[i].ActiveFrom = now, d.activeFrom
			return err
		})
	}
	return made, g.Wait()
}

// complete plans a first key for each algorithm that has none to sign with, and
// the sealing of those that are under a secret no longer the first.
func (r *Ring) complete(stored []storage.Key, now time.Time) (revision, error) {
	var rev revision
	for _, alg := range algorithms() {
		if len(unretired(stored, alg, now)) == 0 {
			rev.create = append(rev.create, draft{alg, now})
		}
	}
	for _, k := range stored {
		if expired(k, now) || !r.Master.Stale(k.Sealed) {
			continue
		}
		opened, err := open(r.Master, k)
		if err != nil {
			return revision{}, keyError(k, err)
		}
		resealed, err := seal(r.Master, k.Algorithm, opened.private)
		if err != nil {
			return revision{}, keyError(k, err)
		}
		k.Sealed = resealed.Sealed
		rev.change = append(rev.change, k)
	}
	return rev, nil
}
