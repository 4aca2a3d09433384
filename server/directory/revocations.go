package directory

import (
	"crypto/sha256"
	"sync"
	"time"

	"gatehouse/storage"
)

// sweepEvery is how often revocations of tokens that have expired are dropped.
const sweepEvery = time.Minute

// digest stands for a kind and a key: the front of their SHA-256.
type digest [16]byte

func digestOf(kind storage.ChangeKind, key string) digest {
	text := make([]byte, 0, 128)
	text = append(text, kind...)
	text = append(text, 0)
	text = append(text, key...)
	sum := sha256.Sum256(text)
	return digest(sum[:len(digest{})])
}

// revocations is the set of ended sessions and revoked tokens, each until the
// last token it concerns has expired. It takes some 50 bytes for each.
type revocations struct {
	mu      sync.RWMutex
	until   map[digest]int64 // Unix time in seconds, rounded up
	sweepAt time.Time
}

func newRevocations() *revocations { return &revocations{until: map[digest]int64{}} }

// add takes in what was revoked, and drops what is over when that is due.
func (r *revocations) add(changes []storage.Change, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range changes {
		revokes := c.Kind == storage.SessionEnded || c.Kind == storage.TokenRevoked
		if until := c.Until.Unix() + 1; revokes && until > now.Unix() {
			d := digestOf(c.Kind, c.Key)
			r.until[d] = max(r.until[d], until)
		}
	}
	if now.Before(r.sweepAt) {
		return
	}
	for d, until := range r.until {
		if until <= now.Unix() {
			delete(r.until, d)
		}
	}
	r.sweepAt = now.Add(sweepEvery)
}

// has says whether a line of this kind and key was taken in.
func (r *revocations) has(kind storage.ChangeKind, key string) bool {
	d := digestOf(kind, key)
	r.mu.RLock()
	defer r.mu.RUnlock()
	_, ok := r.until[d]
	return ok
}

func (r *revocations) len() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.until)
}
