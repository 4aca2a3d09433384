package ratelimit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

const (
	shareEvery   = time.Second
	windowLength = 10 * time.Second // how far back a node looks that has just met a key
	shareAtOnce  = 500              // keys in a statement
)

// Run shares counts with the other nodes every second until ctx ends. What goes
// wrong is logged once, when it begins, and once more when it is over.
func (l *Limiter) Run(ctx context.Context) error {
	if l.buckets == nil {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(shareEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			l.report(ctx, l.Share(ctx))
		}
	}
}

func (l *Limiter) report(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
	case err != nil && !l.away:
		l.away = true
		l.Log.WarnContext(ctx, "rate limits not shared with other nodes", "error", err)
	case err == nil && l.away:
		l.away = false
		l.Log.InfoContext(ctx, "rate limits shared with other nodes again")
	}
}

// Share tells the other nodes what was taken here since the last time, and
// learns what they took of the same keys. What could not be told is told the
// next time.
func (l *Limiter) Share(ctx context.Context) error {
	now := l.Now()
	window := now.Truncate(windowLength)
	due := l.due()
	for keys := range slices.Chunk(slices.Sorted(maps.Keys(due)), shareAtOnce) {
		counts := l.counts(due, keys)
		totals, err := l.Store.AddCounts(ctx, window, window.Add(2*windowLength), counts)
		if err != nil {
			l.postpone(due)
			return fmt.Errorf("share request counts: %w", err)
		}
		l.learn(due, now, window, counts, totals)
	}
	return nil
}

// due is what has to be told, and starts to collect anew.
func (l *Limiter) due() map[string]*bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	due := l.pending
	l.pending = make(map[string]*bucket)
	return due
}

// postpone puts back what was not told, but for the keys forgotten meanwhile.
func (l *Limiter) postpone(due map[string]*bucket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, b := range due {
		if known, _ := l.buckets.Peek(key); known == b && b.pending > 0 {
			l.pending[key] = b
		}
	}
}

func (l *Limiter) counts(due map[string]*bucket, keys []string) map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := make(map[string]int, len(keys))
	for _, key := range keys {
		counts[key] = due[key].pending
	}
	return counts
}

func (l *Limiter) learn(due map[string]*bucket, now, window time.Time, sent, totals map[string]int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, n := range sent {
		due[key].hear(now, window, n, totals[key])
	}
}
