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
