package keys

import (
	"slices"
	"sync/atomic"
	"time"

	"gatehouse/storage"
)

// snapshot is the ring at one moment. It does not change, but what it answers
// depends on the time: keys begin and stop to sign, and expire, by the clock.
type snapshot struct {
	keys []*key // oldest first
	jwks atomic.Pointer[document]
}

// newSnapshot opens the keys that have not expired. Those that the previous
// snapshot has opened already are taken from there.
func newSnapshot(m *Master, previous *snapshot, stored []storage.Key, now time.Time) (*snapshot, error) {
	s := &snapshot{}
	for _, sk := range stored {
		if expired(sk, now) {
			continue
		}
		if old := previous.byID(sk.ID); old != nil && old.Algorithm == sk.Algorithm {
			s.keys = append(s.keys, &key{Key: sk, private: old.private, headers: old.headers})
			continue
		}
		k, err := open(m, sk)
		if err != nil {
			return nil, keyError(sk, err)
		}
		s.keys = append(s.keys, k)
	}
	return s, nil
}

// byID returns the key, or nil; there is none in a nil snapshot.
func (s *snapshot) byID(id string) *key {
	if s == nil {
		return nil
	}
	for _, k := range s.keys {
		if k.ID == id {
			return k
		}
	}
	return nil
}

// signing returns the key that signs for alg at the given time, or nil. When
// this node's clock is behind that of the node that made the first key, none is
// active yet: then it is the next one.
func (s *snapshot) signing(alg string, at time.Time) *key {
	var active, next *key
	for _, k := range s.keys {
		switch {
		case k.Algorithm != alg || retired(k.Key, at):
		case k.ActiveFrom.After(at):
			if next == nil || k.ActiveFrom.Before(next.ActiveFrom) {
				next = k
			}
		case active == nil || !k.ActiveFrom.Before(active.ActiveFrom):
			active = k
		}
	}
	if active != nil {
		return active
	}
	return next
}

// published returns the keys of the JWKS at the given time, and when the first
// of them leaves it (zero: none will).
func (s *snapshot) published(at time.Time) (list []*key, until time.Time) {
	list = slices.DeleteFunc(slices.Clone(s.keys), func(k *key) bool { return expired(k.Key, at) })
	for _, k := range list {
		if !k.ExpiresAt.IsZero() && (until.IsZero() || k.ExpiresAt.Before(until)) {
			until = k.ExpiresAt
		}
	}
	return list, until
}
