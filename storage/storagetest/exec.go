package storagetest

import (
	"database/sql"
	"strings"
	"testing"
)

// Exec runs a statement on a database without a store.
func Exec(tb testing.TB, dsn, statement string) {
	tb.Helper()
	driver, address := "pgx", dsn
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, address = "sqlite", path
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		tb.Fatalf("open the database: %v", err)
	}
	defer db.Close()
	if _, err := db.ExecContext(tb.Context(), statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}
