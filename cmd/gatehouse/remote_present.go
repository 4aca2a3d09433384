package main

import (
	"context"

	"gatehouse/identity"
	"gatehouse/identity/wire"
)

// remotePresent is what there is on a server, page by page, as far as it says who
// may do what. Groups and applications are in one page, whichever is asked for.
type remotePresent struct{ *remote }

// Products implements bootstrap.Present.
func (r remotePresent) Products(ctx context.Context) ([]identity.Product, error) {
	found, err := r.products().list(ctx, identity.UserQuery{})
	return mapped(found.Items, func(p wire.Product) identity.Product {
		return identity.Product{Name: p.Name, Description: p.Description, BuiltIn: p.BuiltIn, CreatedAt: p.CreatedAt}
	}), err
}

// Groups implements bootstrap.Present.
func (r remotePresent) Groups(ctx context.Context, _ identity.Page) ([]identity.Group, int, error) {
	found, err := allOf(ctx, r.groups())
	return mapped(found, func(g wire.Group) identity.Group {
		return identity.Group{ID: g.ID, Name: g.Name, Product: g.Product, Permissions: g.Permissions, Metadata: g.Metadata, BuiltIn: g.BuiltIn}
	}), len(found), err
}

// Applications implements bootstrap.Present: of each, what it is called, and
// whether it may do anything.
func (r remotePresent) Applications(ctx context.Context, _ identity.Page) ([]identity.Application, int, error) {
	found, err := allOf(ctx, r.applications())
	return mapped(found, func(a wire.Application) identity.Application {
		return identity.Application{ID: a.ID, ClientID: a.ClientID, Name: a.Name, BuiltIn: a.BuiltIn, Disabled: a.Disabled, Groups: a.Groups}
	}), len(found), err
}

// UsersNamed implements bootstrap.Present, with a request for each name and for
// each e-mail address.
func (r remotePresent) UsersNamed(ctx context.Context, usernames, emails []string) ([]identity.User, error) {
	var all []identity.User
	seen := map[string]bool{}
	find := func(query identity.UserQuery) error {
		query.Page = identity.Page{Number: 1, Limit: 1}
		found, err := r.users().list(ctx, query)
		for _, u := range found.Items {
			if !seen[u.ID] {
				seen[u.ID] = true
				all = append(all, identity.User{
					ID: u.ID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName,
					Groups: u.Groups, Disabled: u.Disabled,
				})
			}
		}
		return err
	}
	for _, name := range usernames {
		if err := find(identity.UserQuery{Username: name}); err != nil {
			return nil, err
		}
	}
	for _, email := range emails {
		if err := find(identity.UserQuery{Email: email}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// allOf are all of a kind, page by page.
func allOf[T any](ctx context.Context, in collection[T]) ([]T, error) {
	var all []T
	for page := (identity.Page{Number: 1, Limit: mostEntries}); ; page.Number++ {
		found, err := in.list(ctx, identity.UserQuery{Page: page})
		if err != nil {
			return nil, err
		}
		all = append(all, found.Items...)
		if len(found.Items) == 0 || page.Number*page.Limit >= found.Total {
			return all, nil
		}
	}
}
