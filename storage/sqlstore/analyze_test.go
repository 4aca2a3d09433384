package sqlstore_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/identity"
	"gatehouse/storage/storagetest"
)

// A table that has grown is analyzed, one that has not is not.
func TestAnalyze(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			dsn := database.DSN(t)
			s, db := storagetest.Open(t, dsn), raw(t, dsn)
			analyzed := func() string {
				t.Helper()
				if err := s.Analyze(t.Context()); err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(dsn, "sqlite:") {
					return ""
				}
				return strings.Join(column(t, db, `SELECT relname || ' ' || reltuples FROM pg_class
					WHERE relname IN ('users', 'user_terms', 'memberships') AND reltuples > 0 ORDER BY 1`), ", ")
			}
			if got := analyzed(); got != "" {
				t.Errorf("analyzed of an empty database: %s", got)
			}
			for from := 0; from < 6000; from += 1000 {
				users := make([]identity.User, 1000)
				for n := range users {
					users[n] = seedUser(from + n)
					users[n].Groups = nil
				}
				if err := s.CreateUsers(t.Context(), users); err != nil {
					t.Fatal(err)
				}
			}
			want := "user_terms 24000, users 6000"
			if strings.HasPrefix(dsn, "sqlite:") {
				want = ""
			}
			if diff := cmp.Diff(want, analyzed()); diff != "" {
				t.Errorf("analyzed (-want +got):\n%s", diff)
			}
		})
	}
}
