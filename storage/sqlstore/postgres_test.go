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
		if err := s.CreateSession(t.Context(), session); err != nil {
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
		if err := s.CreateSession(ctx, newSession("u", nil)); err != nil {
			return err
		}
		closeAll()
		return s.CreateSession(ctx, newSession("u", nil))
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
