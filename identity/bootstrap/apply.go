package bootstrap

import (
	"cmp"
	"context"
	"slices"

	"gatehouse/errors"
	"gatehouse/identity/registry"
)

// Result is what Apply has done.
type Result struct {
	Changes []Change
	Made    []Credential
}

// Credential is a secret or password that was made up, which nobody can be shown again.
type Credential struct {
	Kind, Name string // see Change
	Field      string // "clientSecret", "password"
	Value      string
}

// attempts is how often a file is applied that others overtake. Whoever is
// overtaken plans anew, and finds the work done if it was the same file.
const attempts = 4

// Apply makes the database what the file says, in one transaction. It returns
// Mistakes when the file asks for what cannot be, and a *Failure when the rules
// refuse a change; then nothing has changed.
func (b *Bootstrap) Apply(ctx context.Context, file *File, o Options) (*Result, error) {
	ctx = registry.WithActor(ctx, registry.Actor{Type: registry.ActorBootstrap, ID: file.Name, Name: file.Name})
	for attempt := 1; ; attempt++ {
		result, err := b.applyOnce(ctx, file, o)
		if err == nil || attempt == attempts || !overtaken(err) {
			return result, err
		}
	}
}

func (b *Bootstrap) applyOnce(ctx context.Context, file *File, o Options) (*Result, error) {
	p, err := b.plan(ctx, b.Registry.Store, file, o)
	if err != nil || len(p.changes) == 0 {
		return &Result{}, err
	}
	for _, c := range p.changes {
		if c.prepare == nil {
			continue
		}
		if err := c.prepare(ctx); err != nil {
			return nil, &Failure{c, err}
		}
	}
	err = b.Registry.InTx(ctx, func(ctx context.Context) error {
		for _, c := range p.changes {
			if err := c.run(ctx); err != nil {
				return &Failure{c, err}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(p.made, func(a, b Credential) int { return cmp.Compare(a.Kind, b.Kind) })
	return &Result{p.changes, p.made}, nil
}

// overtaken says whether a change may have been refused because somebody else
// made one since the plan.
func overtaken(err error) bool {
	for _, code := range []errors.Code{
		errors.Conflict, errors.StaleVersion, errors.Unavailable, errors.InvalidApplicationName, errors.Protected,
		errors.UserNotFound, errors.GroupNotFound, errors.ApplicationNotFound, errors.ProductNotFound,
	} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}
