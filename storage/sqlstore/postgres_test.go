package sqlstore_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// A refresh leaves the indexes alone: its new row version stays on its page.
func TestPostgresRefreshIsHeapOnly(t *testing.T) {
	t.Parallel()
	dsn := storagetest.Postgres(t)
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	const sessions, refreshes = 50, 20
	for range sessions {
		session := newSession("u", []byte("0"))
		if err := s.CreateSession(t.Context(), session, ""); err != nil {
			t.Fatal(err)
		}
		for i := range refreshes {
			ok, err := s.RotateRefresh(t.Context(), storage.Rotation{
				SessionID: session.ID, Spent: []byte(strconv.Itoa(i)), Next: []byte(strconv.Itoa(i + 1)),
				Successor: make([]byte, 120), At: time.Now(), ExpiresAt: time.Now(),
			})
			if err != nil || !ok {
				t.Fatalf("RotateRefresh() = %v, %v", ok, err)
			}
		}
	}
	s.Close() // which makes its statistics visible
	db := raw(t, dsn)
	deadline := time.Now().Add(10 * time.Second)
	for {
		got := column(t, db, `SELECT n_tup_upd || ' ' || n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'sessions'`)
		var updates, heapOnly int
		if _, err := fmt.Sscan(got[0], &updates, &heapOnly); err != nil {
			t.Fatal(err)
		}
		if updates == sessions*refreshes {
			if heapOnly < updates*9/10 {
				t.Errorf("%d of %d refreshes were heap-only, want 90 %%", heapOnly, updates)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("statistics count %d updates, want %d", updates, sessions*refreshes)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// However many rows there are, no request reads a table from end to end.
func TestPostgresScansNoTable(t *testing.T) {
	t.Parallel()
	dsn := storagetest.Postgres(t)
	db := raw(t, dsn)
	run(t, db, `INSERT INTO sessions (id, user_id, client_id, auth_time, nonce, address, user_agent, created_at, expires_at,
			last_used_at, generation, refresh_hash, refresh_expires_at)
		SELECT 's' || n, 'u' || n % 100, 'c', now(), '', '', '', now(), now() + '1 day', now(), 0, 'live', now() + '1 day'
		FROM generate_series(1, 20000) n`)
	run(t, db, `INSERT INTO changes (kind, key, kept_till) SELECT 'token', 't' || n, now() FROM generate_series(1, 20000) n`)
	run(t, db, `INSERT INTO codes (kind, hash, session_id, expires_at) SELECT 'code', ('h' || n)::bytea, '', now() FROM generate_series(1, 20000) n`)
	run(t, db, `INSERT INTO users (id, username, username_key, email, email_key, email_verified, first_name, last_name, password_hash, disabled, created_at, updated_at)
		SELECT 'u' || n, n, n, n, n, TRUE, '', '', '', FALSE, now(), now() FROM generate_series(1, 20000) n`)
	run(t, db, `INSERT INTO throttles SELECT ('k' || n)::bytea, 1, 1, now(), now(), now() FROM generate_series(1, 20000) n`)
	run(t, db, `INSERT INTO devices SELECT 'u' || n, 'd', now() FROM generate_series(1, 20000) n`)
	run(t, db, "ANALYZE")
	scans := func() []string {
		return column(t, db, `SELECT relname || ' ' || seq_scan FROM pg_stat_user_tables
			WHERE relname IN ('sessions', 'changes', 'codes', 'users', 'throttles', 'devices') ORDER BY 1`)
	}
	before := scans()

	s, err := sqlstore.Open(t.Context(), sqlstore.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	ctx, now := t.Context(), time.Now()
	for name, call := range map[string]func() error{
		"Session": func() error { _, err := s.Session(ctx, "s7"); return err },
		"RotateRefresh": func() error {
			_, err := s.RotateRefresh(ctx, storage.Rotation{SessionID: "s7", Spent: []byte("live"), At: now, ExpiresAt: now})
			return err
		},
		"SessionsOfUser":  func() error { _, err := s.SessionsOfUser(ctx, "u7", now); return err },
		"EndUserSessions": func() error { return s.EndUserSessions(ctx, "u8", "", now, now) },
		"Revoked":         func() error { _, err := s.Revoked(ctx, "s7", "t7"); return err },
		"Changes":         func() error { _, err := s.Changes(ctx, 19990, 1000); return err },
		"RevokeToken":     func() error { return s.RevokeToken(ctx, "t7", now) },
		"SignIn": func() error {
			_, err := s.SignIn(ctx, storage.SignInQuery{Username: "7", Device: "d", Keys: []string{"a", "b", "c"}})
			return err
		},
		"RecordFailures": func() error {
			return s.RecordFailures(ctx, []storage.Failure{{Key: "a", At: now, Limit: 5}})
		},
		"SpendCode":     func() error { _, err := s.SpendCode(ctx, "code", []byte("h7"), "s7", now); return err },
		"DeleteExpired": func() error { _, _, err := s.DeleteExpired(ctx, now, 100); return err },
	} {
		for range 10 { // after five PostgreSQL may take to a plan for any arguments
			if err := call(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	s.Close()
	time.Sleep(100 * time.Millisecond) // until its backends have counted
	after := scans()
	for i := range before {
		if before[i] != after[i] {
			t.Errorf("sequential scans: %s before, %s after", before[i], after[i])
		}
	}
}

// watched runs Watch and returns what tells of its calls.
func watched(t *testing.T, s *sqlstore.Store) <-chan struct{} {
	t.Helper()
	woken := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan struct{})
	t.Cleanup(func() {
		cancel()
		<-over
	})
	go func() {
		defer close(over)
		if err := s.Watch(ctx, func() { woken <- struct{}{} }); !errors.Is(err, context.Canceled) {
			t.Errorf("Watch() = %v, want Canceled", err)
		}
	}()
	return woken
}

func wait(t *testing.T, what string, woken <-chan struct{}) {
	t.Helper()
	select {
	case <-woken:
	case <-time.After(10 * time.Second):
		t.Fatal("not woken: " + what)
	}
}

func TestPostgresWatch(t *testing.T) {
	t.Parallel()
	dsn := storagetest.Postgres(t)
	here, there, db := storagetest.Open(t, dsn), storagetest.Open(t, dsn), raw(t, dsn)
	woken := watched(t, here)
	wait(t, "at its start", woken)
	for range 2 {
		if err := there.RevokeToken(t.Context(), "jti", time.Now()); err != nil {
			t.Fatal(err)
		}
		wait(t, "by another node", woken)
		run(t, db, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()`)
		wait(t, "after its connection broke", woken)
	}
}

// A node whose connections the server closed says so where it must, and goes on.
func TestPostgresConnectionsClosed(t *testing.T) {
	t.Parallel()
	dsn := storagetest.Postgres(t)
	s, db := storagetest.Open(t, dsn), raw(t, dsn)
	closeAll := func() {
		run(t, db, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'gatehouse'`)
		for len(column(t, db, `SELECT pid FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'gatehouse'`)) > 0 {
			time.Sleep(time.Millisecond)
		}
	}
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		if err := s.CreateSession(ctx, newSession("u", nil), ""); err != nil {
			return err
		}
		closeAll()
		return s.CreateSession(ctx, newSession("u", nil), "")
	})
	wantUnavailable(t, err)
	if list, err := s.SessionsOfUser(t.Context(), "u", time.Now()); len(list) > 0 || err != nil {
		t.Errorf("SessionsOfUser() = %v, %v, want none", list, err)
	}
	closeAll()
	deadline := time.Now().Add(5 * time.Second)
	for {
		err := s.Ping(t.Context())
		if err == nil {
			return
		}
		wantUnavailable(t, err)
		if time.Now().After(deadline) {
			t.Fatal("the store does not come back")
		}
	}
}
