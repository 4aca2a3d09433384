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

// Allow says whether a request of the key may go on, and counts it. If it may
// not, retryAfter is when the next may, provided that no other comes before it.
func (l *Limiter) Allow(key string) (retryAfter time.Duration, ok bool) {
	if l.buckets == nil {
		return 0, true
	}
	now := l.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	b, known := l.buckets.Get(key)
	if !known {
		b = newBucket(l.rate, now)
		l.buckets.Add(key, b)
	}
	retryAfter, ok = b.take(l.rate, now)
	if ok {
		l.pending[key] = b
	}
	return retryAfter, ok
}
