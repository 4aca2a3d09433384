package permissions_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/identity"
	"gatehouse/identity/permissions"
)

func (w *world) simulate(t testing.TB, p permissions.Proposal) []permissions.Flip {
	t.Helper()
	policy, err := w.Policy(t.Context())
	check(t, err)
	s, err := permissions.Simulate(t.Context(), policy, w.store, p)
	check(t, err)
	if s.Truncated {
		t.Error("Simulate() is truncated")
	}
	return s.Flips
}

// member returns who a user is, and would be in these groups.
func (w *world) member(t testing.TB, username string, groups ...string) permissions.Membership {
	t.Helper()
	subject, err := permissions.Find(t.Context(), w, username)
	check(t, err)
	return permissions.Membership{User: subject, Groups: groups}
}

func TestSimulate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flip := func(resource, action string, allowed bool, users []string, roles []string, applications []string) permissions.Flip {
		return permissions.Flip{
			Resource: resource, Action: action, Allowed: allowed,
			Users: identity.Members{Usernames: users, Count: len(users)}, Roles: roles, Applications: applications,
		}
	}
	group := func(id string, allowed map[string][]string) identity.Group {
		return identity.Group{ID: id, Permissions: allowed}
	}
	tests := []struct {
		name     string
		proposal permissions.Proposal
		want     []permissions.Flip
	}{
		{"nothing", permissions.Proposal{Groups: []identity.Group{group("midaz-viewer-group", map[string][]string{"ledgers": {"head", "get"}})}}, nil},
		{
			"more for viewers",
			permissions.Proposal{Groups: []identity.Group{group("midaz-viewer-group", map[string][]string{"ledgers": {"get", "head", "post"}})}},
			[]permissions.Flip{flip("ledgers", "post", true, []string{"viola"}, []string{"midaz-viewer-role"}, nil)},
		},
		{
			"less for editors, and their applications",
			permissions.Proposal{Groups: []identity.Group{group("midaz-editor-group", map[string][]string{"ledgers": {"get", "head", "post"}})}},
			[]permissions.Flip{flip("ledgers", "delete", false, []string{"eddie"}, []string{"midaz-editor-role"}, []string{midazClient})},
		},
		{
			"any resource becomes one",
			permissions.Proposal{Groups: []identity.Group{group("routing-editor-group", map[string][]string{"routes": {"get"}})}},
			[]permissions.Flip{flip("*", "get", false, nil, []string{"routing-editor-role"}, []string{routingClient})},
		},
		{
			"a group that goes",
			permissions.Proposal{Deleted: []string{"midaz-fees-viewer-group"}},
			[]permissions.Flip{flip("fees", "get", false, []string{"viola"}, []string{"midaz-fees-viewer-role"}, nil)},
		},
		{
			"a group that comes, and who would be in it",
			permissions.Proposal{
				Groups: []identity.Group{group("clerks", map[string][]string{"invoices": {"get"}})},
				Users:  []permissions.Membership{w.member(t, "nobody", "clerks"), w.member(t, "gone.fishing", "clerks")},
			},
			[]permissions.Flip{flip("invoices", "get", true, []string{"nobody"}, nil, nil)},
		},
		{
			"somebody changes sides",
			permissions.Proposal{Users: []permissions.Membership{w.member(t, "viola", "midaz-editor-group")}},
			[]permissions.Flip{
				flip("fees", "get", false, []string{"viola"}, nil, nil),
				flip("ledgers", "delete", true, []string{"viola"}, nil, nil),
				flip("ledgers", "post", true, []string{"viola"}, nil, nil),
			},
		},
		{
			"somebody leaves what changes",
			permissions.Proposal{
				Groups: []identity.Group{group("midaz-editor-group", map[string][]string{"ledgers": {"get", "head", "post", "delete", "patch"}})},
				Users:  []permissions.Membership{w.member(t, "eddie", "midaz-viewer-group")},
			},
			[]permissions.Flip{
				flip("ledgers", "delete", false, []string{"eddie"}, nil, nil),
				flip("ledgers", "patch", true, nil, []string{"midaz-editor-role"}, []string{midazClient}),
				flip("ledgers", "post", false, []string{"eddie"}, nil, nil),
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, w.simulate(t, tt.proposal)); diff != "" {
				t.Errorf("Simulate() (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever is proposed: what a simulation tells is what the database answers
// before and after.
func TestSimulateTellsWhatHappens(t *testing.T) {
	t.Parallel()
	resources, actions := []string{"ledgers", "accounts", "*"}, []string{"get", "post", "*"}
	permits := rapid.MapOfN(rapid.SampledFrom(resources), rapid.SliceOfNDistinct(rapid.SampledFrom(actions), 1, 3, rapid.ID), 0, 3)
	names := []string{"midaz-viewer-group", "midaz-editor-group", "clerks", "auditors"}
	some := rapid.SliceOfNDistinct(rapid.SampledFrom(names[:3]), 0, 3, rapid.ID)
	people := []string{"a", "b", "c", "d"}
	rapid.Check(t, func(rt *rapid.T) {
		before, after := make(map[string]identity.Group), make(map[string]identity.Group)
		var p permissions.Proposal
		for _, id := range names[:3] {
			before[id] = identity.Group{ID: id, Permissions: permits.Draw(rt, "permissions of "+id)}
			after[id] = before[id]
		}
		for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 4, rapid.ID).Draw(rt, "changed") {
			if _, there := before[id]; there && rapid.Bool().Draw(rt, id+" goes") {
				p.Deleted = append(p.Deleted, id)
				delete(after, id)
				continue
			}
			g := identity.Group{ID: id, Permissions: permits.Draw(rt, "new permissions of "+id)}
			p.Groups = append(p.Groups, g)
			after[id] = g
		}
		in, then := make(map[string][]string), make(map[string][]string)
		var crowd gathering
		for _, name := range people {
			in[name] = slices.Sorted(slices.Values(some.Draw(rt, "groups of "+name)))
			then[name] = in[name]
			crowd = append(crowd, identity.GroupSet{Groups: in[name], Users: identity.Members{Usernames: []string{name}, Count: 1}})
			if rapid.Bool().Draw(rt, name+" moves") {
				then[name] = slices.Sorted(slices.Values(some.Draw(rt, "new groups of "+name)))
				p.Users = append(p.Users, permissions.Membership{
					User: permissions.Subject{Kind: permissions.User, ID: name, Name: name, Groups: in[name]}, Groups: then[name],
				})
			}
		}
		was := identity.NewPolicy(slices.Collect(maps.Values(before)), nil)
		is := identity.NewPolicy(slices.Collect(maps.Values(after)), nil)
		got, err := permissions.Simulate(t.Context(), was, crowd, p)
		if err != nil {
			rt.Fatal(err)
		}
		told := make(map[string]bool)
		for _, f := range got.Flips {
			for _, name := range f.Users.Usernames {
				told[fmt.Sprint(name, " ", f.Resource, ":", f.Action, " ", f.Allowed)] = true
			}
			if f.Users.Count != len(f.Users.Usernames) {
				rt.Errorf("%s:%s flips for %d users, and names %v", f.Resource, f.Action, f.Users.Count, f.Users.Usernames)
			}
		}
		happens := make(map[string]bool)
		for _, name := range people {
			for _, q := range asked(resources, actions) {
				now, later := was.Decide(in[name], q).Allowed, is.Decide(then[name], q).Allowed
				if now != later && named(q, before, after, slices.Concat(in[name], then[name])) {
					happens[fmt.Sprint(name, " ", q.Resource, ":", q.Action, " ", later)] = true
				}
			}
		}
		if diff := cmp.Diff(happens, told); diff != "" {
			rt.Errorf("what is told (-happens +told):\n%s", diff)
		}
	})
}

// asked are all questions that can be made of the words.
func asked(resources, actions []string) (all []identity.Question) {
	for _, r := range resources {
		for _, a := range actions {
			all = append(all, identity.Question{Resource: r, Action: a})
		}
	}
	return all
}

// named says whether a permission of one of the groups is the question, before or after.
func named(q identity.Question, before, after map[string]identity.Group, groups []string) bool {
	for _, id := range groups {
		for _, g := range []identity.Group{before[id], after[id]} {
			if slices.Contains(g.Permissions[q.Resource], q.Action) {
				return true
			}
		}
	}
	return false
}

// gathering is a crowd in which everybody is in a set of their own.
type gathering []identity.GroupSet

func (g gathering) GroupSets(_ context.Context, groupIDs []string, _ int) ([]identity.GroupSet, error) {
	var sets []identity.GroupSet
	for _, set := range g {
		if !slices.ContainsFunc(set.Groups, func(id string) bool { return slices.Contains(groupIDs, id) }) {
			continue
		}
		if i := slices.IndexFunc(sets, func(s identity.GroupSet) bool { return slices.Equal(s.Groups, set.Groups) }); i >= 0 {
			sets[i].Users.Count++
			sets[i].Users.Usernames = append(slices.Clone(sets[i].Users.Usernames), set.Users.Usernames...)
			continue
		}
		sets = append(sets, set)
	}
	return sets, nil
}

func (gathering) Applications(context.Context, identity.Page) ([]identity.Application, int, error) {
	return nil, 0, nil
}
