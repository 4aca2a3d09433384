package identity

import (
	"strings"
	"time"
)

// User is a person, or a machine that signs in like one.
type User struct {
	ID            string // UUIDv7
	Username      string // 3 to 255 of a-z A-Z 0-9 _ - . and unique whatever the case
	Email         string // unique whatever the case
	EmailVerified bool
	FirstName     string
	LastName      string
	PasswordHash  string   // PHC string; see Passwords
	Groups        []string // group ids, sorted
	Metadata      map[string]any
	Disabled      bool
	CreatedAt     time.Time
	UpdatedAt     time.Time
	Version       int64 // 1 when created, one more with each change

	// The store alone writes these: see Users.
	Credentials int64     // 1 when created, one more whenever a way to sign in is changed or removed
	UnlockedAt  time.Time // failed sign-ins up to then do not count; zero: never unlocked
	FrozenUntil time.Time // when what wrong passwords froze last thaws; zero: nothing froze
	LastSignIn  time.Time // the UTC day of it, at 00:00; zero: not known
}

// FrozenAt returns until when something of the user is frozen: a device that they
// signed in from, or their account for one address. Zero: nothing is.
func (u User) FrozenAt(now time.Time) time.Time {
	if !u.FrozenUntil.After(now) {
		return time.Time{}
	}
	return u.FrozenUntil
}

// FullName is the first and last name, as far as they are set.
func (u User) FullName() string {
	return strings.TrimSpace(u.FirstName + " " + u.LastName)
}

// UsernameKey is what makes two usernames the same: ASCII case is folded and
// nothing else is.
func UsernameKey(username string) string { return foldASCII(username) }

// EmailKey is what makes two e-mail addresses the same: ASCII case is folded
// and nothing else is.
func EmailKey(email string) string { return foldASCII(email) }

func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
