package oauth2

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/ory/fosite"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// client is an application as fosite sees it.
type client struct{ *identity.Application }

var _ fosite.ClientWithCustomTokenLifespans = client{}

func (c client) GetID() string                      { return c.ClientID }
func (c client) GetHashedSecret() []byte            { return nil } // see authenticate
func (c client) GetRedirectURIs() []string          { return c.RedirectURIs }
func (c client) GetGrantTypes() fosite.Arguments    { return c.GrantTypes }
func (c client) GetResponseTypes() fosite.Arguments { return nil }
func (c client) GetScopes() fosite.Arguments        { return c.Scopes }
func (c client) IsPublic() bool                     { return c.Public }
func (c client) GetAudience() fosite.Arguments      { return c.Audiences }

// GetEffectiveLifespan is the application's own lifetime, or the fallback.
func (c client) GetEffectiveLifespan(_ fosite.GrantType, kind fosite.TokenType, fallback time.Duration) time.Duration {
	switch {
	case kind == fosite.AccessToken && c.AccessTokenLifetime > 0:
		return c.AccessTokenLifetime
	case kind == fosite.RefreshToken && c.RefreshTokenLifetime > 0:
		return c.RefreshTokenLifetime
	}
	return fallback
}

// authenticateClient is fosite's ClientAuthenticationStrategy: the client that
// the grant in ctx came with or, where it brought none, the one that a password
// or refresh_token request then runs as.
func (h *Handler) authenticateClient(ctx context.Context, _ *http.Request, _ url.Values) (fosite.Client, error) {
	g := grantFrom(ctx)
	app, err := h.grantClient(ctx, g)
	if err != nil {
		return nil, err
	}
	g.session.App = app
	g.notePolicy(g.trail, app)
	return client{app}, nil
}

func (h *Handler) grantClient(ctx context.Context, g *grant) (*identity.Application, error) {
	if g.Client.ID != "" {
		return h.authenticate(ctx, g.Client)
	}
	switch g.Type {
	case identity.GrantPassword:
		return h.publicClient(ctx, identity.FirstPartyClientID)
	case identity.GrantRefreshToken:
		spent, err := h.readRefresh(ctx, g.param("refresh_token"), g.origin())
		if err != nil {
			return nil, err
		}
		if !spent.live() && !spent.token.genuine(h.Master) {
			g.trail.FailToken(explain.RefreshGenuine, spent.token.Text, "", "")
			return nil, errors.InvalidRefreshToken.Because(errMadeUp)
		}
		g.spent = spent
		return h.publicClient(ctx, spent.row.ClientID)
	}
	g.trail.Fail(explain.ClientShown, "(none)", "")
	return nil, errors.InvalidClient
}

// authenticate returns the application that the credentials belong to, or
// errors.InvalidClient. A known client with a wrong secret is read again from
// the database: its secret may just have been rotated by another node, and it
// then costs the same single read as a client that nobody knows.
func (h *Handler) authenticate(ctx context.Context, c credentials) (*identity.Application, error) {
	if c.Assertion != nil {
		return h.authenticateByKey(ctx, c.Assertion)
	}
	t := web.Trail(ctx)
	app, err := h.Directory.Application(ctx, c.ID)
	switch {
	case errors.Is(err, errors.ApplicationNotFound):
		h.Master.VerifySecret(c.Secret, "")
		t.Fail(explain.ClientKnown, explain.ClientID(c.ID), "")
		return nil, errors.InvalidClient.Because(err)
	case err != nil:
		return nil, err
	}
	if h.proves(ctx, app, c) {
		noteClient(t, app, c, true)
		return app, nil
	}
	fresh, err := h.Identity.ApplicationByClientID(ctx, c.ID)
	switch {
	case errors.Is(err, errors.ApplicationNotFound):
		t.Fail(explain.ClientKnown, explain.ClientID(c.ID), "")
		return nil, errors.InvalidClient.Because(err)
	case err != nil:
		return nil, err
	}
	proven := h.proves(ctx, &fresh, c)
	noteClient(t, &fresh, c, proven)
	if proven {
		return &fresh, nil
	}
	return nil, errors.InvalidClient
}

// proves says whether the credentials are right for an application that is not
// disabled. A secret that is hashed under an older master secret is hashed anew.
func (h *Handler) proves(ctx context.Context, app *identity.Application, c credentials) bool {
	if app.Public {
		return !c.HasSecret && !app.Disabled
	}
	now, proven, stale := h.Now(), false, -1
	for i, s := range app.Secrets {
		live := s.ExpiresAt.IsZero() || now.Before(s.ExpiresAt)
		if ok, old := h.Master.VerifySecret(c.Secret, s.Hash); ok && live {
			proven = true
			if old {
				stale = i
			}
		}
	}
	if !proven || !c.HasSecret || !app.UsesSecret() || app.Disabled {
		return false
	}
	if stale >= 0 {
		h.renewSecret(ctx, app, stale, c.Secret)
	}
	return true
}

// renewSecret hashes a secret under today's master secret, so that the older one
// can be dropped some day. The request does not depend on it.
func (h *Handler) renewSecret(ctx context.Context, app *identity.Application, stale int, secret string) {
	renewed := slices.Clone(app.Secrets)
	renewed[stale].Hash = h.Master.HashSecret(secret)
	if _, err := h.Identity.RenewClientSecrets(ctx, app.ID, app.Secrets, renewed, h.Now()); err != nil {
		h.Log.WarnContext(ctx, "client secret not re-hashed", "client", app.ClientID, "error", err)
	}
}

// publicClient returns a client that needs no credentials, or errors.InvalidClient.
func (h *Handler) publicClient(ctx context.Context, clientID string) (*identity.Application, error) {
	t := web.Trail(ctx)
	app, err := h.Directory.Application(ctx, clientID)
	switch {
	case errors.Is(err, errors.ApplicationNotFound):
		t.Fail(explain.ClientKnown, clientID, "")
		return nil, errors.InvalidClient.Because(err)
	case err != nil:
		return nil, err
	}
	noteClient(t, app, credentials{ID: clientID}, app.Public && !app.Disabled)
	if !app.Public || app.Disabled {
		return nil, errors.InvalidClient
	}
	return app, nil
}
