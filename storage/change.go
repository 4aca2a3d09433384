package storage

import "time"

// ChangeKind says what a Change is about.
type ChangeKind string

// The kinds of change, and what Key names in each.
const (
	SessionEnded       ChangeKind = "session"     // a session id: its tokens are dead until Until
	TokenRevoked       ChangeKind = "token"       // a jti: that token is dead until Until
	UserChanged        ChangeKind = "user"        // a user id: forget what was cached
	ApplicationChanged ChangeKind = "application" // a client id: forget what was cached
	GroupChanged       ChangeKind = "group"       // a group id: its permissions may be others, or it may be new
	GroupDeleted       ChangeKind = "nogroup"     // a group id: nobody is in it any more
	ProductsChanged    ChangeKind = "product"     // a product's name: it may be new, or gone
	KeysChanged        ChangeKind = "keys"        // empty: read the signing keys again
)

// Change is a line in the list that every node follows. Nodes that were away
// for longer than ChangeRetention start over instead.
type Change struct {
	Seq   int64 // in the order in which lines become visible; some may be missing
	Kind  ChangeKind
	Key   string
	Until time.Time // it may be forgotten after this
}

// ChangeRetention is how long a change that only drops cached values is kept.
const ChangeRetention = 10 * time.Minute

// MaxAccessLifetime is the longest life of an access token, and so how long the
// end of a session and the revocation of a token have to be remembered.
const MaxAccessLifetime = 24 * time.Hour
