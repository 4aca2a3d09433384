package server_test

import (
	"net/http"
	"testing"

	"gatehouse/server/servertest"
)

// TestEnforcerUnusable: without a policy nothing is permitted, and it is said so.
// Nobody takes it for a denial, and it is over as soon as the cause is.
func TestEnforcerUnusable(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		refused := func(t *testing.T, s *servertest.Server) {
			t.Helper()
			question := about("", "ledgers:get")
			for range 2 { // a failure is not remembered
				want(t, s.PostJSON(t, authorizePath, question, f.viewer), http.StatusForbidden, "AUT-0008")
				want(t, s.PostJSON(t, batchPath, batchOf(question, question), f.viewer), http.StatusForbidden, "AUT-0008")
				want(t, s.Get(t, listPath, f.viewer), http.StatusForbidden, "AUT-0008")
				want(t, s.Get(t, listPath+"/midaz-viewer-role", f.auditor), http.StatusForbidden, "AUT-0008")
			}
			want(t, s.Get(t, "/v1/userinfo", f.viewer), http.StatusOK, "") // what needs no policy goes on
		}
		answers := func(t *testing.T, s *servertest.Server, expected string) {
			t.Helper()
			decided(t, s, s.PostJSON(t, authorizePath, about("", "ledgers:get"), f.viewer), expected)
			if got := outcomes(t, s.PostJSON(t, batchPath, batchOf(about("", "ledgers:get")), f.viewer)); got[0] != expected {
				t.Errorf("in a batch: %v", got)
			}
		}
		t.Run("no policy was ever loaded", func(t *testing.T) {
			cold := f.another(t)
			want(t, cold.Get(t, "/v1/userinfo", f.viewer), http.StatusOK, "")
			want(t, cold.Get(t, "/v1/userinfo", f.auditor), http.StatusOK, "")
			withoutGroups(t, f.Server, func() { refused(t, cold) })
			answers(t, cold, "yes")
		})
		t.Run("the policy has changed and cannot be read again", func(t *testing.T) {
			answers(t, f.Server, "yes")
			group, err := f.Store.Group(t.Context(), "midaz-viewer-group")
			if err != nil {
				t.Fatal(err)
			}
			group.Permissions = map[string][]string{"ledgers": {"post"}}
			group.Version++
			if err := f.Store.UpdateGroup(t.Context(), group); err != nil {
				t.Fatal(err)
			}
			withoutGroups(t, f.Server, func() { refused(t, f.Server) })
			answers(t, f.Server, "no")
		})
		t.Run("the policy is remembered", func(t *testing.T) {
			answers(t, f.Server, "no")
			withoutGroups(t, f.Server, func() { answers(t, f.Server, "no") })
		})
		t.Run("a subject cannot be read", func(t *testing.T) {
			known, unknown := about("edith", "ledgers:get"), about("wanda", "ledgers:get")
			decided(t, f.Server, f.ask(t, known, f.auditor), "yes")
			f.Statement(t, "ALTER TABLE users RENAME TO users_elsewhere")
			decided(t, f.Server, f.ask(t, known, f.auditor), "yes")
			want(t, f.ask(t, unknown, f.auditor), http.StatusForbidden, "AUT-0008")
			want(t, f.PostJSON(t, batchPath, batchOf(known, unknown), f.auditor), http.StatusForbidden, "AUT-0008")
			f.Statement(t, "ALTER TABLE users_elsewhere RENAME TO users")
			decided(t, f.Server, f.ask(t, unknown, f.auditor), "yes")
		})
	})
}

// withoutGroups does something while the table of groups is away.
func withoutGroups(t *testing.T, s *servertest.Server, do func()) {
	t.Helper()
	s.Statement(t, "ALTER TABLE groups RENAME TO groups_elsewhere")
	defer s.Statement(t, "ALTER TABLE groups_elsewhere RENAME TO groups")
	do()
}
