package ratelimit

import (
	"log/slog"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"gatehouse/storage"
)

// Deps is all a Limiter takes from the rest of the program; every field is required.
type Deps struct {
	Store storage.Counters
	Now   func() time.Time
	Log   *slog.Logger
}

// Limiter decides who may go on.
type Limiter struct {
	Deps
	rate rate

	mu      sync.Mutex
	buckets *simplelru.LRU[string, *bucket] // nil: no limit
	pending map[string]*bucket              // of these, those that hold what the others were not told

	away bool // the database could not be reached the last time; Share's alone
}

// New returns a Limiter for a configuration that is valid.
func New(d Deps, c Config) *Limiter {
	c = c.withDefaults()
	l := &Limiter{Deps: d, pending: make(map[string]*bucket)}
	if c.PerMinute > 0 {
		l.rate.cost = time.Minute / time.Duration(c.PerMinute)
		l.rate.brim = l.rate.cost * time.Duration(c.Burst)
		forgotten := func(key string, _ *bucket) { delete(l.pending, key) }
		l.buckets, _ = simplelru.NewLRU(c.Keys, forgotten) // fails only without a size
	}
	return l
}

// around is how many times as much a network may take as what is within it.
const around = 4

// Allow says whether a request of the key may go on, and counts it: for the networks
// around the key, too, the smallest first, each of which may take four times as much
// as the one before. If it may not, retryAfter is when the next may, provided that no
// other comes before it. A request that may not go on counts nowhere.
func (l *Limiter) Allow(key string, networks ...string) (retryAfter time.Duration, ok bool) {
	if l.buckets == nil {
		return 0, true
	}
	now := l.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(networks); i >= 0; i-- { // the largest first: a flood makes no bucket for each of its addresses
		b := l.bucket(at(key, networks, i), i, now)
		if wait := b.lacks(now); wait > 0 {
			return wait, false
		}
	}
	for i := range len(networks) + 1 {
		counted := at(key, networks, i)
		b := l.bucket(counted, i, now)
		b.take()
		l.pending[counted] = b
	}
	return 0, true
}

// at is the key or, from level 1 on, one of the networks around it.
func at(key string, networks []string, level int) string {
	if level == 0 {
		return key
	}
	return networks[level-1]
}

// bucket returns the bucket of a key at this level.
func (l *Limiter) bucket(key string, level int, now time.Time) *bucket {
	b, known := l.buckets.Get(key)
	if !known {
		r := l.rate
		for range level {
			r.cost /= around
		}
		b = newBucket(r, now)
		l.buckets.Add(key, b)
	}
	return b
}
