package storagetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
)

// CreateApplication creates an application, and its product unless that is there.
func CreateApplication(t testing.TB, s identity.Store, app identity.Application) {
	t.Helper()
	err := s.CreateProduct(t.Context(), identity.Product{Name: app.Name, CreatedAt: app.CreatedAt})
	if errors.Is(err, errors.Conflict) {
		err = nil
	}
	if err := errors.Join(err, s.CreateApplication(t.Context(), app)); err != nil {
		t.Fatalf("create application: %v", err)
	}
}

// DisableUser disables or enables a user.
func DisableUser(ctx context.Context, s identity.Store, id string, disabled bool, at time.Time) error {
	user, err := s.User(ctx, id)
	if err != nil {
		return err
	}
	user.Disabled, user.UpdatedAt, user.Version = disabled, at, user.Version+1
	return s.UpdateUser(ctx, user)
}

// DisableApplication disables or enables an application.
func DisableApplication(ctx context.Context, s identity.Store, id string, disabled bool, at time.Time) error {
	app, err := s.Application(ctx, id)
	if err != nil {
		return err
	}
	if disabled {
		app.NotBefore = at
	}
	app.Disabled, app.UpdatedAt, app.Version = disabled, at, app.Version+1
	return s.UpdateApplication(ctx, app)
}
