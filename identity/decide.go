package identity

import "maps"

// Any in the place of a resource or an action of a permission matches every one.
const Any = "*"

// Policy is what the groups of a moment permit. It is never changed, so any
// number of goroutines may decide by it, all of them by the same rules.
type Policy struct {
	groups map[string]permits
}

// permits are the permissions of one group: resource to set of actions.
type permits map[string]map[string]struct{}

// NewPolicy returns the policy of these groups.
func NewPolicy(groups []Group) *Policy {
	p := &Policy{groups: make(map[string]permits, len(groups))}
	for _, g := range groups {
		p.groups[g.ID] = permitsOf(g)
	}
	return p
}

// With returns a policy in which these groups are as they are here, and all
// others as they were.
func (p *Policy) With(groups ...Group) *Policy {
	next := &Policy{groups: maps.Clone(p.groups)}
	for _, g := range groups {
		next.groups[g.ID] = permitsOf(g)
	}
	return next
}

// Without returns a policy that does not know these groups.
func (p *Policy) Without(groupIDs ...string) *Policy {
	next := &Policy{groups: maps.Clone(p.groups)}
	for _, id := range groupIDs {
		delete(next.groups, id)
	}
	return next
}

// Knows says whether the policy has a group.
func (p *Policy) Knows(groupID string) bool {
	_, known := p.groups[groupID]
	return known
}

func permitsOf(g Group) permits {
	index := make(permits, len(g.Permissions))
	for resource, actions := range g.Permissions {
		set := make(map[string]struct{}, len(actions))
		for _, action := range actions {
			set[action] = struct{}{}
		}
		index[resource] = set
	}
	return index
}

// Decision is the answer to a question, and the permission that it follows from.
type Decision struct {
	Allowed bool
	// The group that allows it and its permission; empty when nothing does.
	Group, Resource, Action string
}

// Decide says whether members of the groups may do the action to the resource,
// and by which permission: the first that is found, in the order of the groups.
// Nothing is allowed that no permission allows, and none forbids.
func (p *Policy) Decide(groupIDs []string, resource, action string) Decision {
	for _, id := range groupIDs {
		group, ok := p.groups[id]
		if !ok {
			continue
		}
		for _, r := range [2]string{resource, Any} {
			actions, ok := group[r]
			if !ok {
				continue
			}
			for _, a := range [2]string{action, Any} {
				if _, ok := actions[a]; ok {
					return Decision{Allowed: true, Group: id, Resource: r, Action: a}
				}
			}
		}
	}
	return Decision{}
}

// The resources of the identity API itself: permissions for these are power
// over who may do what.
var ownResources = []string{
	"users", "groups", "applications", "products", "providers", "mfa", "sessions",
	"update-password", "reset-password", "audit-events", "permissions",
}

// The actions that permissions for the identity API know.
var ownActions = []string{"get", "post", "patch", "put", "delete"}

// Exceeds returns a permission for the identity API that members of the groups
// have here and members of the holders' groups have not by another policy, or
// false when there is none.
func (p *Policy) Exceeds(groupIDs []string, other *Policy, holders []string) (resource, action string, exceeds bool) {
	for _, resource := range ownResources {
		for _, action := range ownActions {
			if p.Decide(groupIDs, resource, action).Allowed && !other.Decide(holders, resource, action).Allowed {
				return resource, action, true
			}
		}
	}
	return "", "", false
}

// EditorGroup is the group whose permissions an application has: its product's
// editors.
func EditorGroup(product string) string { return product + "-editor-group" }
