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
	Secret string // empty: one is made up, unless the application is public
}

// ApplicationChange is what to change of an application; nil fields stay as they are.
type ApplicationChange struct {
	Description                                                              *string
	Public, Disabled                                                         *bool
	GrantTypes, Scopes, Audiences                                            *[]string
	RedirectURIs, PostLogoutRedirectURIs, AllowedOrigins                     *[]string
	TokenEndpointAuthMethod, JWKS, JWKSURI, BackchannelLogoutURI, IDTokenAlg *string
	AccessTokenLifetime, RefreshTokenLifetime, SessionLifetime               *time.Duration
	Metadata                                                                 *map[string]any
}

func subjectOfApplication(a identity.Application) Subject {
	return Subject{"application", a.ID, a.Name + " " + a.ClientID}
}

func applicationFacts(a identity.Application) facts {
	return facts{
		"name": a.Name, "description": a.Description, "clientId": a.ClientID, "public": a.Public, "disabled": a.Disabled,
		"grantTypes": a.GrantTypes, "scopes": a.Scopes, "audiences": a.Audiences, "redirectUris": a.RedirectURIs,
		"postLogoutRedirectUris": a.PostLogoutRedirectURIs, "allowedOrigins": a.AllowedOrigins,
		"tokenEndpointAuthMethod": a.TokenEndpointAuthMethod, "jwks": a.JWKS, "jwksUri": a.JWKSURI,
		"backchannelLogoutUri": a.BackchannelLogoutURI, "accessTokenLifetime": a.AccessTokenLifetime.Seconds(),
		"refreshTokenLifetime": a.RefreshTokenLifetime.Seconds(), "sessionLifetime": a.SessionLifetime.Seconds(),
		"idTokenSignedResponseAlg": a.IDTokenSignedResponseAlg, "metadata": a.Metadata,
	}
}

// CreateApplication creates an application and returns its secret, which is not
// shown again; a public one has none. What is left out gets its default.
func (r *Registry) CreateApplication(ctx context.Context, in NewApplication) (app identity.Application, secret string, err error) {
	app, secret = in.Application, in.Secret
	app.ID, app.CreatedAt, app.Version = newID(), r.now(), 1
	app.UpdatedAt = app.CreatedAt
	if app.ClientID == "" {
		app.ClientID = randomHex(clientIDBytes)
	} else { // what was issued to one that had this client id before stays dead
		app.NotBefore = app.CreatedAt.Truncate(time.Second).Add(-time.Microsecond)
	}
	Complete(&app)
	if secret == "" && !app.Public {
		secret = randomHex(secretBytes)
	}
	if secret != "" {
		app.Secrets = []identity.ClientSecret{{Hash: r.HashSecret(secret)}}
	}
	if err := app.Validate(); err != nil {
		return app, "", err
	}
	if err := r.mayTouch(ctx, "name", identity.EditorGroup(app.Name)); err != nil {
		return app, "", err
	}
	err = r.InTx(ctx, func(ctx context.Context) error {
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
	if a.Scopes == nil && a.Allows(identity.GrantPassword) {
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
// tokens; one that becomes public loses its secrets.
func (r *Registry) UpdateApplication(ctx context.Context, id string, change ApplicationChange, versions Versions) (app identity.Application, err error) {
	return r.changeApplication(ctx, "application.update", id, versions, func(app *identity.Application, now time.Time) (facts, error) {
		if change.Disabled != nil && *change.Disabled && !app.Disabled {
			app.NotBefore = now
		}
		if change.Public != nil && *change.Public != app.Public {
			app.Secrets, app.TokenEndpointAuthMethod = nil, authMethod(*change.Public)
		}
		change.Apply(app)
		return nil, nil
	})
}

// Apply makes the change to an application.
func (c ApplicationChange) Apply(a *identity.Application) {
	set(&a.Description, c.Description)
	set(&a.Public, c.Public)
	set(&a.Disabled, c.Disabled)
	set(&a.GrantTypes, c.GrantTypes)
	set(&a.Scopes, c.Scopes)
	set(&a.Audiences, c.Audiences)
	set(&a.RedirectURIs, c.RedirectURIs)
	set(&a.PostLogoutRedirectURIs, c.PostLogoutRedirectURIs)
	set(&a.AllowedOrigins, c.AllowedOrigins)
	set(&a.TokenEndpointAuthMethod, c.TokenEndpointAuthMethod)
	set(&a.JWKS, c.JWKS)
	set(&a.JWKSURI, c.JWKSURI)
	set(&a.BackchannelLogoutURI, c.BackchannelLogoutURI)
	set(&a.IDTokenSignedResponseAlg, c.IDTokenAlg)
	set(&a.AccessTokenLifetime, c.AccessTokenLifetime)
	set(&a.RefreshTokenLifetime, c.RefreshTokenLifetime)
	set(&a.SessionLifetime, c.SessionLifetime)
	set(&a.Metadata, c.Metadata)
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
func (r *Registry) changeApplication(ctx context.Context, action, id string, versions Versions, change func(app *identity.Application, now time.Time) (facts, error)) (app identity.Application, err error) {
	err = r.InTx(ctx, func(ctx context.Context) error {
		before, err := r.applicationToChange(ctx, id, versions)
		if err != nil {
			return err
		}
		app = before
		now := r.now()
		more, err := change(&app, now)
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
	powers := []string{identity.EditorGroup(app.Name)}
	if app.BuiltIn { // administrators sign in through it
		powers = append(powers, identity.AdminGroup)
	}
	return app, r.mayTouch(ctx, "id", powers...)
}
