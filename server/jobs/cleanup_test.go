package jobs_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/errors"
	"gatehouse/server/jobs"
	"gatehouse/storage/storagetest"
)

func TestCleanup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := storagetest.Open(t, storagetest.SQLite(t))
		window := time.Now()
		counts := make(map[string]int)
		for i := range 35 {
			counts[fmt.Sprint(i)] = 1
		}
		if _, err := db.AddCounts(t.Context(), window, window.Add(time.Minute), counts); err != nil {
			t.Fatal(err)
		}
		deleted, statements := 0, 0
		counting := func(ctx context.Context, now time.Time, limit int) (int, bool, error) {
			n, done, err := db.DeleteExpired(ctx, now, limit)
			if n > 10 {
				t.Errorf("deleted %d rows at once, want at most 10", n)
			}
			deleted += n
			statements++
			return n, done, err
		}
		clean := jobs.Cleanup(counting, time.Now, 10, time.Second)
		if err := clean(t.Context()); err != nil || deleted != 0 {
			t.Errorf("cleanup before anything expired = %v, %d rows", err, deleted)
		}
		time.Sleep(2 * time.Minute)
		statements = 0
		start := time.Now()
		if err := clean(t.Context()); err != nil || deleted != 35 {
			t.Errorf("cleanup = %v, %d rows, want 35", err, deleted)
		}
		if took := time.Since(start); statements < 4 || took != time.Duration(statements-1)*time.Second {
			t.Errorf("%d batches took %s, want four or more with a second between them", statements, took)
		}
	})
}

func TestCleanupStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		endless := func(context.Context, time.Time, int) (int, bool, error) { return 1, false, nil }
		if err := jobs.Cleanup(endless, time.Now, 10, time.Minute)(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cleanup = %v, want %v", err, context.DeadlineExceeded)
		}
		broken := errors.New("disk full")
		failing := func(context.Context, time.Time, int) (int, bool, error) { return 0, false, broken }
		if err := jobs.Cleanup(failing, time.Now, 10, time.Minute)(t.Context()); !errors.Is(err, broken) {
			t.Errorf("cleanup = %v, want %v", err, broken)
		}
	})
}
