package storage

import "time"

// Key is a signing key.
type Key struct {
	ID         string // the kid (RFC 7515 §4.1.4)
	Algorithm  string // "ES256" or "RS256" (RFC 7518 §3.1)
	Sealed     []byte // the private key, PKCS #8, encrypted under the master secret
	CreatedAt  time.Time
	ActiveFrom time.Time // it is published from CreatedAt and signs from here on
	RetiredAt  time.Time // zero while it may sign; published until its last token has expired
	ExpiresAt  time.Time // zero until retired: then it leaves the JWKS
}
