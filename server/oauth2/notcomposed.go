package oauth2

import (
	"context"
	"time"

	"github.com/ory/fosite"
)

// notComposed answers for what fosite's interfaces ask for and no handler that
// provider.go composes calls: fosite's own refresh grant, its introspection, and
// its look-up of assertions. Each answer is a refusal.
type notComposed struct{}

func (notComposed) ClientAssertionJWTValid(context.Context, string) error { return fosite.ErrJTIKnown }

func (notComposed) SetClientAssertionJWT(context.Context, string, time.Time) error {
	return fosite.ErrJTIKnown
}

func (notComposed) AccessTokenSignature(context.Context, string) string { return "" }

func (notComposed) ValidateAccessToken(context.Context, fosite.Requester, string) error {
	return fosite.ErrInactiveToken
}

func (notComposed) GetAccessTokenSession(context.Context, string, fosite.Session) (fosite.Requester, error) {
	return nil, fosite.ErrNotFound
}

func (notComposed) DeleteAccessTokenSession(context.Context, string) error {
	return fosite.ErrNotFound
}

func (notComposed) RefreshTokenSignature(context.Context, string) string { return "" }

func (notComposed) ValidateRefreshToken(context.Context, fosite.Requester, string) error {
	return fosite.ErrInactiveToken
}

func (notComposed) GetRefreshTokenSession(context.Context, string, fosite.Session) (fosite.Requester, error) {
	return nil, fosite.ErrNotFound
}

func (notComposed) DeleteRefreshTokenSession(context.Context, string) error {
	return fosite.ErrNotFound
}

func (notComposed) RotateRefreshToken(context.Context, string, string) error {
	return fosite.ErrNotFound
}
