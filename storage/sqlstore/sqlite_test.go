package sqlstore_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

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
				if err := s.CreateSession(t.Context(), session, ""); err != nil {
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
