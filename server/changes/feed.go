package changes

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"gatehouse/storage"
)

const (
	freshFor    = time.Second
	pageSize    = 1000
	readTimeout = 5 * time.Second // of one page

	// awayFor is how long the list may go unread before lines may be missing
	// from it. A minute is left for clocks that differ.
	awayFor = storage.ChangeRetention - time.Minute
)

// Deps is all that a Feed takes from the rest of the program; every field is required.
type Deps struct {
	Store storage.Changes
	Now   func() time.Time
	Log   *slog.Logger
}

// Feed hands what changed to its subscribers.
type Feed struct {
	Deps
	subscribers []subscriber
	reading     chan struct{}             // holds an entry while the list is being read
	cursor      atomic.Pointer[cursor]    // replaced by whoever reads; nil until Start
	upTo        atomic.Pointer[time.Time] // whatever was committed before has been handed on; nil until Start
}

type subscriber struct {
	apply func([]storage.Change)
	reset func()
}

// New returns a Feed, and has the store tell it what this process announces.
func New(d Deps) *Feed {
	f := &Feed{Deps: d, reading: make(chan struct{}, 1)}
	d.Store.OnAnnounce(f.announced)
	return f
}

// announced hands on what this process announces. Only then need it not be handed
// on again when it is read.
func (f *Feed) announced(lines []storage.Change) {
	f.hand(lines)
	if c := f.cursor.Load(); c != nil {
		c.fresh(lines, f.Now())
	}
}

// Subscribe has apply called with every change, with some more than once, and
// from several goroutines at once. reset is called when changes may have been
// missed: whatever depends on them must be forgotten. Both must return soon.
// Subscribe may not be called after Start, nor when this process announces.
func (f *Feed) Subscribe(apply func([]storage.Change), reset func()) {
	f.subscribers = append(f.subscribers, subscriber{apply, reset})
}

// Start hands on all changes that still matter.
func (f *Feed) Start(ctx context.Context) error {
	if err := f.load(ctx); err != nil {
		return fmt.Errorf("load changes: %w", err)
	}
	return nil
}

// Fresh says whether all that any node committed until a second ago was handed
// on. Only then may what depends on changes be answered from memory.
func (f *Feed) Fresh() bool {
	upTo := f.upTo.Load()
	return upTo != nil && f.since(*upTo) <= freshFor
}

// Sync hands on whatever was committed before it was called. Start must have
// succeeded before.
func (f *Feed) Sync(ctx context.Context) error {
	called := f.Now()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case f.reading <- struct{}{}:
	}
	defer func() { <-f.reading }()
	if f.upTo.Load().After(called) { // somebody else has begun and ended a read meanwhile
		return nil
	}
	return f.poll(ctx)
}

// poll hands on what is new since the last time.
func (f *Feed) poll(ctx context.Context) error {
	if f.since(*f.upTo.Load()) > awayFor {
		for _, s := range f.subscribers {
			s.reset()
		}
		return f.load(ctx)
	}
	c := f.cursor.Load()
	return f.read(ctx, c, func(top int64) { c.advance(top, f.Now()) })
}

// load hands on all changes and starts a new cursor at their end.
func (f *Feed) load(ctx context.Context) error {
	c := newCursor()
	if err := f.read(ctx, c, func(top int64) { c.skip(top - overlap) }); err != nil {
		return err
	}
	f.cursor.Store(c)
	return nil
}

// read hands on all lines that are new to the cursor. After each page it calls
// paged with the highest number so far.
func (f *Feed) read(ctx context.Context, c *cursor, paged func(top int64)) error {
	began, top := f.Now(), c.low
	for {
		lines, err := f.page(ctx, top)
		if err != nil {
			return err
		}
		f.hand(c.fresh(lines, f.Now()))
		if len(lines) > 0 {
			top = lines[len(lines)-1].Seq
		}
		paged(top)
		if len(lines) < pageSize {
			f.upTo.Store(&began)
			return nil
		}
	}
}

func (f *Feed) page(ctx context.Context, after int64) ([]storage.Change, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	return f.Store.Changes(ctx, after, pageSize)
}

func (f *Feed) hand(lines []storage.Change) {
	if len(lines) == 0 {
		return
	}
	for _, s := range f.subscribers {
		s.apply(lines)
	}
}

// since is the time since t by the monotonic clock or the wall clock, whichever
// says more: one of them stops while the machine is suspended, the other may be
// set back.
func (f *Feed) since(t time.Time) time.Duration {
	now := f.Now()
	return max(now.Sub(t), now.Round(0).Sub(t.Round(0)))
}
