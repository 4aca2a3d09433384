package storagetest

import (
	"testing"

	"gatehouse/identity"
)

func testGroups(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"a group takes members":  testGroup,
		"ids are unique":         testGroupConflict,
		"administrators are one": testAdminGroup,
	})
}

func testGroup(t *testing.T, s Store) {
	group := identity.Group{
		ID: newID(), Name: "Viewers", Permissions: map[string][]string{"ledgers": {"get", "head"}},
		Metadata: map[string]any{"a": 1.0}, CreatedAt: now,
	}
	noError(t, s.CreateGroup(t.Context(), group))
	user := newUser()
	user.Groups = []string{group.ID}
	noError(t, s.CreateUser(t.Context(), user))
	got, err := s.User(t.Context(), user.ID)
	noError(t, err)
	same(t, "Groups", got.Groups, user.Groups)
}

func testGroupConflict(t *testing.T, s Store) {
	group := identity.Group{ID: newID(), CreatedAt: now}
	noError(t, s.CreateGroup(t.Context(), group))
	wantConflict(t, s.CreateGroup(t.Context(), group), "id")
}

func testAdminGroup(t *testing.T, s Store) {
	wantConflict(t, s.CreateGroup(t.Context(), identity.Group{ID: identity.AdminGroup, CreatedAt: now}), "id")
}
