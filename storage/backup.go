package storage

import "context"

// Backups is how all that lasts is copied: products, groups, users, applications
// and signing keys.
type Backups interface {
	// Snapshot runs f in a transaction that can only read: every method called with
	// f's context sees everything as it is at one moment. It holds up nobody.
	Snapshot(ctx context.Context, f func(ctx context.Context) error) error
	// Counts says how many of each there are.
	Counts(ctx context.Context) (Counts, error)
	// Clear makes room, in the context's transaction, for a copy of everything: it
	// removes what every database begins with, built-in groups, products and
	// applications and the signing keys. false means that there are users, or others of
	// those, and nothing was removed.
	Clear(ctx context.Context) (bool, error)
	// Settle writes what the context's transaction puts off to its end. One that
	// creates millions of users calls it now and then, or it would hold as much in
	// memory. It keeps all others from changing users until the commit.
	Settle(ctx context.Context) error
}

// Counts says how many of each there are.
type Counts struct{ Products, Groups, Users, Applications, Keys int }
