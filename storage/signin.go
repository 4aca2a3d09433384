package storage

import (
	"time"

	"gatehouse/identity"
)

// SignIn is what a sign-in needs to know, read in one statement.
type SignIn struct {
	User        *identity.User // nil: nobody has this username
	KnownDevice bool           // the user has signed in from the device before
	DeviceSeen  time.Time      // when it was last written down; zero if never
	Failures    map[string]Failures
}

// SignInQuery asks for a SignIn.
type SignInQuery struct {
	Username string
	Device   string   // what tells devices apart, such as an address
	Keys     []string // whose failures to read
}

// Failures counts the failed sign-ins under one key: an account, an address,
// or an account on a known device.
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
}
