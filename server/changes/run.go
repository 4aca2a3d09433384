package changes

import (
	"context"
	"sync"
	"time"
)

const (
	pollEvery = 400 * time.Millisecond
	pause     = 20 * time.Millisecond // between reads, however often they are called for
	rewatch   = time.Second           // after Watch went wrong
)

// Run follows the list until ctx ends. While the database does not answer it
// keeps trying, and Fresh says false. Start must have succeeded before.
func (f *Feed) Run(ctx context.Context) error {
	wake := make(chan struct{}, 1)
	var watching sync.WaitGroup
	watching.Go(func() { f.watch(ctx, wake) })
	defer watching.Wait()

	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	lost := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-wake:
		}
		err := f.Sync(ctx)
		if ctx.Err() == nil {
			lost = f.report(ctx, lost, err)
		}
		sleep(ctx, pause)
	}
}

// report logs the beginning and the end of an outage, and says whether there is one.
func (f *Feed) report(ctx context.Context, lost bool, err error) bool {
	switch {
	case err != nil && !lost:
		f.Log.ErrorContext(ctx, "changes cannot be read, nothing is answered from memory", "error", err)
	case err == nil && lost:
		f.Log.InfoContext(ctx, "changes can be read again")
	}
	return err != nil
}

// watch has the database say when there is something to read.
func (f *Feed) watch(ctx context.Context, wake chan<- struct{}) {
	failing := false
	for ctx.Err() == nil {
		began := f.Now()
		err := f.Store.Watch(ctx, func() {
			select {
			case wake <- struct{}{}:
			default: // it is awake
			}
		})
		if ctx.Err() != nil {
			return
		}
		if !failing || f.since(began) > rewatch {
			f.Log.WarnContext(ctx, "changes are polled for, the database does not announce them", "error", err)
		}
		failing = true
		sleep(ctx, rewatch)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
