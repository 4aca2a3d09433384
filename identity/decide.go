package identity

import "slices"

// Any in the place of a resource or an action of a permission matches every one.
const Any = "*"

// Question asks whether an action may be done to a resource.
type Question struct {
	Resource, Action string
	// Product limits the question to the groups of one product; see Policy.Product.
	// Empty: every group counts.
	Product string
}

// Decision is the answer to a question, and the permission that it follows from.
type Decision struct {
	Allowed bool
	// The group that allows it and its permission; empty when nothing does.
	Group, Resource, Action string
}

// Decide says whether members of the groups may do what is asked, and by which
// permission: the first that is found, in the order of the groups. Nothing is
// allowed that no permission allows, and none forbids. It looks at no permission
// but those that it searches for, however many there are.
func (p *Policy) Decide(groupIDs []string, q Question) Decision {
	return p.decide(groupIDs, q.Resource, q.Action, reachOf(q.Product))
}

func (p *Policy) decide(groupIDs []string, resource, action string, in reach) Decision {
	hash := p.hash.of(resource)
	for _, id := range groupIDs {
		g, known := p.groups[id]
		if !known || !g.counts(in) {
			continue
		}
		if d := g.permits.decide(resource, hash, action); d.Allowed {
			d.Group = id
			return d
		}
	}
	return Decision{}
}

// Allowing returns a decision for each group whose members may do what is asked,
// by group id. It looks at every group.
func (p *Policy) Allowing(q Question) []Decision {
	var all []Decision
	for _, id := range p.groupIDs() {
		if d := p.Decide([]string{id}, q); d.Allowed {
			all = append(all, d)
		}
	}
	return all
}

// Permissions returns what members of the groups may do: resources, and the
// actions for each, sorted. Product limits it as in a Question.
func (p *Policy) Permissions(groupIDs []string, product string) map[string][]string {
	union, in := make(map[string][]string), reachOf(product)
	for _, id := range groupIDs {
		g, known := p.groups[id]
		if !known || !g.counts(in) {
			continue
		}
		for resource, actions := range g.permits.each {
			union[resource] = append(union[resource], actions...)
		}
	}
	for resource, actions := range union {
		slices.Sort(actions)
		union[resource] = slices.Compact(actions)
	}
	return union
}
