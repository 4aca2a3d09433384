package storagetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

func testGroups(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"a group takes members":         testGroup,
		"ids are unique":                testGroupConflict,
		"administrators are one":        testAdminGroup,
		"an unknown group is not found": testGroupUnknown,
		"a group is changed":            testUpdateGroup,
		"a group is deleted":            testDeleteGroup,
		"a group that is used stays":    testGroupsToUse,
		"members come and go":           testMembers,
		"the first members are told":    testMembersFirst,
		"one of many joins":             testAddMemberRace,
		"a group that goes is left":     testDeleteGroupRace,
		"groups are found by many ids":  testGroupsNamed,
		"users are put together":        testGroupSets,
		"by many groups":                testGroupSetsMany,
	})
	t.Run("groups are listed in pages", func(t *testing.T) {
		t.Parallel()
		testGroupsPages(t, open(t))
	})
}

// newGroup creates a group and returns its id.
func newGroup(t *testing.T, s Store) string {
	t.Helper()
	id := newID()
	noError(t, s.CreateGroup(t.Context(), identity.Group{ID: id, CreatedAt: now, UpdatedAt: now, Version: 1}))
	return id
}

func sampleGroup() identity.Group {
	return identity.Group{
		ID: newID(), Name: "Viewers", Product: "ledger", Permissions: map[string][]string{"ledgers": {"get", "head"}}, BuiltIn: true,
		Metadata: map[string]any{"a": 1.0}, CreatedAt: kept(now), UpdatedAt: kept(now.Add(time.Minute)), Version: 1,
	}
}

func testGroup(t *testing.T, s Store) {
	group := sampleGroup()
	noError(t, s.CreateGroup(t.Context(), group))
	wantAnnounced(t, s, storage.GroupChanged, group.ID, 1)
	got, err := s.Group(t.Context(), group.ID)
	noError(t, err)
	same(t, "Group()", got, group)
	all, err := s.AllGroups(t.Context())
	noError(t, err)
	i := slices.IndexFunc(all, func(g identity.Group) bool { return g.ID == group.ID })
	group.Metadata = nil
	if i < 0 {
		t.Fatalf("AllGroups() = %v, want %s among them", all, group.ID)
	}
	same(t, "entry of AllGroups()", all[i], group)
	user := newUser()
	user.Groups = []string{group.ID}
	noError(t, s.CreateUser(t.Context(), user))
	found, err := s.User(t.Context(), user.ID)
	noError(t, err)
	same(t, "Groups", found.Groups, user.Groups)
}

func testGroupConflict(t *testing.T, s Store) {
	group := sampleGroup()
	noError(t, s.CreateGroup(t.Context(), group))
	wantConflict(t, s.CreateGroup(t.Context(), group), "id")
	wantAnnounced(t, s, storage.GroupChanged, group.ID, 1)
}

func testAdminGroup(t *testing.T, s Store) {
	wantConflict(t, s.CreateGroup(t.Context(), identity.Group{ID: identity.AdminGroup, CreatedAt: now}), "id")
	got, err := s.Group(t.Context(), identity.AdminGroup)
	if err != nil || !got.BuiltIn || got.Version != 1 || !got.UpdatedAt.Equal(got.CreatedAt) {
		t.Errorf("Group() = %+v, %v, want it built in and never changed", got, err)
	}
}

func testGroupUnknown(t *testing.T, s Store) {
	user := newUser()
	noError(t, s.CreateUser(t.Context(), user))
	ids := map[string]string{"unknown": newID(), "empty": ""}
	for name, text := range strange {
		ids[name] = text
	}
	for name, id := range ids {
		for method, err := range map[string]error{
			"Group":       second(s.Group(t.Context(), id)),
			"UpdateGroup": s.UpdateGroup(t.Context(), identity.Group{ID: id}),
			"DeleteGroup": s.DeleteGroup(t.Context(), id, now),
			"AddMember":   s.AddMember(t.Context(), id, user.ID, now),
			"GroupToChange": s.InTx(t.Context(), func(ctx context.Context) error {
				return second(s.GroupToChange(ctx, id))
			}),
		} {
			if !errors.Is(err, errors.GroupNotFound) {
				t.Errorf("%s(%s) = %v, want GroupNotFound", method, name, err)
			}
		}
		if err := s.RemoveMember(t.Context(), id, user.ID, now); !errors.Is(err, errors.MembershipNotFound) {
			t.Errorf("RemoveMember(%s) = %v, want MembershipNotFound", name, err)
		}
	}
	members, err := s.Members(t.Context(), []string{ids["unknown"], strange["NUL"]}, 10)
	noError(t, err)
	same(t, "Members()", members[ids["unknown"]], identity.Members{})
}

