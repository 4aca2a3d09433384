package servertest

import (
	"database/sql"
	"strings"
	"testing"
)

// Statement runs a statement on the database past the server, as an operator with a
// shell of the database could.
func (s *Server) Statement(tb testing.TB, statement string) {
	tb.Helper()
	db := s.database(tb)
	defer db.Close()
	if _, err := db.ExecContext(tb.Context(), statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

// Count returns the number that a query selects, past the server.
func (s *Server) Count(tb testing.TB, query string) (n int) {
	tb.Helper()
	db := s.database(tb)
	defer db.Close()
	if err := db.QueryRowContext(tb.Context(), query).Scan(&n); err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
	return n
}

func (s *Server) database(tb testing.TB) *sql.DB {
	tb.Helper()
	driver, dsn := "pgx", s.dsn
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, dsn = "sqlite", path
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		tb.Fatalf("open the database: %v", err)
	}
	return db
}
