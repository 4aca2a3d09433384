package identity

import "time"

// AdminGroup is the built-in group whose members may do everything.
const AdminGroup = "admin-group"

// Group gives its members permissions.
type Group struct {
	ID          string              // slug
	Name        string              // what people read
	Product     string              // the product it belongs to, see ProductOf; empty: none
	Permissions map[string][]string // resource to actions
	Metadata    map[string]any
	BuiltIn     bool // it keeps its id and its permissions
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Version     int64 // 1 when created, one more with each change of the above; members do not count
}

// Members is who is in a group.
type Members struct {
	Usernames    []string // the first users to have been created
	Count        int      // of all users
	Applications []string // client ids, the first ones to have been created; only of one group
}

// GroupSet is a set of groups that users are in.
type GroupSet struct {
	Groups []string // by id: every group of these users
	Users  Members  // who is in exactly these
}
