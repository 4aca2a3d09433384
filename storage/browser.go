package storage

import "time"

// Browser is a browser in which people have signed in: the one session that all
// applications there share.
type Browser struct {
	ID        string    // UUIDv7
	Hash      []byte    // SHA-256 of what its cookie holds, which is another after each sign-in
	Accounts  []Account // who has signed in there, the one used last first
	Address   string    // where the last sign-in came from
	UserAgent string
	CreatedAt time.Time
	ExpiresAt time.Time // when the last of its accounts does
}

// Account is somebody who has signed in in a browser.
type Account struct {
	UserID     string
	AuthTime   time.Time // when they proved last who they are
	ACR        string    // OpenID Connect Core §2; empty: none
	AMR        []string  // RFC 8176
	Remembered bool      // they stay signed in when the browser is closed
	LastUsedAt time.Time // to the minute
	ExpiresAt  time.Time // absolute: no use gets past it, nor anybody else's sign-in
}

// BrowserSignIn is somebody signing in in a browser.
type BrowserSignIn struct {
	Browser  Browser // its ID and CreatedAt are for a new browser alone; it expires as its accounts do
	Old      []byte  // hash of the cookie that the browser has shown and loses; nil: it has shown none
	Account  Account
	Password string    // hash that the password was checked against; see Session.PasswordHash
	SignedIn *SignedIn // stored with it; nil: nothing
}
