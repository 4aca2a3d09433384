package sqlstore

import (
	"slices"
	"time"

	"gatehouse/identity"
)

// userRow is an identity.User.
type userRow struct {
	ID            string
	Username      string
	UsernameKey   string
	Email         string
	EmailKey      string
	EmailVerified bool
	FirstName     string
	LastName      string
	LastNameOrder string
	PasswordHash  string
	Metadata      column[map[string]any] `gorm:"type:text"`
	Disabled      bool
	CreatedAt     stamp
	UpdatedAt     stamp
	Version       int64
	Credentials   int64
	UnlockedAt    stamp
	FrozenUntil   stamp
	LastSignIn    stamp
	Groups        column[[]string] `gorm:"type:text;->"` // from memberships
}

// TableName is GORM's question.
func (userRow) TableName() string { return "users" }

// userColumns are the columns that a user is read from, in the order of fields.
func userColumns(d dialect) string {
	return `users.id, users.username, users.email, users.email_verified, users.first_name, users.last_name,
		users.password_hash, users.metadata, users.disabled, users.created_at, users.updated_at, users.version,
		users.credentials, users.unlocked_at, users.frozen_until, users.last_sign_in,
		(SELECT ` + d.array + `(group_id) FROM memberships WHERE user_id = users.id) AS groups`
}

// fields may all be NULL, which leaves them zero.
func (r *userRow) fields() []any {
	return []any{
		null(&r.ID), null(&r.Username), null(&r.Email), null(&r.EmailVerified), null(&r.FirstName), null(&r.LastName),
		null(&r.PasswordHash), &r.Metadata, null(&r.Disabled), &r.CreatedAt, &r.UpdatedAt, null(&r.Version),
		null(&r.Credentials), &r.UnlockedAt, &r.FrozenUntil, &r.LastSignIn,
		&r.Groups,
	}
}

func newUserRow(u identity.User) userRow {
	return userRow{
		ID:            u.ID,
		Username:      u.Username,
		UsernameKey:   identity.UsernameKey(u.Username),
		Email:         u.Email,
		EmailKey:      identity.EmailKey(u.Email),
		EmailVerified: u.EmailVerified,
		FirstName:     legible(u.FirstName),
		LastName:      legible(u.LastName),
		LastNameOrder: lastNameOrder(u),
		PasswordHash:  u.PasswordHash,
		Metadata:      column[map[string]any]{u.Metadata},
		Disabled:      u.Disabled,
		CreatedAt:     stamp(u.CreatedAt),
		UpdatedAt:     stamp(u.UpdatedAt),
		Version:       u.Version,
		Credentials:   max(u.Credentials, 1),
		UnlockedAt:    stamp(u.UnlockedAt),
		FrozenUntil:   stamp(u.FrozenUntil),
		LastSignIn:    stamp(u.LastSignIn),
	}
}

func (r *userRow) user() identity.User {
	slices.Sort(r.Groups.v)
	return identity.User{
		ID:            r.ID,
		Username:      r.Username,
		Email:         r.Email,
		EmailVerified: r.EmailVerified,
		FirstName:     r.FirstName,
		LastName:      r.LastName,
		PasswordHash:  r.PasswordHash,
		Groups:        r.Groups.v,
		Metadata:      r.Metadata.v,
		Disabled:      r.Disabled,
		CreatedAt:     time.Time(r.CreatedAt),
		UpdatedAt:     time.Time(r.UpdatedAt),
		Version:       r.Version,
		Credentials:   r.Credentials,
		UnlockedAt:    time.Time(r.UnlockedAt),
		FrozenUntil:   time.Time(r.FrozenUntil),
		LastSignIn:    time.Time(r.LastSignIn),
	}
}
