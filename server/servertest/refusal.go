package servertest

import (
	"testing"
	"time"

	"gatehouse/server/explain"
)

// Refusal waits for the record of a refused request.
func (s *Server) Refusal(tb testing.TB, a Answer) explain.Explanation {
	tb.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		found, err := explain.Read(tb.Context(), s.Store, a.Header.Get("X-Request-Id"))
		if err == nil {
			return found[0]
		}
	}
	tb.Fatalf("no record of the %d %s", a.Status, a.Body)
	return explain.Explanation{}
}
