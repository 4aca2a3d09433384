package sqlstore

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// The longest pause between attempts to listen again, and the shortest.
const (
	relistenSoon = 100 * time.Millisecond
	relistenLate = 5 * time.Second
)

// Watch implements storage.Changes. On PostgreSQL it listens on a connection of
// its own; on SQLite there is no other node.
func (s *Store) Watch(ctx context.Context, wake func()) error {
	if s.listen == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	return s.listen(ctx, wake)
}

// listener waits for what the trigger changes_tell says.
type listener struct {
	config *pgx.ConnConfig
	log    *slog.Logger
}

// run listens until ctx ends, again and again.
func (l listener) run(ctx context.Context, wake func()) error {
	pause := relistenSoon
	for {
		heard, err := l.listen(ctx, wake)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if heard {
			pause = relistenSoon
		}
		l.log.WarnContext(ctx, "listening for changes was interrupted", "error", err, "pause", pause)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause = min(2*pause, relistenLate)
	}
}

// listen listens on one connection until it breaks. heard means that it was
// there at all.
func (l listener) listen(ctx context.Context, wake func()) (heard bool, err error) {
	db, err := pgx.ConnectConfig(ctx, l.config.Copy())
	if err != nil {
		return false, err
	}
	defer hangUp(db)
	if _, err := db.Exec(ctx, "LISTEN gatehouse_changes"); err != nil {
		return false, err
	}
	for {
		wake() // also for what came while nobody listened
		if _, err := db.WaitForNotification(ctx); err != nil {
			return true, err
		}
	}
}
