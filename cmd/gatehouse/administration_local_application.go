package main

import (
	"context"

	"github.com/google/uuid"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/identity/wire"
)

// localApplications are the applications in a database.
type localApplications struct{ local }

func applicationForm(a identity.Application) versioned[wire.Application] {
	return versioned[wire.Application]{wire.FromApplication(a, ""), a.Version}
}

func (l localApplications) list(ctx context.Context, query identity.UserQuery) (listing[wire.Application], error) {
	apps, total, err := l.store.Applications(ctx, query.Page)
	return pageOf(mapped(apps, func(a identity.Application) wire.Application { return wire.FromApplication(a, "") }), query.Page, total), err
}

func (l localApplications) find(ctx context.Context, name string) (string, error) {
	if id, err := uuid.Parse(name); err == nil {
		return id.String(), nil
	}
	app, err := l.store.ApplicationByClientID(ctx, name)
	if errors.Is(err, errors.ApplicationNotFound) {
		return "", nobody("application", name)
	}
	return app.ID, err
}

func (l localApplications) read(ctx context.Context, id string) (versioned[wire.Application], error) {
	app, err := l.store.Application(ctx, id)
	return applicationForm(app), err
}

func (l localApplications) create(ctx context.Context, body map[string]any) (versioned[wire.Application], error) {
	return l.withSecret(func(r *registry.Registry) (app identity.Application, secret string, err error) {
		if body, err = received(body); err != nil {
			return app, "", err
		}
		in, err := wire.ParseNewApplication(body)
		if err != nil {
			return app, "", err
		}
		return r.CreateApplication(ctx, in)
	})
}

func (l localApplications) update(ctx context.Context, id string, body map[string]any, versions registry.Versions) (versioned[wire.Application], error) {
	return changed(l.local, applicationForm, func(r *registry.Registry) (app identity.Application, err error) {
		if body, err = received(body); err != nil {
			return app, err
		}
		change, err := wire.ParseApplicationChange(body)
		if err != nil {
			return app, err
		}
		return r.UpdateApplication(ctx, id, change, versions)
	})
}

func (l localApplications) remove(ctx context.Context, id string, versions registry.Versions) error {
	return l.change(func(r *registry.Registry) error { return r.DeleteApplication(ctx, id, versions) })
}

func (l local) rotateSecret(ctx context.Context, applicationID string, body map[string]any) (versioned[wire.Application], error) {
	return localApplications{l}.withSecret(func(r *registry.Registry) (app identity.Application, secret string, err error) {
		if body, err = received(body); err != nil {
			return app, "", err
		}
		keepOldFor, err := wire.ParseRotation(body)
		if err != nil {
			return app, "", err
		}
		return r.RotateSecret(ctx, applicationID, "", keepOldFor, nil)
	})
}

// withSecret makes a change that makes a secret, which takes the master secret.
func (l localApplications) withSecret(change func(r *registry.Registry) (identity.Application, string, error)) (v versioned[wire.Application], err error) {
	if _, err := l.master(); err != nil {
		return v, err
	}
	err = l.change(func(r *registry.Registry) error {
		app, secret, err := change(r)
		v = versioned[wire.Application]{wire.FromApplication(app, secret), app.Version}
		return err
	})
	return v, err
}
