package server_test

import (
	"fmt"
	"net/http"
	"testing"

	"gatehouse/server/servertest"
)

// TestAuthorizeStatementBudgets counts what decisions ask of the database when
// those they are about are not remembered.
func TestAuthorizeStatementBudgets(t *testing.T) {
	t.Parallel()
	eachMidaz(t, func(t *testing.T, f *midazWorld) {
		for _, asker := range []servertest.With{f.auditor, f.viewer, f.midaz} { // who is remembered
			want(t, f.ask(t, about("", "ledgers:get"), asker), http.StatusOK, "")
		}
		byID, byName := f.SomeUser(t, "cold-one", "midaz-viewer-group"), "cold-two"
		f.SomeUser(t, byName, "midaz-viewer-group")
		const many = 1000
		questions := make([]string, many)
		for i := range questions {
			questions[i] = about("lerian/"+f.SomeUser(t, fmt.Sprintf("cold-%d", i), "midaz-viewer-group"), "ledgers:get")
		}
		batch := batchOf(questions...)
		for _, tt := range []struct {
			name  string
			reads int64
			ask   func() servertest.Answer
		}{
			{"a user who is not remembered, by id", 1, func() servertest.Answer { return f.ask(t, about(byID, "ledgers:get"), f.auditor) }},
			{"the same one again", 0, func() servertest.Answer { return f.ask(t, about("lerian/"+byID, "ledgers:get"), f.auditor) }},
			{"a user who is not remembered, by name", 1, func() servertest.Answer { return f.ask(t, about(byName, "ledgers:get"), f.auditor) }},
			{"the same one again by another case", 0, func() servertest.Answer { return f.ask(t, about("COLD-TWO", "ledgers:get"), f.auditor) }},
			{"a role, which might be a username", 1, func() servertest.Answer { return f.ask(t, about("midaz-viewer-role", "ledgers:get"), f.auditor) }},
			{"a thousand users who are not remembered", 2, func() servertest.Answer { return f.PostJSON(t, batchPath, batch, f.auditor) }},
			{"the same thousand again", 1, func() servertest.Answer { return f.PostJSON(t, batchPath, batch, f.auditor) }},
			{"nobody: user id, username, client id", 3, func() servertest.Answer {
				return f.ask(t, about("lerian/0198f3c2-7d1e-7a40-9c3b-5f2d8e6a1b04", "ledgers:get"), f.auditor)
			}},
			{"somebody they may not ask about", 0, func() servertest.Answer { return f.ask(t, about("lerian/nobody", "ledgers:get"), f.viewer) }},
			{"somebody they may not ask about, in a batch", 1, func() servertest.Answer {
				return f.PostJSON(t, batchPath, batchOf(about("lerian/0198f3c2-7d1e-7a40-9c3b-5f2d8e6a1b04", "ledgers:get")), f.viewer)
			}},
			{"a role for an application", 0, func() servertest.Answer { return f.ask(t, about("admin/midaz-editor-role", "ledgers:get"), f.midaz) }},
		} {
			t.Run(tt.name, func(t *testing.T) {
				reads, writes := f.Reads.Load(), f.Writes.Load()
				a := tt.ask()
				if got := f.Reads.Load() - reads; got != tt.reads || f.Writes.Load() != writes {
					t.Errorf("%d reads and %d writes, want %d and none: %d %.200s", got, f.Writes.Load()-writes, tt.reads, a.Status, a.Body)
				}
			})
		}
	})
}
