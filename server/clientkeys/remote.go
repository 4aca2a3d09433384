package clientkeys

import (
	"context"
	"crypto"
	"fmt"
	"sync"
	"time"
)

// How often keys are fetched, and how long they are good.
const (
	leastFresh   = time.Minute // whatever Cache-Control says
	mostFresh    = 15 * time.Minute
	usuallyFresh = 5 * time.Minute  // where it says nothing
	stale        = time.Hour        // good for so long after that, if they cannot be fetched
	afterSuccess = 10 * time.Second // the least between two fetches, whoever shows unknown kids
	afterFailure = 5 * time.Second
)

// remote is the keys at one application's address. One fetch runs at a time, and is
// nobody's: it goes on when the request that began it is over.
type remote struct {
	fetch func() (keys set, fresh time.Duration, err error)
	now   func() time.Time

	mu         sync.Mutex
	keys       set
	freshUntil time.Time
	next       time.Time     // no fetch before
	failure    error         // of the last fetch
	fetching   chan struct{} // closed when the fetch that runs is over; nil: none runs
}

// key returns the one key of a kid for an algorithm. It waits for a fetch where the
// keys at hand are not fresh or the key is not among them; it does not wait to go on
// with a good key when the last fetch has failed.
func (r *remote) key(ctx context.Context, alg, kid string) (crypto.PublicKey, error) {
	found, fresh, err := r.look(alg, kid)
	if err == nil && fresh {
		return found, nil
	}
	fetching, failing := r.refresh()
	if err == nil && failing {
		return found, nil
	}
	if fetching != nil {
		select {
		case <-fetching:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	if found, _, err = r.look(alg, kid); err != nil {
		return nil, r.absence(err)
	}
	return found, nil
}

// look finds a key among those at hand, as long as they are good.
func (r *remote) look(alg, kid string) (found crypto.PublicKey, fresh bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if !now.Before(r.freshUntil.Add(stale)) {
		return nil, false, ErrNoKey
	}
	found, err = r.keys.pick(alg, kid)
	return found, now.Before(r.freshUntil), err
}

// absence says why there is no key: where the last fetch failed there may be one
// that we have not heard of.
func (r *remote) absence(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failure != nil {
		return fmt.Errorf("%w: %w", ErrFetch, r.failure)
	}
	return err
}

// refresh starts a fetch, unless one runs or the last one is too recent. It returns
// what is closed when it is over, or nil, and whether the last one has failed.
func (r *remote) refresh() (fetching <-chan struct{}, failing bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fetching == nil && !r.now().Before(r.next) {
		r.fetching = make(chan struct{})
		go r.run(r.fetching)
	}
	return r.fetching, r.failure != nil
}

func (r *remote) run(done chan struct{}) {
	begun := r.now()
	keys, fresh, err := r.fetch()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failure = err; err == nil {
		r.keys, r.freshUntil = keys, begun.Add(min(max(fresh, leastFresh), mostFresh))
		r.next = r.now().Add(afterSuccess)
	} else {
		r.next = r.now().Add(afterFailure)
	}
	r.fetching = nil
	close(done)
}
