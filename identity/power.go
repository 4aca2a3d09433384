package identity

import "slices"

// The resources of the identity API itself: permissions for these are power
// over who may do what.
var ownResources = []string{
	"users", "groups", "applications", "products", "providers", "mfa", "sessions",
	"update-password", "reset-password", "audit-events", "permissions",
}

// The actions that permissions for the identity API know.
var ownActions = []string{"get", "post", "patch", "put", "delete"}

// Administers says whether members of the groups may do something by the identity
// API, and by which permission. Only groups of no product count: a product uses
// the same words for things of its own.
func (p *Policy) Administers(groupIDs []string, resource, action string) Decision {
	return p.decide(groupIDs, resource, action, reach{})
}

// MayAskAboutOthers says whether members of the groups may ask what others may do,
// in a question for one product or (empty) for all. A product's groups give that
// for questions about the product.
func (p *Policy) MayAskAboutOthers(groupIDs []string, product string) bool {
	return p.Administers(groupIDs, "permissions", "get").Allowed ||
		product != "" && p.Decide(groupIDs, Question{Resource: "permissions", Action: "get", Product: product}).Allowed
}

// Exceeds returns a permission for the identity API that members of the groups
// have here and members of the holders' groups have not by another policy, or
// false when there is none. A group that says no product is taken to administer, even
// if its name says one: that product may have been deleted since the policy was read.
func (p *Policy) Exceeds(groupIDs []string, other *Policy, holders []string) (resource, action string, exceeds bool) {
	for _, resource := range ownResources {
		for _, action := range ownActions {
			if p.decide(groupIDs, resource, action, reach{unsaid: true}).Allowed && !other.Administers(holders, resource, action).Allowed {
				return resource, action, true
			}
		}
	}
	return "", "", false
}

// OwnPermissions returns the permissions for the identity API that a group names,
// as "resource:action", in the order of the API. A "*" is one for all.
func (g Group) OwnPermissions() []string {
	var own []string
	for _, resource := range append([]string{Any}, ownResources...) {
		for _, action := range append([]string{Any}, ownActions...) {
			if slices.Contains(g.Permissions[resource], action) {
				own = append(own, resource+":"+action)
			}
		}
	}
	return own
}
