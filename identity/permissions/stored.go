package permissions

import (
	"context"

	"gatehouse/identity"
)

// Stored is the database as a Source: every question reads it.
type Stored struct{ Store identity.Store }

// Policy implements Source.
func (s Stored) Policy(ctx context.Context) (*identity.Policy, error) {
	products, err := s.Store.Products(ctx)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(products))
	for i, product := range products {
		names[i] = product.Name
	}
	groups, err := s.Store.AllGroups(ctx)
	if err != nil {
		return nil, err
	}
	return identity.NewPolicy(groups, names), nil
}

// User implements Source.
func (s Stored) User(ctx context.Context, id string) (*identity.User, error) {
	user, err := s.Store.User(ctx, id)
	return &user, err
}

// UserByUsername implements Source.
func (s Stored) UserByUsername(ctx context.Context, username string) (*identity.User, error) {
	user, err := s.Store.UserByUsername(ctx, username)
	return &user, err
}

// Application implements Source.
func (s Stored) Application(ctx context.Context, clientID string) (*identity.Application, error) {
	app, err := s.Store.ApplicationByClientID(ctx, clientID)
	return &app, err
}
