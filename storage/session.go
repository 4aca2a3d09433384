package storage

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"time"

	"gatehouse/identity"
)

// Session is one sign-in of one user at one application. Its id is the sid
// claim and the refresh token's family. It is one row however often the token
// is refreshed: the row holds the hash of the live refresh token, the hash of
// the one spent before it, and, sealed, what that one was exchanged for.
type Session struct {
	ID        string // UUIDv7
	UserID    string
	ClientID  string
	Scopes    []string // granted (RFC 6749 §3.3)
	Audience  []string // aud of its access tokens
	AMR       []string // how the user was authenticated (RFC 8176)
	AuthTime  time.Time
	Nonce     string             // OpenID Connect Core §2; empty for none
	ACR       string             // OpenID Connect Core §2; empty for none
	BrowserID string             // the browser that began it; empty for none
	Subject   string             // sub, if it is another than the user's id (OpenID Connect Core §8.1)
	Claims    []byte             // the claims parameter as it was asked for (OpenID Connect Core §5.5), in JSON; nil: none
	Authority identity.Authority // that it began with; empty: an earlier release began it
	Released  []string           // beside Scopes: mappings to claims (identity.Claim.Released), and names of claims
	Address   string             // where the sign-in came from
	UserAgent string
	Metadata  map[string]any

	CreatedAt  time.Time
	LastUsedAt time.Time // sign-in or last refresh
	ExpiresAt  time.Time // absolute: no refresh gets past it
	EndedAt    time.Time // zero while it lives

	Refresh Refresh

	// PasswordHash is what the sign-in's password was checked against; empty when
	// it took none. It is not kept: see Sessions.CreateSession.
	PasswordHash string
	// SignedIn is stored with the session, if it is not nil.
	SignedIn *SignedIn
}

// Live says whether the session can still be used at the given time.
func (s Session) Live(now time.Time) bool {
	return s.EndedAt.IsZero() && now.Before(s.ExpiresAt) &&
		(len(s.Refresh.Hash) == 0 || now.Before(s.Refresh.ExpiresAt))
}

// Refresh is the state of a session's refresh token.
type Refresh struct {
	Generation int       // rotations so far; the live token carries it
	Hash       []byte    // SHA-256 of the live token; nil: the session has none
	ExpiresAt  time.Time // idle: the live token is dead after it
	SpentHash  []byte    // SHA-256 of the token spent last; nil before the first rotation
	SpentAt    time.Time
	Successor  []byte // the live token, sealed under a key made from the spent one
	SpentFrom  Origin // of the request that spent it; zero: an earlier release did not keep it
}

// Origin is where a request came from.
type Origin struct {
	Address   string // the client's IP address
	UserAgent []byte // a digest, to compare with others
}

// NewOrigin returns the origin of a request. Of the user agent it keeps 128 bits.
func NewOrigin(address, userAgent string) Origin {
	sum := sha256.Sum256([]byte(userAgent))
	return Origin{address, sum[:16]}
}

// Rotation replaces a session's refresh token by the next one.
type Rotation struct {
	SessionID string
	Spent     []byte // hash of the token shown; it must be the live one
	Next      []byte // hash of its successor
	Successor []byte // sealed, for the grace period
	From      Origin // of the request
	At        time.Time
	ExpiresAt time.Time // idle life of the successor
}

// Newest returns the sessions of both lists, the latest first.
func Newest(a, b []Session) []Session {
	return slices.SortedFunc(slices.Values(slices.Concat(a, b)), func(a, b Session) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
	})
}
