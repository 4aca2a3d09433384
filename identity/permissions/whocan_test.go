package permissions_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/identity"
	"gatehouse/identity/permissions"
)

func (w *world) whoCan(t testing.TB, q identity.Question, most int) permissions.Able {
	t.Helper()
	policy, err := w.Policy(t.Context())
	check(t, err)
	able, err := permissions.WhoCan(t.Context(), policy, w.store, q, most)
	check(t, err)
	return able
}

func TestWhoCan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user(t, "both", false, "midaz-editor-group", "midaz-viewer-group")
	able := w.whoCan(t, identity.Question{Resource: "ledgers", Action: "get", Product: "midaz"}, 2)
	want := permissions.Able{
		Groups: []permissions.AbleGroup{
			{identity.Decision{Allowed: true, Group: "midaz-editor-group", Resource: "ledgers", Action: "get"}, "midaz-editor-role", 2},
			{identity.Decision{Allowed: true, Group: "midaz-viewer-group", Resource: "ledgers", Action: "get"}, "midaz-viewer-role", 2},
		},
		Users: identity.Members{Usernames: []string{"both", "eddie"}, Count: 3}, // and viola; gone.fishing is disabled
		Applications: []permissions.Subject{
			{Kind: permissions.Application, ID: midazClient, Name: "midaz", Groups: []string{"midaz-editor-group"}},
		},
	}
	if diff := cmp.Diff(want, able); diff != "" {
		t.Errorf("WhoCan() (-want +got):\n%s", diff)
	}

	able = w.whoCan(t, identity.Question{Resource: "ledgers", Action: "get"}, 10)
	var groups []string
	for _, g := range able.Groups {
		groups = append(groups, g.Group+" "+g.Role)
	}
	if diff := cmp.Diff([]string{"admin-group admin", "midaz-editor-group midaz-editor-role", "midaz-viewer-group midaz-viewer-role", "routing-editor-group routing-editor-role"}, groups); diff != "" {
		t.Errorf("groups of WhoCan() of any product (-want +got):\n%s", diff)
	}
	if got := len(able.Applications); got != 2 {
		t.Errorf("%d applications, want those of midaz and of routing", got)
	}
	if able := w.whoCan(t, identity.Question{Resource: "fees", Action: "delete", Product: "midaz-fees"}, 10); len(able.Groups)+len(able.Applications)+able.Users.Count != 0 {
		t.Errorf("WhoCan() what nobody can = %+v", able)
	}
}
