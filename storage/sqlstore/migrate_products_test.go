package sqlstore_test

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/identity"
	"gatehouse/storage/storagetest"
)

// Groups of a release without migration 0011 keep the product that their id began
// with, written down; a node of that release goes on beside nodes of this one.
func TestMigrateEarlierGroups(t *testing.T) {
	t.Parallel()
	for _, database := range storagetest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			dsn := database.Empty(t)
			s, db := storagetest.Open(t, dsn), raw(t, dsn)
			run(t, db, "CREATE TABLE application_memberships (a INTEGER)") // stands in the way of 0011
			if err := s.Migrate(t.Context()); err == nil {
				t.Fatal("Migrate() over what is in its way = nil")
			}
			run(t, db, "DROP TABLE application_memberships")
			no, now := "FALSE", "now()"
			if database.Name == "sqlite" {
				no, now = "0", "1700000000000000"
			}
			for _, name := range []string{"midaz", "midaz-fees", "admin"} {
				run(t, db, `INSERT INTO products (name, description, built_in, created_at) VALUES ('`+name+`', '', `+no+`, `+now+`)`)
			}
			create := func(id string) {
				run(t, db, `INSERT INTO groups (id, name, permissions, built_in, created_at, updated_at)
					VALUES ('`+id+`', 'G', '{"users":["get"]}', `+no+`, `+now+`, `+now+`)`)
			}
			want := map[string]string{
				"admin-group": "", "admins": "", "auditors": "", "midaz": "", "midazzle-viewer-group": "", "crm-editor-group": "",
				"midaz-editor-group": "midaz", "midaz-auditors": "midaz", "midaz-fees-viewer-group": "midaz-fees", "midaz-fees-team": "midaz-fees",
				"midaz-fees": "midaz", "midaz-editor-viewer-group": "midaz",
			}
			for id := range want {
				if id != identity.AdminGroup {
					create(id)
				}
			}
			products := func(groups []identity.Group, err error) map[string]string {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				found := make(map[string]string)
				for _, g := range groups {
					found[g.ID] = g.Product
					if len(g.Permissions) != 1 {
						t.Errorf("%s permits %v", g.ID, g.Permissions)
					}
				}
				return found
			}
			if diff := cmp.Diff(want, products(s.GroupsEarlier(t.Context()))); diff != "" {
				t.Errorf("GroupsEarlier() (-want +got):\n%s", diff)
			}
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			create("midaz-viewer-group")
			want = maps.Clone(want)
			want["midaz-viewer-group"] = ""
			groups, err := s.AllGroups(t.Context())
			if diff := cmp.Diff(want, products(groups, err)); diff != "" {
				t.Errorf("AllGroups() (-want +got):\n%s", diff)
			}
			policy := identity.NewPolicy(groups, []string{"midaz", "midaz-fees", "admin"})
			if got := policy.Product("midaz-viewer-group"); got != "midaz" {
				t.Errorf("product of a group that the earlier release created = %q, want midaz", got)
			}
			if !policy.Administers([]string{identity.AdminGroup}, "users", "get").Allowed {
				t.Error("administrators administer no more")
			}
		})
	}
}