func testUpdateGroup(t *testing.T, s Store) {
	group := sampleGroup()
	noError(t, s.CreateGroup(t.Context(), group))
	changed := identity.Group{ID: group.ID, Name: "Readers", Permissions: map[string][]string{"a": {"b"}}, UpdatedAt: kept(now.Add(time.Hour)), Version: 5}
	noError(t, s.InTx(t.Context(), func(ctx context.Context) error {
		got, err := s.GroupToChange(ctx, group.ID)
		same(t, "GroupToChange()", got, group)
		return errors.Join(err, s.UpdateGroup(ctx, changed))
	}))
	changed.BuiltIn, changed.CreatedAt = true, group.CreatedAt
	got, err := s.Group(t.Context(), group.ID)
	noError(t, err)
	same(t, "Group()", got, changed)
	wantAnnounced(t, s, storage.GroupChanged, group.ID, 2)
	if _, err := s.GroupToChange(t.Context(), group.ID); err == nil {
		t.Error("GroupToChange() outside of a transaction = nil")
	}
}

func testGroupsToUse(t *testing.T, s Store) {
	group := sampleGroup()
	noError(t, s.CreateGroup(t.Context(), group))
	if _, err := s.GroupsToUse(t.Context(), []string{group.ID}); err == nil {
		t.Error("GroupsToUse() outside of a transaction = nil")
	}
	deleted := make(chan error, 1)
	noError(t, s.InTx(t.Context(), func(ctx context.Context) error {
		got, err := s.GroupsToUse(ctx, []string{group.ID, newID(), strange["NUL"]})
		noError(t, err)
		group.Metadata = nil
		same(t, "GroupsToUse()", got, []identity.Group{group})
		go func() { deleted <- s.DeleteGroup(context.WithoutCancel(t.Context()), group.ID, now) }()
		select {
		case err := <-deleted:
			t.Errorf("DeleteGroup() = %v while the group is used", err)
		case <-time.After(100 * time.Millisecond):
		}
		return nil
	}))
	noError(t, <-deleted)
}

func testDeleteGroup(t *testing.T, s Store) {
	id, user := newGroup(t, s), newUser()
	user.Groups = []string{id}
	noError(t, s.CreateUser(t.Context(), user))
	noError(t, s.DeleteGroup(t.Context(), id, now))
	got, err := s.User(t.Context(), user.ID)
	noError(t, err)
	same(t, "number of groups", len(got.Groups), 0)
	_, total, err := s.Users(t.Context(), identity.UserQuery{Group: id, Page: identity.Page{Number: 1, Limit: 1}})
	noError(t, err)
	same(t, "members", total, 0)
	lines := linesAbout(t, s, id)
	if len(lines) != 2 || lines[1].Kind != storage.GroupDeleted {
		t.Errorf("changes = %v, want the group changed and deleted", lines)
	}
}

