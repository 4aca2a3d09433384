package server_test

import (
	"fmt"
	"net/http"
	"testing"

	"gatehouse/server/servertest"
)

// TestIdentityStatementBudgets counts what a request to the identity API asks of
// the database: who asks and what they may do costs nothing once it is warm.
func TestIdentityStatementBudgets(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		n := 0
		for _, tt := range []struct {
			name, method, path, body string
			reads, writes            int64
		}{
			{"read a user", http.MethodGet, "/v1/users/$grace", "", 1, 0},
			{"list users", http.MethodGet, "/v1/users", "", 2, 0},
			{"look a user up", http.MethodGet, "/v1/users?username=grace", "", 1, 0},
			{"read a group", http.MethodGet, "/v1/groups/clerks", "", 2, 0},
			{"list groups", http.MethodGet, "/v1/groups", "", 3, 0},
			{"read an application", http.MethodGet, "/v1/applications/$app", "", 1, 0},
			{"list applications", http.MethodGet, "/v1/applications", "", 2, 0},
			{"list products", http.MethodGet, "/v1/products", "", 1, 0},
			{"list sessions", http.MethodGet, "/v1/users/$grace/sessions", "", 2, 0},
			{"list audit events", http.MethodGet, "/v1/audit-events", "", 1, 0},
			{"explain a refusal", http.MethodGet, "/v1/refusals/none", "", 1, 0},
			{"a body that is refused", http.MethodPatch, "/v1/users/$grace", `{"id":1}`, 0, 1},
		} {
			t.Run(tt.name, func(t *testing.T) {
				var reads, writes int64
				for range 2 { // the first warms the caches
					reads, writes = s.Reads.Load(), s.Writes.Load()
					n++
					w.do(t, tt.method, tt.path, tt.body, servertest.Header("X-Request-Id", fmt.Sprintf("budget-%d", n)))
				}
				reads, writes = s.Reads.Load()-reads, s.Writes.Load()-writes
				if reads != tt.reads || writes != tt.writes {
					t.Errorf("%d reads and %d writes, want %d and %d", reads, writes, tt.reads, tt.writes)
				}
			})
		}
	})
}
