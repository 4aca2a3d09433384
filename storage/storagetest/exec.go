package storagetest

import (
	"database/sql"
	"strings"
	"testing"
)

// Exec runs a statement on a database without a store.
func Exec(tb testing.TB, dsn, statement string) {
	tb.Helper()
	db := open(tb, dsn)
	defer db.Close()
	if _, err := db.ExecContext(tb.Context(), statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

// Count returns the number that a query selects from a database without a store.
func Count(tb testing.TB, dsn, query string) (n int) {
	tb.Helper()
	db := open(tb, dsn)
	defer db.Close()
	if err := db.QueryRowContext(tb.Context(), query).Scan(&n); err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	return n
}

func open(tb testing.TB, dsn string) *sql.DB {
	tb.Helper()
	driver, address := "pgx", dsn
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, address = "sqlite", path
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		tb.Fatalf("open the database: %v", err)
	}
	return db
}
