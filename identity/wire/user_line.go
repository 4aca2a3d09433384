package wire

import (
	"time"

	"gatehouse/identity/registry"
)

// ParseUserLine reads one user of a file to import: the fields of a new user,
// with passwordHash instead of password if need be, and what only an import may
// say. None is required here: who is there already keeps what is left out.
func ParseUserLine(object map[string]any) (registry.Imported, error) {
	r := read(object)
	in := registry.Imported{
		ID: value(r.text("id")), CreatedAt: value(r.time("createdAt")),
		Username: value(r.text("username")), Email: value(r.text("email")), EmailVerified: r.flag("emailVerified"),
		FirstName: r.text("firstName"), LastName: r.text("lastName"), Groups: r.texts("groups"),
		Password: value(r.text("password")), PasswordHash: value(r.text("passwordHash")),
		Disabled: r.flag("disabled"), Metadata: r.objectOf("metadata"),
	}
	return in, r.err()
}

// time reads a time (RFC 3339).
func (r *reader) time(name string) *time.Time {
	text := r.text(name)
	if text == nil {
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, *text)
	if err != nil {
		note(&r.wrong, name, "must be a time such as 2026-01-02T03:04:05Z")
		return nil
	}
	at = at.UTC().Truncate(time.Microsecond)
	return &at
}
