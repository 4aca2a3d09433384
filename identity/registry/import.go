package registry

import (
	"context"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// Imported is a user as a file describes it. What is empty or nil is not said:
// a user that is there keeps it.
type Imported struct {
	Username, Email         string
	Fallback                string // the username of a new user when Username is empty
	EmailVerified, Disabled *bool
	FirstName, LastName     *string
	Groups                  *[]string
	Metadata                *map[string]any
	Password, PasswordHash  string    // one of them at most; see identity.UsableHash
	ID                      string    // of a new user, a UUIDv7; an existing one must have the same
	CreatedAt               time.Time // of a new user; zero: now
}

// ImportOptions say how to import.
type ImportOptions struct {
	ByEmail bool   // the address tells whether a user is there, and not the username
	DryRun  bool   // everything is checked and nothing written
	Source  string // what the audit trail calls the file; empty: an id is made up
	// Verify says whether a password is the one that an existing user has; see
	// identity.Passwords.
	Verify func(ctx context.Context, hash, password string) (ok, stale bool, err error)
	// Commit, if it is not nil, is called in the transaction that writes some of
	// the users given, from one on, with what becomes of them once it commits.
	Commit func(ctx context.Context, from int, results []ImportResult) error
}

// ImportOutcome is what became of a user in a file.
type ImportOutcome int

// The outcomes.
const (
	ImportRefused ImportOutcome = iota
	ImportCreated
	ImportUpdated
	ImportUnchanged
)

// ImportResult is what became of a user in a file, and why it was refused.
type ImportResult struct {
	Outcome ImportOutcome
	Err     error
}

// analyzeEvery is after how many new users the database is to look how many there are.
const analyzeEvery = 5000

// Import brings the users of one file into the registry. A dry run remembers
// all users that it was shown. It is used by one goroutine.
type Import struct {
	*Registry
	ImportOptions
	seen    *roster // by a dry run
	created int     // since the database was last told to look how much there is
}

// NewImport begins an import.
func (r *Registry) NewImport(o ImportOptions) *Import {
	if o.Source == "" {
		o.Source = newID()
	}
	i := &Import{Registry: r, ImportOptions: o}
	if o.DryRun {
		i.seen = newRoster()
	}
	return i
}

// Users creates and changes the next users, about a thousand of them, in one
// transaction, and says what became of each, in their order. Where somebody else
// changes the same ones meanwhile it takes them one by one, each in a
// transaction of its own. An error means that the rest of them was not taken.
func (i *Import) Users(ctx context.Context, users []Imported) ([]ImportResult, error) {
	results, err := i.users(ctx, users)
	for _, r := range results {
		if r.Outcome == ImportCreated {
			i.created++
		}
	}
	if err != nil || i.DryRun || i.created < analyzeEvery {
		return results, err
	}
	i.created = 0
	return results, i.Store.Analyze(ctx)
}

func (i *Import) users(ctx context.Context, users []Imported) ([]ImportResult, error) {
	results, err := i.together(ctx, 0, users)
	if err == nil || i.DryRun || ctx.Err() != nil || errors.From(err).Kind == errors.KindInternal {
		return results, err
	}
	results = results[:0]
	for n := range users {
		one, err := i.alone(ctx, n, users[n])
		if err != nil {
			return results, err
		}
		results = append(results, one)
	}
	return results, nil
}

// racesLost is how often one user is tried that others change at the same time.
const racesLost = 5

// alone imports one user. What only the database can refuse was changed since it
// was read, so it is tried again; what it refuses all the same, the user is refused.
func (i *Import) alone(ctx context.Context, from int, user Imported) (ImportResult, error) {
	for n := 1; ; n++ {
		results, err := i.together(ctx, from, []Imported{user})
		if err == nil {
			return results[0], nil
		}
		kind := errors.From(err).Kind
		if kind == errors.KindInternal || ctx.Err() != nil {
			return ImportResult{}, err
		}
		if n < racesLost {
			continue
		}
		if kind == errors.KindUnavailable {
			return ImportResult{}, err
		}
		refused := []ImportResult{{Err: err}}
		return refused[0], i.InTx(ctx, func(ctx context.Context) error { return i.commit(ctx, from, refused) })
	}
}

// together imports users in one transaction.
func (i *Import) together(ctx context.Context, from int, users []Imported) (results []ImportResult, err error) {
	passwords, err := i.passwords(ctx, users)
	if err != nil {
		return nil, err
	}
	if i.DryRun {
		return i.batch(ctx, users, passwords)
	}
	err = i.InTx(ctx, func(ctx context.Context) error {
		if results, err = i.batch(ctx, users, passwords); err != nil {
			return err
		}
		return i.commit(ctx, from, results)
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

// commit lets the caller take part in the transaction.
func (i *Import) commit(ctx context.Context, from int, results []ImportResult) error {
	if i.Commit == nil {
		return nil
	}
	return i.Commit(ctx, from, results)
}

// batch decides on each user in turn, changes those that are there, and then
// creates those that are not: in this order no two of them are ever in each
// other's way.
func (i *Import) batch(ctx context.Context, users []Imported, passwords []password) ([]ImportResult, error) {
	b := &importBatch{Import: i, roster: i.seen}
	if b.roster == nil {
		b.roster = newRoster()
	}
	if err := b.load(ctx, users); err != nil {
		return nil, err
	}
	results := make([]ImportResult, len(users))
	for n, user := range users {
		outcome, err := b.user(ctx, user, passwords[n])
		var fatal *importFault
		if errors.As(err, &fatal) {
			return nil, fatal.error
		}
		if err != nil && errors.From(err).Kind == errors.KindInternal {
			return nil, err
		}
		results[n] = ImportResult{Outcome: outcome, Err: err}
	}
	if i.DryRun {
		return results, nil
	}
	return results, b.finish(ctx, results)
}

// importFault is an error that is not the user's in the file.
type importFault struct{ error }

// Unwrap returns the error.
func (f *importFault) Unwrap() error { return f.error }

// ours makes an error one that ends the batch.
func ours(err error) error {
	if err == nil {
		return nil
	}
	return &importFault{err}
}

// finish creates the users that are new, with an event for each, and appends the
// batch's own event.
func (b *importBatch) finish(ctx context.Context, results []ImportResult) error {
	created := make([]identity.User, len(b.fresh))
	events := make([]storage.AuditEvent, len(b.fresh))
	for n, c := range b.fresh {
		created[n] = c.user
		events[n] = b.event(ctx, "user.create", subjectOf(c.user))
		events[n].After = userFacts(c.user)
	}
	if err := b.Store.CreateUsers(ctx, created); err != nil {
		return err
	}
	if err := b.recordAll(ctx, events...); err != nil {
		return err
	}
	counts := make(map[ImportOutcome]int)
	for _, r := range results {
		counts[r.Outcome]++
	}
	return b.record(ctx, "user.import", Subject{"import", b.Source, b.Source}, nil, facts{
		"created": counts[ImportCreated], "updated": counts[ImportUpdated],
		"unchanged": counts[ImportUnchanged], "refused": counts[ImportRefused],
	})
}
