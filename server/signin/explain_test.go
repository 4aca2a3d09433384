package signin_test

import (
	"slices"
	"strings"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/servertest"
)

// An administrator finds out why somebody could not sign in.
func TestRefusalsAreExplained(t *testing.T) {
	t.Parallel()
	each(t, trusted, func(t *testing.T, w world) {
		hint := w.hint(t)
		b := w.NewBrowser(t)
		page := at(t, b.Get(t, w.address()), "/login")
		try := func(pairs ...string) servertest.View {
			values := map[string]string{}
			for i := 0; i < len(pairs); i += 2 {
				values[pairs[i]] = pairs[i+1]
			}
			return b.Submit(t, page, values)
		}
		for _, tt := range []struct {
			name  string
			v     servertest.View
			check explain.Check
			code  string
			user  string
		}{
			{"another password", try("username", "ada", "password", "guess"), explain.Password, "AUT-1002", "ada"},
			{"nobody", try("username", "nobody", "password", "guess"), explain.UserKnown, "AUT-1002", ""},
			{"a long name", try("username", strings.Repeat("a", 256), "password", "guess"), explain.UserKnown, "AUT-1002", ""},
			{"no password", try("username", "ada"), explain.BodyFields, "AUT-0001", ""},
			{"a forged form", try("csrf_token", "x"), explain.FormOwn, "AUT-2025", ""},
			{"another browser", w.NewBrowser(t).Get(t, page.URL.String()), explain.InteractionOwn, "AUT-2024", ""},
			{"somebody else", func() servertest.View {
				page := at(t, b.Get(t, w.address("id_token_hint", hint)), "/login")
				w.NewUser(t, w.Admin(t), "bob", identity.AdminGroup)
				return b.Submit(t, page, map[string]string{"username": "bob", "password": servertest.NewPassword})
			}(), explain.UserWanted, "AUT-2039", "bob"},
		} {
			e := w.Refusal(t, tt.v.Answer)
			i := slices.IndexFunc(e.Checks, func(o explain.Outcome) bool { return !o.Passed })
			if e.Code != tt.code || i < 0 || e.Checks[i].Check != tt.check.String() {
				t.Errorf("%s: %s, %+v, want %s", tt.name, e.Code, e.Checks, tt.check)
				continue
			}
			if tt.user != "" && (e.Caller == nil || e.Caller.Name != tt.user) {
				t.Errorf("%s: caller %+v, want %s", tt.name, e.Caller, tt.user)
			}
			for _, o := range e.Checks {
				if strings.Contains(o.Got+o.Want, "guess") {
					t.Errorf("%s: the record has the password: %+v", tt.name, o)
				}
			}
		}
	})
}
