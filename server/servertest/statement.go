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
	driver, dsn := "pgx", s.dsn
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, dsn = "sqlite", path
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		tb.Fatalf("open the database: %v", err)
	}
	defer db.Close()
	if _, err := db.ExecContext(tb.Context(), statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}
