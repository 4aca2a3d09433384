package identity

import (
	"context"
	"runtime"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/errors"
)

// slots lets a bounded number of hashes run at once, so that a storm of
// sign-ins exhausts neither the memory nor the patience of everybody else.
type slots struct {
	busy    chan struct{} // holds one entry for each hash that runs; senders are served in order
	queue   int64
	waiting atomic.Int64
	room    room
}

func newSlots(c PasswordConfig) *slots {
	return &slots{
		busy:  make(chan struct{}, c.Concurrent),
		queue: int64(c.Queue),
		room:  room{budget: int64(c.Concurrent) * int64(c.MemoryKiB) * 1024},
	}
}

// run calls hash, which allocates about so many bytes, when its turn has come.
func (s *slots) run(ctx context.Context, memory int, hash func()) error {
	if err := s.acquire(ctx); err != nil {
		return err
	}
	defer func() { <-s.busy }()
	s.room.take(int64(memory))
	defer s.room.leave(int64(memory))
	hash()
	return nil
}

func (s *slots) acquire(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return errors.Unavailable.After(time.Second).Because(err)
	}
	select {
	case s.busy <- struct{}{}:
		return nil
	default:
	}
	defer s.waiting.Add(-1)
	if s.waiting.Add(1) > s.queue {
		return errors.Unavailable.After(time.Second)
	}
	select {
	case s.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errors.Unavailable.After(time.Second).Because(ctx.Err())
	}
}

// room keeps the blocks of finished hashes from piling up. Argon2 allocates its
// memory anew for each hash, and the collector, which lets garbage grow with
// the heap, would keep two or three blocks for each that is in use. So the next
// hash has them collected first, when there is no room for it beside them.
type room struct {
	budget  int64 // bytes: a block for each hash that may run
	used    atomic.Int64
	garbage atomic.Int64
	entry   sync.Mutex
}

// cheapHeap is up to how many scannable bytes a collection costs a few per cent
// of a hash. Past it the garbage is left to the collector's own pace: a few
// blocks more are then little beside the heap.
const cheapHeap = 16 << 20

func (r *room) take(n int64) {
	r.entry.Lock()
	defer r.entry.Unlock()
	used, garbage := r.used.Load(), r.garbage.Load() // in this order: what leaves meanwhile counts twice, not never
	if garbage > 0 && used+garbage+n > r.budget && scannableHeap() <= cheapHeap {
		runtime.GC()
		r.garbage.Add(-garbage)
	}
	r.used.Add(n)
}

func (r *room) leave(n int64) {
	r.garbage.Add(n)
	r.used.Add(-n)
}

// scannableHeap is what a collection's cost grows with: the heap in bytes, but
// for what holds no pointers, such as the blocks of Argon2.
func scannableHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/scan/heap:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
