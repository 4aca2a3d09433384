package explain_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/server/explain"
	"gatehouse/server/keys"
	"gatehouse/storage"
)

// database takes refusals, or does what a test wants it to do instead.
type database struct {
	mu      sync.Mutex
	batches []int
	kept    []storage.Refusal
	instead func(ctx context.Context) error // nil: it takes them
}

func (d *database) AddRefusals(ctx context.Context, refusals []storage.Refusal) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.instead != nil {
		if err := d.instead(ctx); err != nil {
			return err
		}
	}
	d.batches = append(d.batches, len(refusals))
	d.kept = append(d.kept, refusals...)
	return nil
}

func (d *database) DeleteRefusals(_ context.Context, refusals []storage.Refusal) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept = slices.DeleteFunc(d.kept, func(kept storage.Refusal) bool {
		return slices.ContainsFunc(refusals, func(gone storage.Refusal) bool { return gone.ID == kept.ID && gone.RequestID == kept.RequestID })
	})
	return nil
}

// sizes are how many refusals each statement stored.
func (d *database) sizes() []int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.batches)
}

// fixture is a recorder and the world around it.
type fixture struct {
	*explain.Recorder
	database database
	log      bytes.Buffer

	mu       sync.Mutex
	now      time.Time
	busy     bool
	recorded int
	dropped  map[string]int
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	master, err := keys.NewMaster("a master secret that is only good for tests")
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{now: time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC), dropped: map[string]int{}}
	f.Recorder = explain.New(explain.Deps{
		Store: &f.database, Master: master, Log: slog.New(slog.NewTextHandler(&f.log, nil)),
		Recorded: func(n int) { f.mu.Lock(); defer f.mu.Unlock(); f.recorded += n },
		Dropped:  func(reason string, n int) { f.mu.Lock(); defer f.mu.Unlock(); f.dropped[reason] += n },
		Busy:     func() bool { return f.busy },
		Now:      func() time.Time { return f.now },
	})
	return f
}

// refuse adds a refusal from an address.
func (f *fixture) refuse(address string) {
	f.Add(explain.Refused{
		RequestID: "r-1", Method: "POST", Route: "/oauth2/token", Status: 401,
		Fault: errors.From(errors.InvalidClient), Address: address, Source: address, Trail: &explain.Trail{},
	})
}

// stop writes all that waits.
func (f *fixture) stop(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Run(ctx); err != nil {
		t.Fatal(err)
	}
}

// record returns the record of a refusal.
func (f *fixture) record(t testing.TB, e explain.Refused) explain.Record {
	t.Helper()
	if e.Fault == nil {
		e.Fault = errors.From(errors.InvalidClient)
	}
	f.Add(e)
	f.stop(t)
	if len(f.database.kept) != 1 {
		t.Fatalf("%d records, want 1", len(f.database.kept))
	}
	record, err := explain.Decode(f.database.kept[0])
	if err != nil {
		t.Fatal(err)
	}
	return record
}