func testMembers(t *testing.T, s Store) {
	id, user := newGroup(t, s), newUser()
	noError(t, s.CreateUser(t.Context(), user))
	if err := s.RemoveMember(t.Context(), id, user.ID, now); !errors.Is(err, errors.MembershipNotFound) {
		t.Errorf("RemoveMember() of one that is none = %v, want MembershipNotFound", err)
	}
	if err := s.RemoveMember(t.Context(), id, newID(), now); !errors.Is(err, errors.MembershipNotFound) {
		t.Errorf("RemoveMember() of nobody = %v, want MembershipNotFound", err)
	}
	at := now.Add(time.Hour)
	noError(t, s.AddMember(t.Context(), id, user.ID, at))
	wantConflict(t, s.AddMember(t.Context(), id, user.ID, at), "userId")
	got, err := s.User(t.Context(), user.ID)
	noError(t, err)
	user.Groups, user.Version, user.UpdatedAt = []string{id, identity.AdminGroup}, 2, kept(at)
	same(t, "User()", got, user)

	noError(t, s.RemoveMember(t.Context(), id, user.ID, at.Add(time.Hour)))
	got, err = s.User(t.Context(), user.ID)
	noError(t, err)
	user.Groups, user.Version, user.UpdatedAt = []string{identity.AdminGroup}, 3, kept(at.Add(time.Hour))
	same(t, "User()", got, user)
	wantAnnounced(t, s, storage.UserChanged, user.ID, 2)
}

func testMembersFirst(t *testing.T, s Store) {
	few, many, none := newGroup(t, s), newGroup(t, s), newGroup(t, s)
	want := map[string]identity.Members{few: {Count: 2}, many: {Count: 30}}
	for i := range 30 {
		user := newUser()
		user.Username, user.Groups = fmt.Sprintf("m-%02d-%s", 30-i, many), []string{many}
		add := func(id string) {
			m := want[id]
			if len(m.Usernames) < 5 {
				m.Usernames = append(m.Usernames, user.Username)
				want[id] = m
			}
		}
		if i < 2 {
			user.Groups = append(user.Groups, few)
			add(few)
		}
		add(many)
		noError(t, s.CreateUser(t.Context(), user))
	}
	got, err := s.Members(t.Context(), []string{many, few, none}, 5)
	noError(t, err)
	same(t, "Members()", got, want)
	got, err = s.Members(t.Context(), []string{many}, 0)
	noError(t, err)
	same(t, "Members() without names", got, map[string]identity.Members{many: {Count: 30}})
}

func testAddMemberRace(t *testing.T, s Store) {
	id, user := newGroup(t, s), newUser()
	noError(t, s.CreateUser(t.Context(), user))
	won := race(t, func(int) (bool, error) {
		err := s.AddMember(t.Context(), id, user.ID, now)
		if errors.Is(err, errors.Conflict) {
			return false, nil
		}
		return err == nil, err
	})
	members, err := s.Members(t.Context(), []string{id}, 10)
	noError(t, err)
	if won != 1 || members[id].Count != 1 {
		t.Errorf("%d of %d joined, %d are members, want 1", won, racers, members[id].Count)
	}
}

// Users that join a group while it is deleted are in it no more, or never were.
func testDeleteGroupRace(t *testing.T, s Store) {
	id := newGroup(t, s)
	race(t, func(i int) (bool, error) {
		if i == racers/2 {
			return true, s.DeleteGroup(t.Context(), id, now)
		}
		user := newUser()
		user.Groups = []string{id}
		err := s.CreateUser(t.Context(), user)
		if errors.Is(err, errors.GroupNotFound) {
			return false, nil
		}
		return true, err
	})
	members, err := s.Members(t.Context(), []string{id}, 10)
	noError(t, err)
	same(t, "Members()", members[id], identity.Members{})
}

func testGroupsPages(t *testing.T, s Store) {
	for _, id := range []string{"c", "a", "b"} {
		noError(t, s.CreateGroup(t.Context(), identity.Group{ID: id, CreatedAt: now}))
	}
	for number, want := range [][]string{{"a", identity.AdminGroup, "b"}, {"c"}, {}} {
		groups, total, err := s.Groups(t.Context(), identity.Page{Number: number + 1, Limit: 3})
		noError(t, err)
		ids := []string{}
		for _, group := range groups {
			ids = append(ids, group.ID)
		}
		same(t, "ids", ids, want)
		same(t, "total", total, 4)
	}
	if groups, total, err := s.Groups(t.Context(), identity.Page{Number: 1 << 62, Limit: 100}); len(groups) != 0 || total != 4 || err != nil {
		t.Errorf("Groups() past the end = %v of %d, %v", groups, total, err)
	}
}
