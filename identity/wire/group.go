package wire

import (
	"time"

	"gatehouse/identity"
	"gatehouse/identity/registry"
)

// MostUsernames is how many members of a group an answer names.
const MostUsernames = 100

// Group is a group in an answer.
type Group struct {
	ID           string              `json:"id"`
	Name         string              `json:"name"`
	Product      string              `json:"product,omitempty"`
	BuiltIn      bool                `json:"builtIn"`
	CreatedAt    time.Time           `json:"createdAt"`
	UpdatedAt    time.Time           `json:"updatedAt"`
	Users        []string            `json:"users"` // at most MostUsernames
	UserCount    int                 `json:"userCount"`
	Applications []string            `json:"applications"` // client ids, at most MostUsernames
	Permissions  map[string][]string `json:"permissions"`
	Metadata     map[string]any      `json:"metadata"`
}

// FromGroup returns the group and who is in it as answers show it.
func FromGroup(g identity.Group, members identity.Members) Group {
	permissions := make(map[string][]string, len(g.Permissions))
	for resource, actions := range g.Permissions {
		permissions[resource] = full(actions)
	}
	return Group{
		ID: g.ID, Name: g.Name, Product: g.Product, BuiltIn: g.BuiltIn, CreatedAt: g.CreatedAt.UTC(), UpdatedAt: g.UpdatedAt.UTC(),
		Users: full(members.Usernames), UserCount: members.Count, Applications: full(members.Applications),
		Permissions: permissions, Metadata: metadata(g.Metadata),
	}
}

// ParseNewGroup reads the body of POST /v1/groups.
func ParseNewGroup(object map[string]any) (identity.Group, error) {
	r := read(object)
	group := identity.Group{
		ID: r.needText("id"), Name: r.needText("name"), Product: value(r.text("product")),
		Permissions: value(r.permissions("permissions")), Metadata: value(r.objectOf("metadata")),
	}
	return group, r.err()
}

// ParseGroupChange reads the body of PATCH /v1/groups/{id}.
func ParseGroupChange(object map[string]any) (registry.GroupChange, error) {
	r := read(object)
	change := registry.GroupChange{
		Name: r.notEmpty("name", r.text("name")), Product: r.text("product"), Permissions: r.permissions("permissions"), Metadata: r.objectOf("metadata"),
	}
	r.never(true, "id", "createdAt", "builtIn")
	r.never(false, "users", "userCount", "applications")
	return change, r.err()
}
