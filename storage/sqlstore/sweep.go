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
// long a row of an earlier release that knew devices by their addresses.
const (
	sessionKept = 24 * time.Hour
	deviceKept  = 400 * 24 * time.Hour

	// codeKept is how long after its end a code is known to have been used.
	codeKept = 10 * time.Minute

	// deliveryKept is how long the end of a session is news.
	deliveryKept = 7 * 24 * time.Hour
)

// swept is a table whose rows have an end.
type swept struct {
	table string
	key   []string      // columns of the primary key
	dead  string        // rows to delete; "cutoff" stands for now minus kept
	kept  time.Duration // after its end
	found bool          // an index that begins with the key finds the dead rows: no others are looked at
}

// sweep is the order in which tables are swept.
var sweep = []swept{
	{table: "sessions", key: []string{"id"}, dead: `(ended_at <= cutoff OR expires_at <= cutoff
		OR (refresh_hash IS NOT NULL AND refresh_expires_at <= cutoff))`, kept: sessionKept},
	{table: "codes", key: []string{"kind", "hash"}, dead: "expires_at <= cutoff", kept: codeKept},
	{table: "changes", key: []string{"seq"}, dead: "kept_till <= cutoff"},
	{table: "throttles", key: []string{"key"}, dead: "(forgotten_at <= cutoff AND frozen_until <= cutoff)"},
	{table: "counters", key: []string{"key"}, dead: "expires_at <= cutoff"},
	{table: "leases", key: []string{"name"}, dead: "leased_till <= cutoff"},
	{table: "devices", key: []string{"user_id", "device"}, dead: "seen_at <= cutoff", kept: deviceKept},
	{table: "audit_events", key: []string{"expires_at", "id"}, dead: "expires_at <= cutoff", found: true},
	{table: "refusals", key: []string{"expires_at", "id"}, dead: "expires_at <= cutoff", found: true},
	{table: "browsers", key: []string{"id"}, dead: "expires_at <= cutoff"},
	{table: "interactions", key: []string{"hash"}, dead: "expires_at <= cutoff"},
	{table: "once_only", key: []string{"digest"}, dead: "expires_at <= cutoff"},
	{table: "logout_deliveries", key: []string{"session_id"}, dead: "created_at <= cutoff", kept: deliveryKept},
	{table: "imports", key: []string{"id"}, dead: "expires_at <= cutoff"},
}

// cursor is where a round has got to: the table, and the last key seen there.
type cursor struct {
	table int
	after []any // nil: at its beginning
}

// DeleteExpired implements storage.Store. A page is the next so many rows of
// a table in the order of its primary key, so it costs the same however large the
// table is, and nothing needs an index on what expires. Only of tables whose rows
// are kept for long, and never change, the dead ones are looked up by an index.
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
	cutoff := stamp(now.Add(-on.kept))
	last, err := s.lastOfPage(ctx, on, cutoff, after, size)
	if err != nil {
		return 0, false, fmt.Errorf("find expired %s: %w", on.table, err)
	}
	args := []any{cutoff}
	conditions := []string{on.over()}
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
func (s *Store) lastOfPage(ctx context.Context, on swept, cutoff stamp, after []any, size int) ([]any, error) {
	var args []any
	conditions := []string{"TRUE"}
	if on.found {
		args = append(args, cutoff)
		conditions = append(conditions, on.over())
	}
	if after != nil {
		conditions = append(conditions, on.compare(">", len(args)))
		args = append(args, after...)
	}
	last := make([]any, len(on.key))
	dest := make([]any, len(on.key))
	for i := range last {
		dest[i] = &last[i]
	}
	key := strings.Join(on.key, ", ")
	err := s.one(ctx, dest, fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT 1 OFFSET %d",
		key, on.table, strings.Join(conditions, " AND "), key, size-1), args...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return last, err
}

// over is the condition on dead rows, its cutoff the first argument.
func (on swept) over() string { return strings.ReplaceAll(on.dead, "cutoff", "$1") }

// compare compares the key with arguments that follow so many others.
func (on swept) compare(operator string, args int) string {
	marks := marks(args, len(on.key))
	return "(" + strings.Join(on.key, ", ") + ") " + operator + " (" + marks + ")"
}
