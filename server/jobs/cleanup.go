package jobs

import (
	"context"
	"fmt"
	"time"
)

// Cleanup returns the Do of a job that removes expired rows, at most batch of
// them at a time, with a pause after each batch that leaves the database to
// others, until a whole round found none left. deleteExpired is storage.Store's.
func Cleanup(
	deleteExpired func(ctx context.Context, now time.Time, limit int) (deleted int, done bool, err error),
	now func() time.Time, batch int, pause time.Duration,
) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for {
			_, done, err := deleteExpired(ctx, now(), batch)
			if err != nil {
				return fmt.Errorf("delete expired rows: %w", err)
			}
			if done {
				return nil
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pause):
			}
		}
	}
}
