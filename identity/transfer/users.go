package transfer

import (
	"context"
	"fmt"
	"io"

	"gatehouse/errors"
	"gatehouse/identity/registry"
)

// batchSize is how many users are written in one transaction, if they are not
// more than batchBytes in the file: in memory they may be twenty times as much.
const (
	batchSize  = 1000
	batchBytes = 4 << 20
)

// Formats of files, see UsersOptions.
const (
	FormatAuto   = ""
	FormatNDJSON = "ndjson"
	FormatCSV    = "csv"
)

// Keys, see UsersOptions.
const (
	KeyUsername = "username"
	KeyEmail    = "email"
)

// UsersDeps is what Users asks of the program; every field is required.
type UsersDeps struct {
	Registry *registry.Registry
	Verify   func(ctx context.Context, hash, password string) (ok, stale bool, err error) // see identity.Passwords
	Parse    func(text []byte) (map[string]any, error)                                    // see web.ParseObject, with its Identity codes
}

// UsersOptions say how users are imported.
type UsersOptions struct {
	// Format of the file. FormatAuto tells CSV, NDJSON and JSON documents from
	// each other: a list of users, or what Keycloak exports of a realm.
	Format   string
	Key      string         // what tells whether a user is there already; empty: KeyUsername
	DryRun   bool           // all is checked and nothing written
	Refusals int            // how many refusals the report lists
	Source   string         // what the audit trail calls the file; empty: an id is made up
	Progress func(Progress) // if it is not nil, is told after each batch
	From     Report         // where an import of the file had come to that was interrupted
	// Save, if it is not nil, is called in each transaction (in a dry run after each
	// batch) with what was committed before it, what will be once it commits, and
	// the lines that were refused in between.
	Save func(ctx context.Context, before, after Report, refused []RefusedLine) error
}

// Users creates and changes the users in a file, batch by batch, by the rules of
// the registry and as the actor of ctx. Lines that are refused are in the report
// and do not hold up the others. The error is that of the file as a whole: a form
// that is not one of those, a reader or a database that fails; errors of what is
// wrong with the file are of package errors. The report says what was done until then.
func Users(ctx context.Context, d UsersDeps, file io.Reader, o UsersOptions) (Report, error) {
	counted := &counter{Reader: file}
	lines, err := open(counted, o.Format, d.Parse)
	if err != nil {
		return Report{DryRun: o.DryRun}, err
	}
	u := &users{UsersDeps: d, UsersOptions: o, report: o.From, lines: lines, read: counted}
	u.report.DryRun = o.DryRun
	u.into = d.Registry.NewImport(registry.ImportOptions{
		ByEmail: o.Key == KeyEmail, DryRun: o.DryRun, Source: o.Source, Verify: d.Verify, Commit: u.commit,
	})
	return u.run(ctx)
}

// users is an import under way.
type users struct {
	UsersDeps
	UsersOptions
	lines  source
	read   *counter
	into   *registry.Import
	report Report // of what is committed
	now    *batch // is written
}

func (u *users) run(ctx context.Context) (Report, error) {
	if err := u.skip(); err != nil {
		return u.report, err
	}
	for {
		next, last, err := u.fill()
		if err != nil {
			return u.report, err
		}
		if err := u.write(ctx, next); err != nil || last {
			return u.report, err
		}
	}
}

// skip reads what was imported before.
func (u *users) skip() error {
	for range u.report.Lines {
		if _, err := u.lines.next(); err != nil {
			return fmt.Errorf("read again what was imported: %w", err)
		}
	}
	return nil
}

// fill reads the next batch; last means that there is no other.
func (u *users) fill() (b *batch, last bool, err error) {
	b = &batch{}
	for begin := u.read.n; len(b.lines) < batchSize && u.read.n-begin < batchBytes; {
		record, err := u.lines.next()
		if errors.Is(err, io.EOF) {
			last = true
			break
		}
		if err != nil {
			return nil, false, err
		}
		next := line{number: record.line, err: record.err, good: len(b.good)}
		if next.err == nil {
			var user registry.Imported
			if user, next.err = parseUser(record.object, u.Parse); next.err == nil {
				b.good = append(b.good, user)
			}
		}
		b.lines = append(b.lines, next)
	}
	b.end = u.read.n
	return b, last, nil
}

// write imports a batch. What the registry did before it failed is done.
func (u *users) write(ctx context.Context, b *batch) error {
	if len(b.lines) == 0 {
		return nil
	}
	u.now = b
	var err error
	if len(b.good) > 0 {
		b.results, err = u.into.Users(ctx, b.good)
	}
	if len(b.good) == 0 || u.DryRun && err == nil {
		err = u.saveApart(ctx)
	}
	u.report = b.tally(u.report, 0, b.covered(len(b.results), err == nil), u.Refusals)
	if u.Progress != nil {
		u.Progress(Progress{Report: u.report, Bytes: b.end})
	}
	return err
}

// saveApart saves what no transaction of the registry does.
func (u *users) saveApart(ctx context.Context) error {
	switch {
	case u.Save == nil:
		return nil
	case u.DryRun:
		return u.save(ctx, 0, len(u.now.lines))
	}
	return u.Registry.InTx(ctx, func(ctx context.Context) error { return u.save(ctx, 0, len(u.now.lines)) })
}

// commit is called in each transaction of the registry.
func (u *users) commit(ctx context.Context, from int, results []registry.ImportResult) error {
	if u.Save == nil {
		return nil
	}
	b := u.now
	b.results = append(b.results[:from], results...)
	return u.save(ctx, b.covered(from, false), b.covered(len(b.results), len(b.results) == len(b.good)))
}

// save saves where the import has come to with the lines of the batch up to one.
func (u *users) save(ctx context.Context, from, to int) error {
	before := u.now.tally(u.report, 0, from, u.Refusals)
	return u.Save(ctx, before, u.now.tally(before, from, to, u.Refusals), u.now.refused(from, to))
}
