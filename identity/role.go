package identity

import "strings"

// levels are what a role lets people do with a product, each more than the one
// before: look, add and change, delete.
var levels = []string{"viewer", "contributor", "editor"}

// AdminRole is the role that has the permissions of AdminGroup.
const AdminRole = "admin"

// RoleGroup returns the group whose permissions a role has: midaz-viewer-group
// for midaz-viewer-role, and AdminGroup for AdminRole. False: it is no name of a role.
func RoleGroup(role string) (groupID string, ok bool) {
	if role == AdminRole {
		return AdminGroup, true
	}
	rest, ok := strings.CutSuffix(role, "-role")
	if !ok {
		return "", false
	}
	for _, level := range levels {
		if product, ok := strings.CutSuffix(rest, "-"+level); ok && isSlug(product) {
			return rest + "-group", true
		}
	}
	return "", false
}

// GroupRole returns the role that has the permissions of a group, or false when
// there is none: it is the inverse of RoleGroup.
func GroupRole(groupID string) (role string, ok bool) {
	if groupID == AdminGroup {
		return AdminRole, true
	}
	role = strings.TrimSuffix(groupID, "-group") + "-role"
	if group, ok := RoleGroup(role); ok && group == groupID {
		return role, true
	}
	return "", false
}

// EditorGroup is the group whose permissions an application has: its product's
// editors.
func EditorGroup(product string) string { return product + "-editor-group" }
