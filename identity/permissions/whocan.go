package permissions

import (
	"context"
	"math"
	"slices"

	"gatehouse/identity"
)

// Crowd is where it is found who is in groups, and which applications there are.
type Crowd interface {
	// GroupSets is identity.Groups.GroupSets.
	GroupSets(ctx context.Context, groupIDs []string, most int) ([]identity.GroupSet, error)
	// Applications is identity.Applications.Applications.
	Applications(ctx context.Context, page identity.Page) ([]identity.Application, int, error)
}

// Able are all who may do something.
type Able struct {
	Groups       []AbleGroup // by id
	Users        identity.Members
	Applications []Subject
}

// AbleGroup is a group whose members may do it.
type AbleGroup struct {
	identity.Decision
	Role  string // that has the group's permissions, too; empty: none has
	Users int    // members who are not disabled
}

// WhoCan returns all who may do what is asked: groups, each by one permission of
// it, enabled users, and enabled applications. At most so many usernames are
// named; everybody is counted.
func WhoCan(ctx context.Context, policy *identity.Policy, crowd Crowd, q identity.Question, most int) (Able, error) {
	var able Able
	var ids []string
	for _, d := range policy.Allowing(q) {
		role := roleOf(policy, d.Group)
		ids = append(ids, d.Group)
		able.Groups = append(able.Groups, AbleGroup{Decision: d, Role: role})
	}
	if len(ids) == 0 {
		return able, nil
	}
	sets, err := crowd.GroupSets(ctx, ids, most)
	if err != nil {
		return Able{}, err
	}
	var all crowded
	for _, set := range sets {
		all.add(set.Users)
		for i := range able.Groups {
			if slices.Contains(set.Groups, able.Groups[i].Group) {
				able.Groups[i].Users += set.Users.Count
			}
		}
	}
	able.Users = all.first(most)
	able.Applications, err = applicationsOf(ctx, crowd, func(group string) bool { return slices.Contains(ids, group) })
	return able, err
}

// roleOf returns the role that has a group's permissions, or "" if there is none.
func roleOf(policy *identity.Policy, group string) string {
	role, ok := identity.GroupRole(group)
	if !ok || !isThere(policy, group) {
		return ""
	}
	return role
}

// applicationsOf returns the enabled applications that act in one of the groups
// that count.
func applicationsOf(ctx context.Context, crowd Crowd, counts func(group string) bool) ([]Subject, error) {
	apps, _, err := crowd.Applications(ctx, identity.Page{Number: 1, Limit: math.MaxInt32})
	if err != nil {
		return nil, err
	}
	var found []Subject
	for i := range apps {
		if !apps[i].Disabled && slices.ContainsFunc(apps[i].ActsIn(), counts) {
			found = append(found, ofApplication(&apps[i]))
		}
	}
	return found, nil
}

// crowded gathers users that are in one set of groups each.
type crowded struct{ identity.Members }

func (c *crowded) add(m identity.Members) {
	c.Count += m.Count
	c.Usernames = append(c.Usernames, m.Usernames...)
}

// first are all of them, at most so many by name.
func (c *crowded) first(most int) identity.Members {
	slices.Sort(c.Usernames)
	c.Usernames = c.Usernames[:min(most, len(c.Usernames))]
	return c.Members
}
