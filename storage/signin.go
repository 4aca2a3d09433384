package storage

import (
	"time"

	"gatehouse/identity"
)

// SignIn is what a sign-in needs to know, read in one statement.
type SignIn struct {
	User     *identity.User // nil: nobody has this username
	Failures map[string]Failures
}

// SignInQuery asks for a SignIn.
type SignInQuery struct {
	Username string
	Keys     []string // whose failures to read
}

// SignedIn is what is stored together with a sign-in: all of it or nothing.
type SignedIn struct {
	Day   time.Time // the user's LastSignIn from now on; zero: it is that already
	Event AuditEvent
}

// Failures counts the failed sign-ins under one key: an account, an address, both
// together, or a known device.
type Failures struct {
	Count       int
	LastAt      time.Time
	FrozenUntil time.Time // zero when not frozen
}

// Failure records one failed sign-in under a key.
type Failure struct {
	Key    string
	At     time.Time
	Limit  int           // so many failures freeze the key
	Freeze time.Duration // for so long
	Window time.Duration // a failure is forgotten after so long without another
	Since  time.Time     // failures up to then do not count; zero: all do
	UserID string        // of the user whose FrozenUntil a freeze is written to; empty: nobody's
}
