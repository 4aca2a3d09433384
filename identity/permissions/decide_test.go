package permissions_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/permissions"
)

// Whoever may know everything is told of anybody what they would be told themselves.
func TestDecideAndList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tests := []struct {
		sub     string
		allowed bool
		missing string
		list    map[string][]string
	}{
		{"viola", true, "", map[string][]string{"ledgers": {"get", "head"}, "fees": {"get"}}},
		{"lerian/VIOLA", true, "", map[string][]string{"ledgers": {"get", "head"}, "fees": {"get"}}},
		{"audrey", false, `none of its groups permits "ledgers:get": auditors`, map[string][]string{"permissions": {"get"}}},
		{"gone.fishing", false, "the user is disabled", map[string][]string{}},
		{"midaz-viewer-role", true, "", map[string][]string{"ledgers": {"get", "head"}}},
		{routingClient, true, "", map[string][]string{"*": {"get"}}},
	}
	for _, tt := range tests {
		answer, err := permissions.Decide(t.Context(), w, permissions.Question{
			Subject: tt.sub, Question: identity.Question{Resource: "ledgers", Action: "get"},
		})
		check(t, err)
		if answer.Allowed != tt.allowed || answer.Missing() != tt.missing {
			t.Errorf("%s: allowed %t, missing %q; want %t, %q", tt.sub, answer.Allowed, answer.Missing(), tt.allowed, tt.missing)
		}
		list, err := permissions.List(t.Context(), w, tt.sub, "")
		check(t, err)
		if diff := cmp.Diff(tt.list, list); diff != "" {
			t.Errorf("%s may (-want +got):\n%s", tt.sub, diff)
		}
	}
	for _, sub := range []string{"stranger", "", "a/b/viola", "none-editor-role"} {
		_, err := permissions.Decide(t.Context(), w, permissions.Question{Subject: sub})
		if !errors.Is(err, errors.SubjectNotFound) {
			t.Errorf("Decide() about %q: %v, want %v", sub, err, errors.SubjectNotFound)
		}
		if _, err = permissions.List(t.Context(), w, sub, ""); !errors.Is(err, errors.SubjectNotFound) {
			t.Errorf("List() of %q: %v, want %v", sub, err, errors.SubjectNotFound)
		}
	}
}
