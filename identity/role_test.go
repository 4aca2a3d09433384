package identity_test

import (
	"testing"

	"gatehouse/identity"
)

func TestRoleGroup(t *testing.T) {
	t.Parallel()
	for role, want := range map[string]string{
		"midaz-viewer-role":             "midaz-viewer-group",
		"midaz-contributor-role":        "midaz-contributor-group",
		"plugin-br-pix-editor-role":     "plugin-br-pix-editor-group",
		"midaz-viewer-role-editor-role": "midaz-viewer-role-editor-group",
		"admin":                         "admin-group",
	} {
		got, ok := identity.RoleGroup(role)
		if !ok || got != want {
			t.Errorf("RoleGroup(%q) = %q, %v, want %q", role, got, ok, want)
		}
		if back, ok := identity.GroupRole(want); !ok || back != role {
			t.Errorf("GroupRole(%q) = %q, %v, want %q", want, back, ok, role)
		}
	}
	for _, name := range []string{"", "ada", "-editor-role", "editor-role", "midaz-owner-role", "midaz-editor-group", "Midaz-editor-role", "a b-editor-role", "admin-group"} {
		if group, ok := identity.RoleGroup(name); ok {
			t.Errorf("RoleGroup(%q) = %q, want none", name, group)
		}
	}
	for _, id := range []string{"auditors", "midaz-auditors-group", "admin", "midaz-editor-role", "editor-group"} {
		if role, ok := identity.GroupRole(id); ok {
			t.Errorf("GroupRole(%q) = %q, want none", id, role)
		}
	}
}
