package ratelimit

import (
	"math"
	"time"
)

// rate is how a bucket fills.
type rate struct {
	perSecond float64
	burst     float64 // what it holds at most
}

// bucket is what one key may still take, and what the nodes know of each other's taking.
type bucket struct {
	tokens float64   // below zero when others took more than there was
	at     time.Time // when tokens was true
	spilt  float64   // refilled past the brim since the last word from the others

	window  time.Time // the window that told and others are of
	told    int       // taken here and told the others
	others  int       // taken elsewhere, as far as we were told
	pending int       // taken here and not told yet
}

// newBucket is full, and has been spilling for as long as the others' counts go back.
func newBucket(r rate, now time.Time) *bucket {
	return &bucket{tokens: r.burst, at: now, spilt: r.perSecond * windowLength.Seconds()}
}

// take takes a token, or says how long it is until there is one.
func (b *bucket) take(r rate, now time.Time) (retryAfter time.Duration, ok bool) {
	b.refill(r, now)
	if b.tokens < 1 {
		return time.Duration(math.Ceil((1 - b.tokens) / r.perSecond * float64(time.Second))), false
	}
	b.tokens--
	b.pending++
	return 0, true
}

func (b *bucket) refill(r rate, now time.Time) {
	if elapsed := now.Sub(b.at).Seconds(); elapsed > 0 {
		b.tokens += elapsed * r.perSecond
		b.at = now
	}
	if over := b.tokens - r.burst; over > 0 {
		b.tokens = r.burst
		b.spilt += over
	}
}

// hear learns that all nodes together took so many in the window, of which sent
// is what we have just told them. What the others took since we last heard of
// them is taken from the bucket too; but first from what it spilt meanwhile,
// for that bucket which all nodes share would not have been full. What spilt
// before the window began is not theirs, for neither is it counted what they
// took then. Nobody is shut out for longer than it takes to fill the bucket.
func (b *bucket) hear(r rate, now, window time.Time, sent, total int) {
	b.refill(r, now)
	if !b.window.Equal(window) {
		b.window, b.told, b.others = window, 0, 0
	}
	b.pending -= sent
	b.told += sent
	others := max(b.others, total-b.told)
	spilt := min(b.spilt, r.perSecond*now.Sub(window).Seconds())
	b.tokens -= max(0, float64(others-b.others)-spilt)
	b.tokens = max(b.tokens, -r.burst)
	b.others, b.spilt = others, 0
}
