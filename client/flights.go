package client

import (
	"context"
	"sync"
)

// flights has those who ask the same at the same time wait for one answer. Work
// goes on when one of them leaves, and is cancelled when the last one does.
type flights[V any] struct {
	ctx     context.Context // that all work runs under
	mu      sync.Mutex
	running map[digest]*flight[V]
}

type flight[V any] struct {
	done    chan struct{} // closed when value and err are there
	cancel  context.CancelFunc
	waiting int
	value   V
	err     error
}

func newFlights[V any](ctx context.Context) *flights[V] {
	return &flights[V]{ctx: ctx, running: make(map[digest]*flight[V])}
}

// do returns what work returns, or why ctx ended before that.
func (f *flights[V]) do(ctx context.Context, key digest, work func(context.Context) (V, error)) (V, error) {
	joined := f.join(key, work)
	select {
	case <-joined.done:
		return joined.value, joined.err
	case <-ctx.Done():
		f.leave(key, joined)
		var none V
		return none, context.Cause(ctx)
	}
}

func (f *flights[V]) join(key digest, work func(context.Context) (V, error)) *flight[V] {
	f.mu.Lock()
	defer f.mu.Unlock()
	if joined, ok := f.running[key]; ok {
		joined.waiting++
		return joined
	}
	ctx, cancel := context.WithCancel(f.ctx)
	begun := &flight[V]{done: make(chan struct{}), cancel: cancel, waiting: 1}
	f.running[key] = begun
	go func() {
		defer cancel()
		begun.value, begun.err = work(ctx)
		f.land(key, begun)
	}()
	return begun
}

// leave gives up waiting; the last one cancels the work, which nobody can join any more.
func (f *flights[V]) leave(key digest, left *flight[V]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if left.waiting--; left.waiting == 0 {
		f.forget(key, left)
		left.cancel()
	}
}

// land lets nobody join any more, and everybody who did have the answer.
func (f *flights[V]) land(key digest, landed *flight[V]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forget(key, landed)
	close(landed.done)
}

func (f *flights[V]) forget(key digest, one *flight[V]) {
	if f.running[key] == one {
		delete(f.running, key)
	}
}
