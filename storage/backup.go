package storage

import (
	"context"
	"time"
)

// Backups is how all that lasts is copied: products, groups, users, by which sub
// applications know them, applications, consents and signing keys.
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

	// PairwiseSubjectsAfter returns at most so many subjects, in the order of Subject,
	// that come after one.
	PairwiseSubjectsAfter(ctx context.Context, after PairwiseSubject, limit int) ([]PairwiseSubject, error)
	// CreatePairwiseSubjects creates subjects. It returns errors.Unavailable if a user
	// is not there.
	CreatePairwiseSubjects(ctx context.Context, subjects []PairwiseSubject) error
	// ConsentedScopesAfter returns at most so many scopes, in the order of users,
	// applications and scopes, that come after one.
	ConsentedScopesAfter(ctx context.Context, after ConsentedScope, limit int) ([]ConsentedScope, error)
	// CreateConsentedScopes creates consents. It returns errors.Unavailable if a user or
	// an application is not there.
	CreateConsentedScopes(ctx context.Context, scopes []ConsentedScope) error
}

// Counts says how many of each there are.
type Counts struct{ Products, Groups, Users, Subjects, Applications, Consents, Keys int }

// PairwiseSubject is by which sub the applications of a sector know a user: see
// Subjects.
type PairwiseSubject struct{ UserID, Sector, Subject string }

// ConsentedScope is a scope that a user has consented to: see Consents.
type ConsentedScope struct {
	UserID        string
	ApplicationID string
	Scope         string
	GrantedAt     time.Time
}
