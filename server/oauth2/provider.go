package oauth2

import (
	"context"
	"log/slog"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/compose"

	"gatehouse/identity"
	"gatehouse/server/bearer"
	"gatehouse/server/browser"
	"gatehouse/server/clientkeys"
	"gatehouse/server/device"
	"gatehouse/server/directory"
	"gatehouse/server/interaction"
	"gatehouse/server/keys"
	"gatehouse/server/password"
	"gatehouse/server/quota"
	"gatehouse/storage"
	"gatehouse/templates"
)

// Deps is all this package takes from the rest of the program.
type Deps struct {
	Identity    IdentityStore
	Sessions    storage.Sessions
	Codes       Codes
	Consents    storage.Consents
	Browsers    *browser.Browsers
	Pages       func() (*templates.Set, error)
	RevokeToken func(ctx context.Context, jti string, until time.Time) error // see storage.Changes
	Directory   *directory.Directory
	Keys        *keys.Ring
	ClientKeys  *clientkeys.Keys
	Master      *keys.Master
	Bearer      *bearer.Verifier
	People      *password.Checker
	Devices     device.Devices
	Allow       func(address string) (retryAfter time.Duration, ok bool) // the rate limit of token requests
	Audit       Auditor
	Issued      func(grant string) // counts issued tokens
	Now         func() time.Time
	Log         *slog.Logger

	Interactions interaction.Keeper
}

// Codes keeps codes and pushed requests.
type Codes interface {
	OnceOnly(ctx context.Context, text string, until time.Time) (bool, error)
	CreateCode(ctx context.Context, code storage.Code) error
	DeleteCode(ctx context.Context, kind string, hash []byte) error
	Code(ctx context.Context, kind string, hash []byte) (storage.Code, error)
	SpendCode(ctx context.Context, kind string, hash []byte, sessionID string, at time.Time) (bool, error)
	Redeem(ctx context.Context, kind string, hash []byte, session storage.Session, at time.Time) (bool, error)
}

// IdentityStore is what this package asks of identity.Store.
type IdentityStore interface {
	ApplicationByClientID(ctx context.Context, clientID string) (identity.Application, error)
	RenewClientSecrets(ctx context.Context, id string, old, renewed []identity.ClientSecret, at time.Time) (bool, error)
}

// Handler serves the endpoints of the package.
type Handler struct {
	Deps
	config   Config
	provider fosite.OAuth2Provider
	pushed   *quota.Bound[string]
}

// New returns a Handler; every field of d is required, and c must be valid.
func New(c Config, d Deps) *Handler {
	h := &Handler{Deps: d, config: c.WithDefaults(), pushed: newPushedBound(d.Now)}
	config := &fosite.Config{
		AccessTokenLifespan:          h.config.AccessLifetime,
		RefreshTokenLifespan:         h.config.RefreshLifetime,
		RefreshTokenScopes:           []string{},
		ScopeStrategy:                exactScope,
		AudienceMatchingStrategy:     exactAudience,
		ClientAuthenticationStrategy: h.authenticateClient,
		EnforcePKCEForPublicClients:  true,
		AuthorizeCodeLifespan:        codeLifetime,
	}
	h.provider = compose.Compose(config, store{Handler: h}, store{Handler: h},
		// The grants we speak. What is not listed is off.
		compose.OAuth2ResourceOwnerPasswordCredentialsFactory, //nolint:staticcheck // the contract has the password grant; it is off for every application that was not given it
		compose.OAuth2ClientCredentialsGrantFactory,
		compose.OAuth2AuthorizeExplicitFactory,
		compose.OAuth2PKCEFactory, // after the code that it belongs to
		own(refreshGrant{h}),
		own(idTokens{h}), // last: it needs the access token
	)
	for i, handler := range config.TokenEndpointHandlers {
		config.TokenEndpointHandlers[i] = quiet{handler}
	}
	return h
}

// quiet is a handler that is only asked about its own grant. fosite asks every
// handler to fill the answer, and each of its own says no with a stack trace.
type quiet struct{ fosite.TokenEndpointHandler }

func (q quiet) PopulateTokenEndpointResponse(ctx context.Context, r fosite.AccessRequester, out fosite.AccessResponder) error {
	if !q.CanHandleTokenEndpointRequest(ctx, r) {
		return fosite.ErrUnknownRequest
	}
	return q.TokenEndpointHandler.PopulateTokenEndpointResponse(ctx, r, out)
}

func own(handler fosite.TokenEndpointHandler) compose.Factory {
	return func(fosite.Configurator, any, any) any { return handler }
}

// endSession ends a session and kills its tokens.
func (h *Handler) endSession(ctx context.Context, id string) error {
	_, err := h.endLiveSession(ctx, id)
	return err
}

// endLiveSession is endSession, and says whether the session had not ended before.
func (h *Handler) endLiveSession(ctx context.Context, id string) (bool, error) {
	now := h.Now()
	return h.Sessions.EndSession(ctx, id, now, now.Add(storage.MaxAccessLifetime))
}
