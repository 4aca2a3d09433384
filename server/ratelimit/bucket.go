package ratelimit

import "time"

// rate is how a bucket fills. What it holds is measured in time: a request costs
// the time that it takes to refill, so that nothing is ever rounded.
type rate struct {
	cost time.Duration // of one request
	brim time.Duration // what a bucket holds at most
}

// bucket is what one key may still take, and what the nodes know of each other's taking.
type bucket struct {
	rate
	level time.Duration // below zero when others took more than there was
	at    time.Time     // when level was true
	spilt time.Duration // refilled past the brim since the last word from the others

	window  time.Time // the window that told and others are of
	told    int       // taken here and told the others
	others  int       // taken elsewhere, as far as we were told
	pending int       // taken here and not told yet
}

// newBucket is full, and has been spilling for as long as the others' counts go back.
func newBucket(r rate, now time.Time) *bucket {
	return &bucket{rate: r, level: r.brim, at: now, spilt: windowLength}
}

// lacks says how long it is until there is a request's cost; zero or less: it is there.
func (b *bucket) lacks(now time.Time) time.Duration {
	b.refill(now)
	return b.cost - b.level
}

// take takes a request's cost, which must be there.
func (b *bucket) take() {
	b.level -= b.cost
	b.pending++
}

func (b *bucket) refill(now time.Time) {
	if elapsed := now.Sub(b.at); elapsed > 0 {
		b.level += elapsed
		b.at = now
	}
	if over := b.level - b.brim; over > 0 {
		b.level = b.brim
		b.spilt += over
	}
}

// hear learns that all nodes together took so many in the window, of which sent
// is what we have just told them. What the others took since we last heard of
// them is taken from the bucket too; but first from what it spilt meanwhile,
// for that bucket which all nodes share would not have been full. What spilt
// before the window began is not theirs, for what they took then is not counted
// either. Nobody is shut out for longer than it takes to fill the bucket.
func (b *bucket) hear(now, window time.Time, sent, total int) {
	b.refill(now)
	if !b.window.Equal(window) {
		b.window, b.told, b.others = window, 0, 0
	}
	b.pending -= sent
	b.told += sent
	others := max(b.others, total-b.told)
	taken := time.Duration(others-b.others) * b.cost
	b.level -= max(0, taken-min(b.spilt, now.Sub(window)))
	b.level = max(b.level, -b.brim)
	b.others, b.spilt = others, 0
}
