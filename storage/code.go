package storage

import "time"

// Code is a thing that may be used once: an authorization code, a device code,
// a pushed authorization request.
type Code struct {
	Kind      string // what it is; hashes of different kinds never meet
	Hash      []byte // SHA-256 of what the client holds
	SessionID string // the session it led to, if it has led to one
	UserID    string // whose it is, and with whom it goes; empty: nobody's
	ClientID  string // the application that it is for, and with which it goes
	Payload   []byte // the request it stands for
	ExpiresAt time.Time
	SpentAt   time.Time // zero until it is used
}
