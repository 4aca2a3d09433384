package registry

import (
	"context"
	"maps"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
)

// NewApplication is an application to be created.
type NewApplication struct {
	identity.Application
	Secret string // empty: one is made up, if the application uses any
}

func subjectOfApplication(a identity.Application) Subject {
	return Subject{"application", a.ID, a.Name + " " + a.ClientID}
}

// CreateApplication creates an application and returns its secret, which is not
// shown again; one that uses none has none. What is left out gets its default.
func (r *Registry) CreateApplication(ctx context.Context, in NewApplication) (app identity.Application, secret string, err error) {
	app, secret = in.Application, in.Secret
	app.ID, app.CreatedAt, app.Version = newID(), r.now(), 1
	app.UpdatedAt, app.Groups = app.CreatedAt, nil // see AddApplication
	if app.ClientID == "" {
		app.ClientID = randomHex(clientIDBytes)
	} else { // what was issued to one that had this client id before stays dead
		app.NotBefore = app.CreatedAt.Truncate(time.Second).Add(-time.Microsecond)
	}
	Complete(&app)
	if secret == "" && app.UsesSecret() {
		secret = randomHex(secretBytes)
	}
	if secret != "" {
		app.Secrets = []identity.ClientSecret{{Hash: r.HashSecret(secret)}}
	}
	if err := app.Validate(); err != nil {
		return app, "", err
	}
	if err := r.mayMake(ctx, identity.Application{}, app); err != nil {
		return app, "", err
	}
	err = r.InTx(ctx, func(ctx context.Context) error {
		if err := r.namesProducts(ctx, identity.Application{}, app); err != nil {
			return err
		}
		if err := r.Store.CreateApplication(ctx, app); err != nil {
			return err
		}
		return r.record(ctx, "application.create", subjectOfApplication(app), nil, applicationFacts(app))
	})
	return app, secret, err
}

// Complete gives an application the defaults of what was left out.
func Complete(a *identity.Application) {
	if a.GrantTypes == nil && !a.Public {
		a.GrantTypes = []string{identity.GrantClientCredentials}
	}
	if a.Scopes == nil && (a.Allows(identity.GrantPassword) || a.Allows(identity.GrantAuthorizationCode)) {
		a.Scopes = []string{"openid", "profile", "email", "offline_access", "groups"}
	}
	if a.TokenEndpointAuthMethod == "" {
		a.TokenEndpointAuthMethod = authMethod(a.Public)
	}
	if a.IDTokenSignedResponseAlg == "" {
		a.IDTokenSignedResponseAlg = "RS256"
	}
}

func authMethod(public bool) string {
	if public {
		return identity.AuthNone
	}
	return identity.AuthBasic
}

// UpdateApplication changes an application. Disabling ends its sessions and
// tokens; one that does not use a secret any more loses it, and one that its users
// would not take for the one they consented to asks them anew. One that speaks for
// users from now on does so by its newest secret alone.
func (r *Registry) UpdateApplication(ctx context.Context, id string, change ApplicationChange, versions Versions) (app identity.Application, err error) {
	return r.changeApplication(ctx, "application.update", id, versions, func(ctx context.Context, app *identity.Application, now time.Time) (facts, error) {
		before := *app
		if change.Disabled != nil && *change.Disabled && !app.Disabled {
			app.NotBefore = now
		}
		if change.Public != nil && *change.Public != app.Public {
			app.Secrets, app.TokenEndpointAuthMethod = nil, authMethod(*change.Public)
		}
		change.Apply(app)
		if !app.UsesSecret() {
			app.Secrets = nil
		}
		if app.SpeaksForUsers() && !before.SpeaksForUsers() {
			app.Secrets = newest(app.Secrets)
		}
		if err := r.mayMake(ctx, before, *app); err != nil {
			return nil, err
		}
		if err := r.namesProducts(ctx, before, *app); err != nil || !asksAnew(before, *app) {
			return nil, err
		}
		return nil, r.Store.DropConsents(ctx, app.ID)
	})
}

// DeleteApplication removes an application; its sessions and tokens die with it.
func (r *Registry) DeleteApplication(ctx context.Context, id string, versions Versions) error {
	return r.InTx(ctx, func(ctx context.Context) error {
		app, err := r.applicationToChange(ctx, id, versions)
		if err != nil {
			return err
		}
		if app.BuiltIn {
			return errors.Protected.On(map[string]string{"id": "is a built-in application"})
		}
		if err := r.Store.DeleteApplication(ctx, id, r.now()); err != nil {
			return err
		}
		return r.record(ctx, "application.delete", subjectOfApplication(app), applicationFacts(app), nil)
	})
}

// changeApplication changes an application in a transaction of its own. The
// change may return what else the audit trail is to know.
func (r *Registry) changeApplication(ctx context.Context, action, id string, versions Versions, change func(ctx context.Context, app *identity.Application, now time.Time) (facts, error)) (app identity.Application, err error) {
	err = r.InTx(ctx, func(ctx context.Context) error {
		before, err := r.applicationToChange(ctx, id, versions)
		if err != nil {
			return err
		}
		app = before
		now := r.now()
		more, err := change(ctx, &app, now)
		if err != nil {
			return err
		}
		if err := app.Validate(); err != nil {
			return err
		}
		app.Version, app.UpdatedAt = before.Version+1, now
		if err := r.Store.UpdateApplication(ctx, app); err != nil {
			return err
		}
		after := applicationFacts(app)
		maps.Copy(after, more)
		return r.record(ctx, action, subjectOfApplication(app), applicationFacts(before), after)
	})
	return app, err
}

func (r *Registry) applicationToChange(ctx context.Context, id string, versions Versions) (identity.Application, error) {
	app, err := r.Store.ApplicationToChange(ctx, id)
	if err != nil {
		return app, err
	}
	if err := versions.check(app.Version); err != nil {
		return app, err
	}
	return app, r.mayTouch(ctx, "id", powersOver(app)...)
}
