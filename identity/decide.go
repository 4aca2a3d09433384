package identity

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
// allowed that no permission allows, and none forbids. It costs at most four
// look-ups a group, however many permissions there are.
func (p *Policy) Decide(groupIDs []string, q Question) Decision {
	for _, id := range groupIDs {
		g, known := p.groups[id]
		if !known || !g.counts(q.Product) {
			continue
		}
		if d := g.permits.decide(q.Resource, q.Action); d.Allowed {
			d.Group = id
			return d
		}
	}
	return Decision{}
}

// decide says whether the permissions allow it, and which one does.
func (p permits) decide(resource, action string) Decision {
	for _, r := range [2]string{resource, Any} {
		allowed, ok := p[r]
		if !ok {
			continue
		}
		for _, a := range [2]string{action, Any} {
			if _, ok := allowed[a]; ok {
				return Decision{Allowed: true, Resource: r, Action: a}
			}
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
	union := make(permits)
	for _, id := range groupIDs {
		g, known := p.groups[id]
		if !known || !g.counts(product) {
			continue
		}
		for resource, more := range g.permits {
			union.add(resource, more)
		}
	}
	return union.sorted()
}
