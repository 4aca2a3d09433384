package sqlstore_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

func TestSQLiteFile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"gatehouse.db", "with space", "50%41?#&mode=ro", "ação"} {
		path := filepath.Join(t.TempDir(), name)
		s := storagetest.Open(t, "sqlite:"+path)
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, suffix := range []string{"", "-wal", "-shm"} {
			info, err := os.Stat(path + suffix)
			if err != nil {
				t.Errorf("the file is not where it was asked for: %v", err)
				continue
			}
			if info.Mode().Perm() != 0o600 {
				t.Errorf("%s%s has mode %v, want 0600", name, suffix, info.Mode())
			}
		}
	}
}

func TestSQLiteRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	s := storagetest.Open(t, "sqlite:gatehouse.db")
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat("gatehouse.db"); err != nil {
		t.Error(err)
	}
}

// A command works on the database beside a running server.
func TestSQLiteTwoProcesses(t *testing.T) {
	t.Parallel()
	dsn := storagetest.SQLite(t)
	var writers sync.WaitGroup
	for range 2 {
		s := storagetest.Open(t, dsn)
		for range 4 {
			writers.Go(func() {
				for range 10 {
					if _, err := s.AddCounts(t.Context(), time.Time{}, time.Now(), map[string]int{"a": 1}); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	writers.Wait()
	got, err := storagetest.Open(t, dsn).AddCounts(t.Context(), time.Time{}, time.Now(), map[string]int{"a": 0})
	if err != nil || got["a"] != 80 {
		t.Errorf("AddCounts() = %v, %v, want 80", got, err)
	}
}

// What one call has written the next one reads, though another connection does.
func TestSQLiteReadsOwnWrites(t *testing.T) {
	t.Parallel()
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{DSN: storagetest.SQLite(t), MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range 20 {
				session := newSession("u", nil)
				if err := s.CreateSession(t.Context(), session); err != nil {
					t.Error(err)
				}
				if _, err := s.Session(t.Context(), session.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	callers.Wait()
}

// Callers that wait at the same time share a commit, and nothing else: one that
// breaks a constraint fails alone, and one that gives up is left out.
func TestSQLiteSharedCommit(t *testing.T) {
	t.Parallel()
	s := storagetest.Open(t, storagetest.SQLite(t))
	twice := newSession("u", nil)
	if err := s.CreateSession(t.Context(), twice); err != nil {
		t.Fatal(err)
	}
	sessions := make([]storage.Session, 100)
	errs := make([]error, len(sessions))
	impatient, giveUp := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	err := s.InTx(t.Context(), func(context.Context) error { // holds the writer
		for i := range sessions {
			ctx := t.Context()
			sessions[i] = newSession("u", nil)
			switch i % 10 {
			case 3:
				sessions[i] = twice
			case 7:
				ctx = impatient
			}
			callers.Go(func() { errs[i] = s.CreateSession(ctx, sessions[i]) })
		}
		time.Sleep(50 * time.Millisecond) // they wait
		giveUp()
		time.Sleep(50 * time.Millisecond)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	callers.Wait()
	for i, err := range errs {
		_, found := s.Session(t.Context(), sessions[i].ID)
		switch i % 10 {
		case 3:
			if err == nil || errors.Is(err, errors.Unavailable) {
				t.Errorf("session %d, which was there: %v", i, err)
			}
		case 7:
			if !errors.Is(err, context.Canceled) || !errors.Is(found, errors.SessionNotFound) {
				t.Errorf("session %d, given up: %v, then %v", i, err, found)
			}
		default:
			if err != nil || found != nil {
				t.Errorf("session %d: %v, then %v", i, err, found)
			}
		}
	}
}

func TestSQLiteClosed(t *testing.T) {
	t.Parallel()
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{DSN: storagetest.SQLite(t)})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	}
	if err := s.CreateSession(t.Context(), newSession("u", nil)); err == nil {
		t.Error("CreateSession() after Close() = nil")
	}
}
