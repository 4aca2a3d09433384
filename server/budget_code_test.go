package server_test

import (
	"net/http"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// TestStatementBudgetsOfSingleSignOn counts what a sign-in with a live session asks
// of the database once it is warm.
func TestStatementBudgetsOfSingleSignOn(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		for name, tt := range map[string]struct {
			app                       func(*identity.Application)
			authorizeReads, exchanges int64
		}{
			"a trusted application": {func(*identity.Application) {}, 1, 1},
			"consented before":      {func(a *identity.Application) { a.Trusted = false }, 2, 1},
		} {
			t.Run(name, func(t *testing.T) {
				p := newParty(t, s, tt.app)
				b := s.NewBrowser(t)
				b.SignInAs(t, s.UserID, s.Clock.Now())
				code := b.Through(t, address(p.request()), s.Ada()).Given.Get("code")
				want(t, p.exchange(t, code), http.StatusOK, "")
				counted := func(do func()) (reads, writes int64) {
					reads, writes = s.Reads.Load(), s.Writes.Load()
					do()
					return s.Reads.Load() - reads, s.Writes.Load() - writes
				}
				reads, writes := counted(func() { code = b.Get(t, address(p.request())).Given.Get("code") })
				if reads != tt.authorizeReads || writes != 1 {
					t.Errorf("authorize: %d reads, %d writes", reads, writes)
				}
				reads, writes = counted(func() { want(t, p.exchange(t, code), http.StatusOK, "") })
				if reads != tt.exchanges || writes > 2 {
					t.Errorf("exchange: %d reads, %d writes", reads, writes)
				}
			})
		}
	})
}
