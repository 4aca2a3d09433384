package bootstrap

import (
	"context"
	"math"

	"gatehouse/identity"
	"gatehouse/identity/registry"
)

// Deps is all that this package takes from the rest of the program; every field
// is required.
type Deps struct {
	Registry     *registry.Registry
	VerifySecret func(secret, hash string) (ok, stale bool) // see keys.Master
}

// Bootstrap makes a database what files say.
type Bootstrap struct{ Deps }

// New returns a Bootstrap.
func New(d Deps) *Bootstrap { return &Bootstrap{d} }

// Options say how a file is meant.
type Options struct {
	// Prune: products, groups and applications that the file does not name are
	// deleted. Users never are, nor what is built in.
	Prune bool
	// Closed: there is nobody to show what would be made up, so each secret and
	// each password of what is new has to be declared.
	Closed bool
}

// state is what is in the database.
type state struct {
	products     map[string]identity.Product
	groups       map[string]identity.Group
	applications map[string]identity.Application // by client id
	users        map[string]identity.User        // by username key; those whom the file names
	emails       map[string]identity.User        // the same by e-mail key
}

// everything is one page of all there is.
var everything = identity.Page{Number: 1, Limit: math.MaxInt32}

// Present is what a file is compared with: an identity.Store, or as much of one.
type Present interface {
	Products(ctx context.Context) ([]identity.Product, error)
	Groups(ctx context.Context, page identity.Page) ([]identity.Group, int, error)
	Applications(ctx context.Context, page identity.Page) ([]identity.Application, int, error)
	UsersNamed(ctx context.Context, usernames, emails []string) ([]identity.User, error)
}

// read reads what a file is compared with, in one statement a kind or two.
func read(ctx context.Context, there Present, file *File) (*state, error) {
	products, err := there.Products(ctx)
	if err != nil {
		return nil, err
	}
	groups, _, err := there.Groups(ctx, everything)
	if err != nil {
		return nil, err
	}
	applications, _, err := there.Applications(ctx, everything)
	if err != nil {
		return nil, err
	}
	users, err := readUsers(ctx, there, file)
	if err != nil {
		return nil, err
	}
	return &state{
		products:     by(products, func(p identity.Product) string { return p.Name }),
		groups:       by(groups, func(g identity.Group) string { return g.ID }),
		applications: by(applications, func(a identity.Application) string { return a.ClientID }),
		users:        by(users, func(u identity.User) string { return identity.UsernameKey(u.Username) }),
		emails:       by(users, func(u identity.User) string { return identity.EmailKey(u.Email) }),
	}, nil
}

func readUsers(ctx context.Context, there Present, file *File) ([]identity.User, error) {
	if len(file.users) == 0 {
		return nil, nil
	}
	names, emails := make([]string, len(file.users)), make([]string, len(file.users))
	for i, u := range file.users {
		names[i], emails[i] = u.username, *u.change.Email
	}
	return there.UsersNamed(ctx, names, emails)
}

func by[T any](all []T, key func(T) string) map[string]T {
	index := make(map[string]T, len(all))
	for _, one := range all {
		index[key(one)] = one
	}
	return index
}

// plan is the work on one file: what is to be done, and what turns out to be
// wrong with the file.
type plan struct {
	*Bootstrap
	Options
	file    *File
	now     *state
	changes []Change
	effect  Effect
	made    []Credential // filled in when the changes run
	wrong   Mistakes
}

// Plan returns what Apply would do, in that order. It returns Mistakes when the
// file asks for what cannot be.
func (b *Bootstrap) Plan(ctx context.Context, file *File, o Options) ([]Change, error) {
	p, err := b.plan(ctx, b.Registry.Store, file, o)
	if err != nil {
		return nil, err
	}
	return p.changes, nil
}

func (b *Bootstrap) plan(ctx context.Context, there Present, file *File, o Options) (*plan, error) {
	now, err := read(ctx, there, file)
	if err != nil {
		return nil, err
	}
	p := &plan{Bootstrap: b, Options: o, file: file, now: now}
	for _, step := range []func() error{p.planProducts, p.planGroups, p.planApplications, p.planUsers, p.planDeletes} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return p, p.wrong.err()
}

func (p *plan) add(c Change) { p.changes = append(p.changes, c) }

// diff returns the fields in which two JSON forms differ but for the one that
// names what they are of; nil: there is none.
func diff(key string, before, after any) (fields []Field, err error) {
	var was, is facts
	if before != nil {
		if was, err = factsOf(before); err != nil {
			return nil, err
		}
	}
	if after != nil {
		if is, err = factsOf(after); err != nil {
			return nil, err
		}
	}
	delete(was, key)
	delete(is, key)
	return differences(was, is), nil
}
