package identity

import "strings"

// levels are what a role lets people do with a product, each more than the one
// before: look, add and change, delete.
var levels = []string{"viewer", "contributor", "editor"}

// AdminRole is the role that has the permissions of AdminGroup. The word alone is
// not read as the role, for somebody may be called that.
const AdminRole = "admin"

// RoleGroup returns the group whose permissions a product's role has:
// midaz-viewer-group for midaz-viewer-role. False: it is no name of a role.
func RoleGroup(role string) (groupID string, ok bool) {
	rest, ok := strings.CutSuffix(role, "-role")
	if !ok || ofLevel(rest) == "" {
		return "", false
	}
	return rest + "-group", true
}

// GroupRole returns the role that has the permissions of a group, or false when
// there is none: the inverse of RoleGroup, and AdminRole for AdminGroup.
func GroupRole(groupID string) (role string, ok bool) {
	if groupID == AdminGroup {
		return AdminRole, true
	}
	rest, ok := strings.CutSuffix(groupID, "-group")
	if !ok || ofLevel(rest) == "" {
		return "", false
	}
	return rest + "-role", true
}

// ofLevel returns the product in "<product>-<level>", or "" if it is not that.
func ofLevel(name string) string {
	for _, level := range levels {
		if product, ok := strings.CutSuffix(name, "-"+level); ok && isSlug(product) {
			return product
		}
	}
	return ""
}

// NamedProduct returns the product in the exact name of one of a product's three
// groups, <product>-{viewer,contributor,editor}-group, or "" for any other id.
func NamedProduct(groupID string) string {
	rest, ok := strings.CutSuffix(groupID, "-group")
	if !ok {
		return ""
	}
	return ofLevel(rest)
}

// ProductOf returns the product that a group belongs to, where some products are
// registered: the one whose group it is by its exact name, else the one that its
// Product says. Empty: none, as always for AdminGroup.
func ProductOf(g Group, registered func(product string) bool) string {
	if g.ID == AdminGroup {
		return ""
	}
	if named := NamedProduct(g.ID); named != "" && registered(named) {
		return named
	}
	return g.Product
}

// ProductNames are the names that a product has of itself: of its three groups,
// and of the roles that stand for them.
func ProductNames(product string) (groupIDs, roles []string) {
	for _, level := range levels {
		groupIDs = append(groupIDs, product+"-"+level+"-group")
		roles = append(roles, product+"-"+level+"-role")
	}
	return groupIDs, roles
}

// EditorGroup is the group whose permissions an application has: its product's
// editors.
func EditorGroup(product string) string { return product + "-editor-group" }
