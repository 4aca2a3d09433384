package client

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// How often keys are fetched.
const (
	leastFresh   = time.Minute // whatever Cache-Control says
	mostFresh    = 15 * time.Minute
	usuallyFresh = 5 * time.Minute // where it says nothing
	afterSuccess = 5 * time.Second // the least between two fetches, whoever brings unknown kids
	afterFailure = time.Second
)

// errUnknownKey says that the server publishes no key of this kid.
var errUnknownKey = errors.New("no such key")

// keySet holds the keys that the server publishes. They are fetched when somebody
// needs them, beside the request while those at hand are good, one fetch at a time.
type keySet struct {
	fetch func() (keys map[string]key, fresh time.Duration, err error)
	now   func() time.Time
	stale time.Duration

	current atomic.Pointer[published]

	mu       sync.Mutex
	fetching chan struct{} // closed when the fetch that runs is over; nil: none runs
	next     time.Time     // no fetch before
	failure  error         // of the last fetch
}

// published is what one fetch returned. It is never changed.
type published struct {
	keys       map[string]key // by kid
	freshUntil time.Time
	goodUntil  time.Time
}

// key returns the key of a kid. It returns errUnknownKey when the server has none
// of that kid, ErrUnavailable when it cannot be asked, and the cause of ctx's end.
func (s *keySet) key(ctx context.Context, kid string) (key, error) {
	found, known, fresh := s.look(kid)
	if known && fresh {
		return found, nil
	}
	fetching := s.refresh()
	if known {
		return found, nil
	}
	if fetching != nil {
		select {
		case <-fetching:
		case <-ctx.Done():
			return key{}, context.Cause(ctx)
		}
	}
	if found, known, _ = s.look(kid); known {
		return found, nil
	}
	return key{}, s.absence()
}

// look finds a key among those at hand, as long as they are good.
func (s *keySet) look(kid string) (found key, known, fresh bool) {
	now, at := s.now(), s.current.Load()
	if at == nil || !now.Before(at.goodUntil) {
		return key{}, false, false
	}
	found, known = at.keys[kid]
	return found, known, now.Before(at.freshUntil)
}

// absence says why there is no key of a kid: the server may have one that we have
// not heard of where the last fetch failed.
func (s *keySet) absence() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return s.failure
	}
	return errUnknownKey
}

// refresh starts a fetch, unless one runs or the last one is too recent, and
// returns what is closed when it is over, or nil.
func (s *keySet) refresh() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fetching == nil && !s.now().Before(s.next) {
		s.fetching = make(chan struct{})
		go s.run(s.fetching)
	}
	return s.fetching
}

func (s *keySet) run(done chan struct{}) {
	begun := s.now()
	keys, fresh, err := s.fetch()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = err
	if err == nil {
		until := begun.Add(min(max(fresh, leastFresh), mostFresh))
		s.current.Store(&published{keys, until, until.Add(s.stale)})
		s.next = s.now().Add(afterSuccess)
	} else {
		s.next = s.now().Add(afterFailure)
	}
	s.fetching = nil
	close(done)
}
