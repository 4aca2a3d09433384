package oauth2

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/ory/fosite"

	"gatehouse/errors"
	"gatehouse/identity"
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
		spent, err := h.readRefresh(ctx, g.param("refresh_token"))
		if err != nil {
			return nil, err
		}
		if !spent.live() && !spent.token.genuine(h.Master) {
			return nil, errors.InvalidRefreshToken.Because(errMadeUp)
		}
		g.spent = spent
		return h.publicClient(ctx, spent.row.ClientID)
	}
	return nil, errors.InvalidClient
}

// authenticate returns the application that the credentials belong to, or
// errors.InvalidClient. A known client with a wrong secret is read again from
// the database: its secret may just have been rotated by another node, and it
// then costs the same single read as a client that nobody knows.
func (h *Handler) authenticate(ctx context.Context, c credentials) (*identity.Application, error) {
	app, err := h.Directory.Application(ctx, c.ID)
	switch {
	case errors.Is(err, errors.ApplicationNotFound):
		h.Master.VerifySecret(c.Secret, "")
		return nil, errors.InvalidClient.Because(err)
	case err != nil:
		return nil, err
	}
	if h.proves(app, c) {
		return app, nil
	}
	fresh, err := h.Identity.ApplicationByClientID(ctx, c.ID)
	switch {
	case errors.Is(err, errors.ApplicationNotFound):
		return nil, errors.InvalidClient.Because(err)
	case err != nil:
		return nil, err
	case h.proves(&fresh, c):
		return &fresh, nil
	}
	return nil, errors.InvalidClient
}

// proves says whether the credentials are right for an application that is not disabled.
func (h *Handler) proves(app *identity.Application, c credentials) bool {
	if app.Public {
		return !c.HasSecret && !app.Disabled
	}
	now, proven := h.Now(), false
	for _, s := range app.Secrets {
		live := s.ExpiresAt.IsZero() || now.Before(s.ExpiresAt)
		if ok, _ := h.Master.VerifySecret(c.Secret, s.Hash); ok && live {
			proven = true
		}
	}
	return proven && c.HasSecret && !app.Disabled
}

// publicClient returns a client that needs no credentials, or errors.InvalidClient.
func (h *Handler) publicClient(ctx context.Context, clientID string) (*identity.Application, error) {
	app, err := h.Directory.Application(ctx, clientID)
	switch {
	case errors.Is(err, errors.ApplicationNotFound):
		return nil, errors.InvalidClient.Because(err)
	case err != nil:
		return nil, err
	case !app.Public || app.Disabled:
		return nil, errors.InvalidClient
	}
	return app, nil
}
