package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"gatehouse/errors"
)

// sessionKept is how long a session is kept after its end, and deviceKept how
// long a device is known after it was seen.
const (
	sessionKept = 24 * time.Hour
	deviceKept  = 400 * 24 * time.Hour
)

// swept is a table whose rows have an end.
type swept struct {
	table string
	key   []string      // columns of the primary key
	dead  string        // rows to delete; "cutoff" stands for now minus kept
	kept  time.Duration // after its end
}

// sweep is the order in which tables are swept.
var sweep = []swept{
	{"sessions", []string{"id"}, `(ended_at <= cutoff OR expires_at <= cutoff
		OR (refresh_hash IS NOT NULL AND refresh_expires_at <= cutoff))`, sessionKept},
	{"codes", []string{"kind", "hash"}, "expires_at <= cutoff", 0},
	{"changes", []string{"seq"}, "kept_till <= cutoff", 0},
	{"throttles", []string{"key"}, "(forgotten_at <= cutoff AND frozen_until <= cutoff)", 0},
	{"counters", []string{"key"}, "expires_at <= cutoff", 0},
	{"leases", []string{"name"}, "leased_till <= cutoff", 0},
	{"devices", []string{"user_id", "device"}, "seen_at <= cutoff", deviceKept},
}

// cursor is where a round has got to: the table, and the last key seen there.
type cursor struct {
	table int
	after []any // nil: at its beginning
}

// DeleteExpired implements storage.Store. A page is the next so many rows of
// a table in the order of its primary key, so it costs the same however large the
// table is, and nothing needs an index on what expires.
func (s *Store) DeleteExpired(ctx context.Context, now time.Time, limit int) (deleted int, done bool, err error) {
	s.sweeping.Lock()
	defer s.sweeping.Unlock()
	for deleted < limit && !done {
		n, ended, err := s.sweepPage(ctx, now, limit-deleted)
		deleted += n
		if err != nil || !ended {
			return deleted, false, err
		}
		s.cursor.table = (s.cursor.table + 1) % len(sweep)
		done = s.cursor.table == 0
	}
	return deleted, done, nil
}

// sweepPage deletes what is over in a page of rows; ended means that it was the
// table's last.
func (s *Store) sweepPage(ctx context.Context, now time.Time, size int) (deleted int, ended bool, err error) {
	on, after := sweep[s.cursor.table], s.cursor.after
	last, err := s.lastOfPage(ctx, on, after, size)
	if err != nil {
		return 0, false, fmt.Errorf("find expired %s: %w", on.table, err)
	}
	args := []any{stamp(now.Add(-on.kept))}
	conditions := []string{strings.ReplaceAll(on.dead, "cutoff", "$1")}
	if after != nil {
		conditions = append(conditions, on.compare(">", len(args)))
		args = append(args, after...)
	}
	if last != nil {
		conditions = append(conditions, on.compare("<=", len(args)))
		args = append(args, last...)
	}
	n, err := s.exec(ctx, "DELETE FROM "+on.table+" WHERE "+strings.Join(conditions, " AND "), args...)
	if err != nil {
		return 0, false, fmt.Errorf("delete expired %s: %w", on.table, err)
	}
	s.cursor.after = last
	return int(n), last == nil, nil
}

// lastOfPage finds the key of the last row of a page, nil when there are fewer
// rows than that.
func (s *Store) lastOfPage(ctx context.Context, on swept, after []any, size int) ([]any, error) {
	where := ""
	if after != nil {
		where = " WHERE " + on.compare(">", 0)
	}
	last := make([]any, len(on.key))
	dest := make([]any, len(on.key))
	for i := range last {
		dest[i] = &last[i]
	}
	key := strings.Join(on.key, ", ")
	err := s.one(ctx, dest, fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s LIMIT 1 OFFSET %d",
		key, on.table, where, key, size-1), after...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return last, err
}

// compare compares the key with arguments that follow so many others.
func (on swept) compare(operator string, args int) string {
	marks := marks(args, len(on.key))
	return "(" + strings.Join(on.key, ", ") + ") " + operator + " (" + marks + ")"
}
