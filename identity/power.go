package identity

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
			q := Question{Resource: resource, Action: action}
			if p.Decide(groupIDs, q).Allowed && !other.Decide(holders, q).Allowed {
				return resource, action, true
			}
		}
	}
	return "", "", false
}
