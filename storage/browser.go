package storage

import "time"

// Browser is a browser in which people have signed in: the one session that all
// applications there share.
type Browser struct {
	ID         string    // UUIDv7; never leaves the server
	Hash       []byte    // SHA-256 of what its cookie holds, which is another after each sign-in
	Accounts   []Account // who is signed in there, the one used last first
	Remembered bool      // it stays signed in when the browser is closed
	Address    string    // where the last sign-in came from
	UserAgent  string
	CreatedAt  time.Time
	LastUsedAt time.Time // to the minute
	ExpiresAt  time.Time // absolute: no use gets past it
}

// Account is somebody who is signed in in a browser.
type Account struct {
	UserID     string
	AuthTime   time.Time // when they proved last who they are
	ACR        string    // OpenID Connect Core §2; empty: none
	AMR        []string  // RFC 8176
	LastUsedAt time.Time // to the minute
}

// BrowserSignIn is somebody signing in in a browser.
type BrowserSignIn struct {
	Browser  Browser // its ID and CreatedAt are for a new browser alone
	Old      []byte  // hash of the cookie that the browser has shown and loses; nil: it has shown none
	Account  Account
	Device   string // see SignInQuery
	Password string // hash that the password was checked against; see Session.PasswordHash
}
