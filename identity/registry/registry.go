package registry

import (
	"context"
	"time"

	"github.com/google/uuid"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// Store is what a Registry asks of the database.
type Store interface {
	identity.Store
	storage.Audit
	storage.Sessions
	SignOutEverywhere(ctx context.Context, userID, except string) error // see storage.Browsers
	LeaveBrowser(ctx context.Context, browserID, userID string, at, until time.Time) ([]storage.Session, error)
	InTx(ctx context.Context, f func(ctx context.Context) error) error
	DropConsents(ctx context.Context, applicationID string) error // see storage.Consents
	Analyze(ctx context.Context) error                            // see storage.Store
}

// Deps is all a Registry takes from the rest of the program; every field is required.
type Deps struct {
	Store          Store
	Hash           func(ctx context.Context, password string) (string, error) // see identity.Passwords
	Rules          identity.PasswordPolicy
	HashSecret     func(secret string) string                          // see keys.Master
	Policy         func(ctx context.Context) (*identity.Policy, error) // what the groups permit now
	SignIns        SignIns
	Emit           func(storage.AuditEvent) // told of each event once it is stored
	AuditRetention time.Duration            // how long events are kept
	Now            func() time.Time
}

// Registry changes identities. It may be used by several goroutines at once.
type Registry struct {
	Deps
	moments moments // of audit events
}

// SignIns returns in which browsers a user is signed in, each like a session at the
// built-in application whose id and BrowserID are the browser's.
type SignIns func(ctx context.Context, userID string) ([]storage.Session, error)

// New returns a Registry.
func New(d Deps) *Registry { return &Registry{Deps: d} }

// Versions are the versions that a caller is ready to change (If-Match, RFC 9110
// §13.1.1); nil: whichever there is.
type Versions []int64

// check returns errors.StaleVersion unless the version is one of them.
func (v Versions) check(version int64) error {
	if v == nil {
		return nil
	}
	for _, expected := range v {
		if expected == version {
			return nil
		}
	}
	return errors.StaleVersion
}

// pending is a transaction that has not committed yet.
type pending struct {
	events []storage.AuditEvent
	policy *identity.Policy // as it was before; nil: its actor needs no permission
}

type pendingKey struct{ *Registry }

// InTx runs f in one transaction that every method called with f's context takes
// part in. The policy is read before it: that takes a connection of its own, for which
// transactions that have them all would wait. What is newer reads Registry.standing.
func (r *Registry) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	if r.inside(ctx) {
		return f(ctx)
	}
	p := &pending{}
	if !ActorOf(ctx).trusted() {
		var err error
		if p.policy, err = r.Policy(ctx); err != nil {
			return err
		}
	}
	err := r.Store.InTx(context.WithValue(ctx, pendingKey{r}, p), func(ctx context.Context) error {
		p.events = nil
		return f(ctx)
	})
	if err != nil {
		return err
	}
	for _, event := range p.events {
		r.Emit(event)
	}
	return nil
}

// inside says whether ctx is of a transaction.
func (r *Registry) inside(ctx context.Context) bool {
	_, inside := ctx.Value(pendingKey{r}).(*pending)
	return inside
}

// policy is what the groups permit now, or before the transaction that ctx is of.
func (r *Registry) policy(ctx context.Context) (*identity.Policy, error) {
	if p, inside := ctx.Value(pendingKey{r}).(*pending); inside && p.policy != nil {
		return p.policy, nil
	}
	return r.Policy(ctx)
}

// now is the time, as the database keeps it.
func (r *Registry) now() time.Time { return r.Now().UTC().Truncate(time.Microsecond) }

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// endSessions ends the sessions of a user but one (empty: all), and with them
// their tokens, and signs them out of all browsers but the one that began that. The
// browsers come first: what they could still begin ends as well.
func (r *Registry) endSessions(ctx context.Context, userID, except string) error {
	browser := ""
	if except != "" {
		session, err := r.Store.Session(ctx, except)
		if err != nil && !errors.Is(err, errors.SessionNotFound) {
			return err
		}
		browser = session.BrowserID
	}
	if err := r.Store.SignOutEverywhere(ctx, userID, browser); err != nil {
		return err
	}
	now := r.now()
	return r.Store.EndUserSessions(ctx, userID, except, now, now.Add(storage.MaxAccessLifetime))
}

// set puts a value into a field that a change names.
func set[T any](field *T, change *T) {
	if change != nil {
		*field = *change
	}
}
