package identity

import "time"

// AdminGroup is the built-in group whose members may do everything.
const AdminGroup = "admin-group"

// Group gives its members permissions.
type Group struct {
	ID          string              // slug
	Name        string              // what people read
	Permissions map[string][]string // resource to actions
	Metadata    map[string]any
	BuiltIn     bool
	CreatedAt   time.Time
}
