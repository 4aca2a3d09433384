package identity_test

import (
	"testing"

	"gatehouse/errors"
	"gatehouse/identity"
)

func TestRoleGroup(t *testing.T) {
	t.Parallel()
	for role, want := range map[string]string{
		"midaz-viewer-role":             "midaz-viewer-group",
		"midaz-contributor-role":        "midaz-contributor-group",
		"plugin-br-pix-editor-role":     "plugin-br-pix-editor-group",
		"midaz-viewer-role-editor-role": "midaz-viewer-role-editor-group",
	} {
		got, ok := identity.RoleGroup(role)
		if !ok || got != want {
			t.Errorf("RoleGroup(%q) = %q, %v, want %q", role, got, ok, want)
		}
		if back, ok := identity.GroupRole(want); !ok || back != role {
			t.Errorf("GroupRole(%q) = %q, %v, want %q", want, back, ok, role)
		}
	}
	if back, ok := identity.GroupRole(identity.AdminGroup); !ok || back != identity.AdminRole {
		t.Errorf("GroupRole(%q) = %q, %v, want %q", identity.AdminGroup, back, ok, identity.AdminRole)
	}
	for _, name := range []string{"", "admin", "ada", "-editor-role", "editor-role", "midaz-owner-role", "midaz-editor-group", "Midaz-editor-role", "a b-editor-role", "admin-group"} {
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

func TestProductOf(t *testing.T) {
	t.Parallel()
	registered := func(name string) bool { return name == "midaz" || name == "midaz-editor" || name == "admin" }
	tests := []struct {
		name  string
		group identity.Group
		want  string
	}{
		{"the exact names are the product's", identity.Group{ID: "midaz-editor-group"}, "midaz"},
		{"whatever it says", identity.Group{ID: "midaz-editor-group", Product: "midaz-editor"}, "midaz"},
		{"each by its own level", identity.Group{ID: "midaz-editor-viewer-group"}, "midaz-editor"},
		{"another name is not", identity.Group{ID: "midaz-auditors"}, ""},
		{"a longer one is not", identity.Group{ID: "midaz-auditors-editor-group"}, ""},
		{"unless it says so", identity.Group{ID: "auditors", Product: "midaz"}, "midaz"},
		{"an exact name of none that is registered", identity.Group{ID: "crm-editor-group"}, ""},
		{"what it says stays when the product is gone", identity.Group{ID: "auditors", Product: "crm"}, "crm"},
		{"administrators are of none", identity.Group{ID: identity.AdminGroup, Product: "admin"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := identity.ProductOf(tt.group, registered); got != tt.want {
				t.Errorf("ProductOf(%+v) = %q, want %q", tt.group, got, tt.want)
			}
		})
	}
}

func TestNamesOfRolesAreTaken(t *testing.T) {
	t.Parallel()
	for name, free := range map[string]bool{
		"crm-viewer-role": false, "CRM-Editor-Role": false, "crm-owner-role": true, "editor-role": true, "admin": true, "ada": true,
	} {
		err := identity.User{Username: name, Email: "ada@example.com"}.ValidateNew()
		if (err == nil) != free || !free && !errors.Is(err, errors.IdentityMalformed) {
			t.Errorf("ValidateNew() of the user %q = %v, want free %v", name, err, free)
		}
		if err := (identity.User{Username: name, Email: "ada@example.com"}).Validate(); err != nil {
			t.Errorf("Validate() of the user %q that there is = %v", name, err)
		}
	}
	group := identity.Group{ID: "crm-contributor-role", Name: "CRM"}
	if err := group.ValidateNew(); !errors.Is(err, errors.IdentityMalformed) {
		t.Errorf("ValidateNew() of the group %s = %v, want IdentityMalformed", group.ID, err)
	}
	if err := group.Validate(); err != nil {
		t.Errorf("Validate() of a group that there is = %v", err)
	}
}
