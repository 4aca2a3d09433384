package permissions

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"gatehouse/identity"
)

// Proposal is a change that was not made.
type Proposal struct {
	Groups  []identity.Group // as they would be: new ones, or with other permissions
	Deleted []string         // groups that would be gone
	Users   []Membership     // users who would be in other groups
}

// Membership is a user, and the groups that they would be in.
type Membership struct {
	User   Subject
	Groups []string
}

// Flip is a question whose answer would be another one.
type Flip struct {
	Resource, Action string // Any asks for every one
	Allowed          bool   // what the answer would be
	Users            identity.Members
	Roles            []string
	Applications     []string // client ids
}

// Simulation is what a proposal would flip.
type Simulation struct {
	Flips     []Flip // by resource and action
	Truncated bool   // there are more flips than could be told
}

// The most that a simulation tells of.
const (
	mostFlips     = 5000
	mostUsernames = 100 // of a flip
)

// Simulate says which answers a proposal would flip, and for whom: enabled users,
// enabled applications, and roles. Its questions are those that the permissions
// of the groups concerned name, before or after: what else flips does so by a
// permission for Any, which is a question of its own. They are asked of all
// products at once. It costs as much as there are different sets of groups,
// however many users are in them.
func Simulate(ctx context.Context, before *identity.Policy, crowd Crowd, p Proposal) (Simulation, error) {
	s := simulation{
		before: before, after: before.With(p.Groups...).Without(p.Deleted...),
		changed: make(map[string][]identity.Question), flips: make(map[identity.Question]*flipped),
	}
	for _, g := range p.Groups {
		s.changed[g.ID] = s.differing(g.ID)
	}
	for _, id := range p.Deleted {
		s.changed[id] = s.differing(id)
	}
	if err := s.users(ctx, crowd, p.Users); err != nil {
		return Simulation{}, err
	}
	for group := range s.changed {
		if role, ok := identity.GroupRole(group); ok { // its product may come with the proposal
			s.ask([]string{group}, []string{group}, func(by *party) { by.roles = append(by.roles, role) })
		}
	}
	apps, err := applicationsOf(ctx, crowd, s.isChanged)
	if err != nil {
		return Simulation{}, err
	}
	for _, app := range apps {
		s.ask(app.Groups, app.Groups, func(by *party) { by.applications = append(by.applications, app.ID) })
	}
	return s.result(), nil
}

// simulation is the work on a proposal.
type simulation struct {
	before, after *identity.Policy
	changed       map[string][]identity.Question // groups, with what they permit before or after, and not both
	flips         map[identity.Question]*flipped
}

// flipped are those who would be answered otherwise.
type flipped struct{ gained, lost party }

// party are some of them.
type party struct {
	users               crowded
	roles, applications []string
}

func (s *simulation) isChanged(group string) bool {
	_, is := s.changed[group]
	return is
}

// users asks for everybody who is in a group that changes, or is named.
func (s *simulation) users(ctx context.Context, crowd Crowd, named []Membership) error {
	var sets []identity.GroupSet
	if len(s.changed) > 0 {
		var err error
		if sets, err = crowd.GroupSets(ctx, slices.Collect(maps.Keys(s.changed)), mostUsernames+len(named)); err != nil {
			return err
		}
	}
	for _, m := range named {
		if m.User.Disabled {
			continue
		}
		without(sets, m.User)
		s.ask(m.User.Groups, m.Groups, func(by *party) {
			by.users.add(identity.Members{Usernames: []string{m.User.Name}, Count: 1})
		})
	}
	for _, set := range sets {
		if err := ctx.Err(); err != nil {
			return err
		}
		if set.Users.Count > 0 {
			s.ask(set.Groups, set.Groups, func(by *party) { by.users.add(set.Users) })
		}
	}
	return nil
}

// without takes a user out of the set of their groups.
func without(sets []identity.GroupSet, u Subject) {
	i := slices.IndexFunc(sets, func(set identity.GroupSet) bool { return slices.Equal(set.Groups, u.Groups) })
	if i < 0 {
		return
	}
	users := &sets[i].Users
	users.Count--
	users.Usernames = slices.DeleteFunc(users.Usernames, func(name string) bool { return name == u.Name })
}

// ask notes each question that those who are in some groups, and would be in
// others, are answered otherwise.
func (s *simulation) ask(was, is []string, note func(by *party)) {
	for q := range s.questions(was, is) {
		now, then := s.before.Decide(was, q).Allowed, s.after.Decide(is, q).Allowed
		if now == then {
			continue
		}
		f, ok := s.flips[q]
		if !ok {
			f = &flipped{}
			s.flips[q] = f
		}
		if then {
			note(&f.gained)
		} else {
			note(&f.lost)
		}
	}
}

// questions are those by whose answers the groups concerned can differ: those that
// change, and those that are not both before and after.
func (s *simulation) questions(was, is []string) map[identity.Question]struct{} {
	all := make(map[identity.Question]struct{})
	note := func(questions []identity.Question) {
		for _, q := range questions {
			all[q] = struct{}{}
		}
	}
	for _, group := range slices.Concat(was, is) {
		if slices.Contains(was, group) && slices.Contains(is, group) {
			note(s.changed[group])
		} else {
			note(permitted(s.before, group))
			note(permitted(s.after, group))
		}
	}
	return all
}

// differing is what a group permits before or after, and not both.
func (s *simulation) differing(group string) []identity.Question {
	before, after := permitted(s.before, group), permitted(s.after, group)
	times := make(map[identity.Question]int, len(before)+len(after))
	for _, q := range slices.Concat(before, after) {
		times[q]++
	}
	maps.DeleteFunc(times, func(_ identity.Question, n int) bool { return n == 2 })
	return slices.Collect(maps.Keys(times))
}

// permitted is what a group permits, as questions.
func permitted(policy *identity.Policy, group string) []identity.Question {
	var all []identity.Question
	for resource, actions := range policy.Permissions([]string{group}, "") {
		for _, action := range actions {
			all = append(all, identity.Question{Resource: resource, Action: action})
		}
	}
	return all
}

// result is what was noted, in order.
func (s *simulation) result() Simulation {
	var out Simulation
	order := func(a, b identity.Question) int {
		return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Action, b.Action))
	}
	for _, q := range slices.SortedFunc(maps.Keys(s.flips), order) {
		out.add(q, false, &s.flips[q].lost)
		out.add(q, true, &s.flips[q].gained)
	}
	return out
}

// add tells of those for whom the answer would be the one given, if there are any.
func (s *Simulation) add(q identity.Question, allowed bool, by *party) {
	switch {
	case by.users.Count == 0 && len(by.roles) == 0 && len(by.applications) == 0:
	case len(s.Flips) == mostFlips:
		s.Truncated = true
	default:
		slices.Sort(by.roles)
		slices.Sort(by.applications)
		s.Flips = append(s.Flips, Flip{q.Resource, q.Action, allowed, by.users.first(mostUsernames), by.roles, by.applications})
	}
}
