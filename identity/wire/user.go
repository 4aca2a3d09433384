package wire

import (
	"time"

	"gatehouse/identity"
	"gatehouse/identity/registry"
)

// User is a user in an answer.
type User struct {
	ID            string         `json:"id"`
	Username      string         `json:"username"`
	FirstName     string         `json:"firstName"`
	LastName      string         `json:"lastName"`
	Email         string         `json:"email"`
	EmailVerified bool           `json:"emailVerified"`
	Groups        []string       `json:"groups"`
	Disabled      bool           `json:"disabled"`
	Metadata      map[string]any `json:"metadata"`
	CreatedAt     time.Time      `json:"createdAt"`
	UpdatedAt     time.Time      `json:"updatedAt"`
	LastSignInAt  time.Time      `json:"lastSignInAt,omitzero"` // to the day
	FrozenUntil   time.Time      `json:"frozenUntil,omitzero"`
}

// UserAt returns the user as answers show it, with how they stand at a moment.
func UserAt(u identity.User, now time.Time) User {
	out := FromUser(u)
	out.LastSignInAt, out.FrozenUntil = u.LastSignIn, u.FrozenAt(now)
	return out
}

// FromUser returns what administrators say of the user.
func FromUser(u identity.User) User {
	return User{
		ID: u.ID, Username: u.Username, FirstName: u.FirstName, LastName: u.LastName,
		Email: u.Email, EmailVerified: u.EmailVerified, Groups: full(u.Groups), Disabled: u.Disabled,
		Metadata: metadata(u.Metadata), CreatedAt: u.CreatedAt.UTC(), UpdatedAt: u.UpdatedAt.UTC(),
	}
}

// ParseNewUser reads the body of POST /v1/users.
func ParseNewUser(object map[string]any) (registry.NewUser, error) {
	r := read(object)
	in := registry.NewUser{
		Username: r.needText("username"), Email: r.needText("email"), Password: r.needText("password"),
		FirstName: r.needText("firstName"), LastName: r.needText("lastName"),
		Groups: value(r.needTexts("groups", true)), Metadata: value(r.objectOf("metadata")),
	}
	return in, r.err()
}

// ParseUserChange reads the body of PATCH /v1/users/{id}.
func ParseUserChange(object map[string]any) (registry.UserChange, error) {
	r := read(object)
	change := registry.UserChange{
		Email: r.notEmpty("email", r.text("email")), FirstName: r.notEmpty("firstName", r.text("firstName")),
		LastName: r.notEmpty("lastName", r.text("lastName")), Groups: r.needTexts("groups", false),
		Disabled: r.flag("disabled"), Metadata: r.objectOf("metadata"),
	}
	r.never(true, "id", "createdAt", "username")
	r.never(false, "password", "newPassword", "emailVerified")
	return change, r.err()
}

// ParsePasswordChange reads the body of PATCH /v1/users/{id}/update-password.
func ParsePasswordChange(object map[string]any) (oldPassword, newPassword string, err error) {
	r := read(object)
	oldPassword, newPassword = r.needText("oldPassword"), r.needText("newPassword")
	return oldPassword, newPassword, r.err()
}

// ParsePasswordReset reads the body of PATCH /v1/users/{id}/reset-password.
func ParsePasswordReset(object map[string]any) (newPassword string, err error) {
	r := read(object)
	newPassword = r.needText("newPassword")
	return newPassword, r.err()
}
