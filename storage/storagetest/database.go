package storagetest

import (
	"context"
	"os"
	"strings"
	"testing"

	"gatehouse/storage/sqlstore"
)

// Database is a kind of database to test on.
type Database struct {
	Name  string                    // "sqlite", "postgres"
	DSN   func(t testing.TB) string // makes a migrated database that lives as long as the test; may skip it
	Empty func(t testing.TB) string // the same without any table
}

// Databases returns the databases that every test of storage runs on.
func Databases() []Database {
	return []Database{
		{Name: "sqlite", DSN: SQLite, Empty: emptySQLite},
		{Name: "postgres", DSN: Postgres, Empty: emptyPostgres},
	}
}

// Open opens a migrated database that is closed when the test ends.
func (d Database) Open(t testing.TB) *sqlstore.Store { return Open(t, d.DSN(t)) }

// Open opens a database that is closed when the test ends.
func Open(t testing.TB, dsn string) *sqlstore.Store {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), sqlstore.Config{DSN: dsn})
	if err != nil {
		t.Fatalf("open the database: %v", err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return store
}

// migrate brings an empty database up to date.
func migrate(ctx context.Context, dsn string) error {
	store, err := sqlstore.Open(ctx, sqlstore.Config{DSN: dsn, MaxConns: 2})
	if err != nil {
		return err
	}
	if err := store.Migrate(ctx); err != nil {
		store.Close()
		return err
	}
	return store.Close()
}

// required says whether GATEHOUSE_TEST_REQUIRE asks for a thing: then its absence
// fails a test instead of skipping it.
func required(thing string) bool {
	for _, name := range strings.Split(os.Getenv("GATEHOUSE_TEST_REQUIRE"), ",") {
		if strings.TrimSpace(name) == thing {
			return true
		}
	}
	return false
}
