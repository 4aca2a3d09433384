package sqlstore_test

import (
	"context"
	"database/sql"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// requests are what requests, and the work behind them, ask of the store.
func requests(ctx context.Context, s *sqlstore.Store, now time.Time) map[string]func() error {
	return map[string]func() error{
		"Session": func() error { _, err := s.Session(ctx, "s7"); return err },
		"RotateRefresh": func() error {
			_, err := s.RotateRefresh(ctx, storage.Rotation{SessionID: "s7", Spent: []byte("live"), At: now, ExpiresAt: now})
			return err
		},
		"SessionsOfUser":  func() error { _, err := s.SessionsOfUser(ctx, "u7", now); return err },
		"EndSession":      func() error { _, err := s.EndSession(ctx, "s9", now, now); return err },
		"EndUserSessions": func() error { return s.EndUserSessions(ctx, "u8", "", now, now) },
		"Revoked":         func() error { _, err := s.Revoked(ctx, "s7", "t7"); return err },
		"Changes":         func() error { _, err := s.Changes(ctx, 19_990, 1000); return err },
		"RevokeToken":     func() error { return s.RevokeToken(ctx, "t7", now) },
		"SignIn": func() error {
			_, err := s.SignIn(ctx, storage.SignInQuery{Username: "7", Device: "d", Keys: []string{"a", "b", "c"}})
			return err
		},
		"RecordFailures": func() error {
			return s.RecordFailures(ctx, []storage.Failure{{Key: "a", At: now, Limit: 5}})
		},
		"ClearFailures": func() error { return s.ClearFailures(ctx, []string{"a"}) },
		"SpendCode":     func() error { _, err := s.SpendCode(ctx, "code", []byte("h7"), "s7", now); return err },
		"DeleteExpired": func() error { _, _, err := s.DeleteExpired(ctx, now, 100); return err },
	}
}

// However many rows there are, no request reads a table from end to end.
func TestPostgresScansNoTable(t *testing.T) {
	t.Parallel()
	dsn := storagetest.Postgres(t)
	db := raw(t, dsn)
	for _, fill := range []string{
		`INSERT INTO sessions (id, user_id, client_id, auth_time, nonce, address, user_agent, created_at, expires_at,
			last_used_at, generation, refresh_hash, refresh_expires_at)
		SELECT 's' || n, 'u' || n % 100, 'c', now(), '', '', '', now(), now() + '1 day', now(), 0, 'live', now() + '1 day'`,
		`INSERT INTO changes (kind, key, kept_till) SELECT 'token', 't' || n, now()`,
		`INSERT INTO codes (kind, hash, session_id, expires_at) SELECT 'code', ('h' || n)::bytea, '', now()`,
		`INSERT INTO users (id, username, username_key, email, email_key, email_verified, first_name, last_name,
			password_hash, disabled, created_at, updated_at)
		SELECT 'u' || n, n, n, n, n, TRUE, '', '', '', FALSE, now(), now()`,
		`INSERT INTO throttles SELECT ('k' || n)::bytea, 1, 1, now(), now(), now()`,
		`INSERT INTO devices SELECT 'u' || n, 'd', now()`,
	} {
		run(t, db, fill+" FROM generate_series(1, 20000) n")
	}
	run(t, db, "ANALYZE")
	scans := func() []string {
		return column(t, db, `SELECT relname || ' ' || seq_scan FROM pg_stat_user_tables
			WHERE relname IN ('sessions', 'changes', 'codes', 'users', 'throttles', 'devices') ORDER BY 1`)
	}
	before := scans()
	s := storagetest.Open(t, dsn)
	for name, request := range requests(t.Context(), s, time.Now()) {
		for range 10 { // after five PostgreSQL may take to a plan for any values
			if err := request(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	run(t, db, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'gatehouse'`) // which counts what they did
	for i, after := range scans() {
		if before[i] != after {
			t.Errorf("sequential scans: %s before, %s after", before[i], after)
		}
	}
}

// tableScan is a step of SQLite's plan that goes through a table or an index.
var tableScan = regexp.MustCompile(`^SCAN (users|groups|memberships|applications|sessions|codes|changes|throttles|counters|devices|leases)\b`)

func TestSQLiteScansNoTable(t *testing.T) {
	t.Parallel()
	dsn := storagetest.SQLite(t)
	var lock sync.Mutex
	var seen []string
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{DSN: dsn, Observe: func(_ context.Context, s sqlstore.Statement) {
		lock.Lock()
		defer lock.Unlock()
		seen = append(seen, s.SQL)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	session := newSession("u7", []byte("live"))
	session.ID = "s7"
	if err := s.CreateSession(t.Context(), session, ""); err != nil {
		t.Fatal(err)
	}
	db := raw(t, dsn)
	for name, request := range requests(t.Context(), s, time.Now()) {
		seen = nil
		if err := request(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, statement := range seen {
			if statement == "" || name == "DeleteExpired" && !strings.Contains(statement, " > (") {
				continue // the first page begins at the beginning
			}
			for _, step := range sqlitePlan(t, db, statement) {
				if tableScan.MatchString(step) {
					t.Errorf("%s: %s in the plan of %s", name, step, statement)
				}
			}
		}
	}
}

// sqlitePlan is how SQLite would go about a statement.
func sqlitePlan(t *testing.T, db *sql.DB, statement string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement, make([]any, 40)...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
