package storage

import (
	"context"
	"time"
)

// Audit keeps what administrators did and tried. Nothing in it is ever changed;
// see Store.DeleteExpired for how it is forgotten.
type Audit interface {
	// AppendAudit adds events, in the context's transaction if there is one.
	AppendAudit(ctx context.Context, events ...AuditEvent) error
	// AuditEvents returns the events that a query finds, newest first.
	AuditEvents(ctx context.Context, q AuditQuery) ([]AuditEvent, error)
}

// AuditEvent is one change, or one that was refused.
type AuditEvent struct {
	ID          string // UUIDv7, of At
	At          time.Time
	ActorType   string // see registry.Actor
	ActorID     string
	ActorName   string
	Action      string // "user.create"
	SubjectType string // "user", "group", "application", "product"
	SubjectID   string // empty where it was refused before it had one
	SubjectName string
	Address     string         // the client's IP address; empty for a command
	RequestID   string         // empty for a command
	Code        string         // why it was refused; empty: it was done
	Before      map[string]any // what was changed, as it was; secrets left out
	After       map[string]any // and as it is now
	ExpiresAt   time.Time
}

// AuditQuery says which events to return. Its conditions all hold together;
// those that are zero do not count.
type AuditQuery struct {
	Actor       string // an ActorID
	Subject     string // a SubjectID
	SubjectType string
	Action      string    // in whole, or "user." for all of users
	From        time.Time // at or after
	To          time.Time // before
	Before      string    // older than the event with this id: the next page
	Limit       int
}

// Refusals keeps, for a day, why requests were refused.
type Refusals interface {
	// AddRefusals stores refusals, in one statement.
	AddRefusals(ctx context.Context, refusals []Refusal) error
	// DeleteRefusals removes refusals by ID and RequestID, in one statement.
	DeleteRefusals(ctx context.Context, refusals []Refusal) error
	// Refusals returns those of a request id, newest first, at most 20: clients may use an id again.
	Refusals(ctx context.Context, requestID string) ([]Refusal, error)
}

// Refusal is why one request was refused.
type Refusal struct {
	ID        string // UUIDv7, of At
	RequestID string
	At        time.Time
	Record    []byte // see package explain
	ExpiresAt time.Time
}
