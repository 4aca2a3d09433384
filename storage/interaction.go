package storage

import "time"

// Interaction is an authorization request that waits for a person: to sign in,
// to choose an account, to consent.
type Interaction struct {
	Hash      []byte // SHA-256 of its id
	Browser   []byte // SHA-256 of the cookie that it is bound to
	Payload   []byte // the request, and how far it has come; empty: it has ended
	Version   int64  // 1 when inserted, one more each time it is saved
	ExpiresAt time.Time
}
