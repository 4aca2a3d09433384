package storagetest

import (
	"fmt"
	"slices"
	"testing"

	"gatehouse/identity"
)

// inGroups creates a user in groups, and returns its name.
func inGroups(t *testing.T, s Store, disabled bool, groups ...string) string {
	t.Helper()
	user := newUser()
	user.Groups, user.Disabled = groups, disabled
	noError(t, s.CreateUser(t.Context(), user))
	return user.Username
}

func testGroupSets(t *testing.T, s Store) {
	a, b, c, other := newGroup(t, s), newGroup(t, s), newGroup(t, s), newGroup(t, s)
	first := inGroups(t, s, false, c, a)
	alone := inGroups(t, s, false, b)
	inGroups(t, s, false, other)
	inGroups(t, s, true, a, b, other)
	second := inGroups(t, s, false, a, c)
	third := inGroups(t, s, false, a)
	inGroups(t, s, false, c, a)

	want := []identity.GroupSet{
		{Groups: []string{a}, Users: identity.Members{Usernames: []string{third}, Count: 1}},
		{Groups: []string{a, c}, Users: identity.Members{Usernames: []string{first, second}, Count: 3}},
		{Groups: []string{b}, Users: identity.Members{Usernames: []string{alone}, Count: 1}},
	}
	for name, tt := range map[string]struct {
		ids  []string
		most int
		want []identity.GroupSet
	}{
		"two groups":          {[]string{b, a}, 2, want},
		"one":                 {[]string{a}, 2, want[:2]},
		"one of two of a set": {[]string{c}, 2, want[1:2]},
		"twice, and unknown":  {[]string{b, newID(), b, strange["NUL"]}, 2, want[2:]},
		"none":                {nil, 2, []identity.GroupSet{}},
		"without names":       {[]string{b}, 0, []identity.GroupSet{{Groups: []string{b}, Users: identity.Members{Count: 1}}}},
	} {
		got, err := s.GroupSets(t.Context(), tt.ids, tt.most)
		noError(t, err)
		same(t, "GroupSets() of "+name, got, tt.want)
	}
}

// Names of groups that mean something in JSON or in SQL, and many of them.
func testGroupSetsMany(t *testing.T, s Store) {
	id := newID()
	groups := []string{id + `",`, id + `[]`, id + `'`, id + "ä"}
	for i := range 200 {
		groups = append(groups, fmt.Sprint(id, "-", i))
	}
	slices.Sort(groups)
	for _, group := range groups {
		noError(t, s.CreateGroup(t.Context(), identity.Group{ID: group, CreatedAt: now, UpdatedAt: now, Version: 1}))
	}
	name := inGroups(t, s, false, groups...)
	got, err := s.GroupSets(t.Context(), groups, 10)
	noError(t, err)
	same(t, "GroupSets()", got, []identity.GroupSet{{Groups: groups, Users: identity.Members{Usernames: []string{name}, Count: 1}}})
}
