package servertest

import (
	"testing"

	"gatehouse/storage/storagetest"
)

// Statement runs a statement on the database past the server, as an operator with a
// shell of the database could.
func (s *Server) Statement(tb testing.TB, statement string) {
	tb.Helper()
	storagetest.Exec(tb, s.dsn, statement)
}

// Count returns the number that a query selects, past the server.
func (s *Server) Count(tb testing.TB, query string) int {
	tb.Helper()
	return storagetest.Count(tb, s.dsn, query)
}
