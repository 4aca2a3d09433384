package storagetest

import (
	"slices"
	"testing"

	"gatehouse/identity"
)

// lots is more ids than a statement of any database takes arguments.
const lots = 70_000

// among makes ids lots: those of nothing, one twice, and texts that are no ids.
func among(ids ...string) []string {
	for _, text := range strange {
		ids = append(ids, text)
	}
	ids = append(ids, "", ids[0])
	for len(ids) < lots {
		ids = append(ids, newID())
	}
	return ids
}

func testGroupsNamed(t *testing.T, s Store) {
	one, other, empty := sampleGroup(), sampleGroup(), sampleGroup()
	other.Permissions = map[string][]string{"transactions": {"get", "head"}, "users": {"post"}}
	empty.Permissions = nil
	for _, group := range []identity.Group{sampleGroup(), empty, other, one} {
		noError(t, s.CreateGroup(t.Context(), group))
	}
	one.Metadata, other.Metadata, empty.Metadata = nil, nil, nil
	got, err := s.GroupsNamed(t.Context(), among(empty.ID, other.ID, one.ID))
	noError(t, err)
	same(t, "GroupsNamed()", got, []identity.Group{one, other, empty})
	got, err = s.GroupsNamed(t.Context(), nil)
	noError(t, err)
	same(t, "GroupsNamed() of none", got, []identity.Group{})
}

func testUsersByID(t *testing.T, s Store) {
	group, one, other := newGroup(t, s), newUser(), newUser()
	one.Groups, other.Disabled = []string{group, identity.AdminGroup}, true
	for _, user := range []identity.User{one, other, newUser()} {
		noError(t, s.CreateUser(t.Context(), user))
	}
	got, err := s.UsersByID(t.Context(), among(other.ID, one.ID))
	noError(t, err)
	slices.SortFunc(got, byID)
	same(t, "UsersByID()", got, []identity.User{one, other})
	got, err = s.UsersByID(t.Context(), nil)
	noError(t, err)
	same(t, "UsersByID() of none", got, []identity.User{})
}
