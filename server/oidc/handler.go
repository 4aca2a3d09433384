package oidc

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/bearer"
	"gatehouse/server/browser"
	"gatehouse/server/directory"
	"gatehouse/server/explain"
	"gatehouse/server/keys"
	"gatehouse/server/web"
	"gatehouse/storage"
	"gatehouse/templates"
)

// Deps is all this package takes from the rest of the program.
type Deps struct {
	Issuer      string
	Sessions    storage.Sessions
	RevokeToken func(ctx context.Context, jti string, until time.Time) error // see storage.Changes
	Keys        *keys.Ring
	Bearer      *bearer.Verifier
	Browsers    *browser.Browsers
	Consents    Consents
	Directory   *directory.Directory
	Pages       func() (*templates.Set, error)
	Now         func() time.Time
}

// Consents is what this package asks of storage.Consents.
type Consents interface {
	ConsentsOfUser(ctx context.Context, userID string) ([]storage.Consent, error)
	WithdrawConsent(ctx context.Context, userID, applicationID string, at, until time.Time) (bool, error)
}

// Handler serves the endpoints of the package.
type Handler struct {
	Deps
	discovery document
}

// New returns a Handler; every field of d is required.
func New(d Deps) (*Handler, error) {
	discovery, err := newDiscovery(d.Issuer)
	if err != nil {
		return nil, err
	}
	return &Handler{Deps: d, discovery: discovery}, nil
}

// user returns whom the request's access token speaks for, at endpoints that only
// make sense for users.
func (h *Handler) user(c echo.Context) (*bearer.Token, error) {
	token, err := h.Bearer.Caller(c.Request())
	return ofUser(c, token, err)
}

// ofUser lets a token pass that was verified and is a user's.
func ofUser(c echo.Context, token *bearer.Token, err error) (*bearer.Token, error) {
	if err != nil {
		return nil, err
	}
	if token.User == nil {
		web.Trail(c.Request().Context()).Fail(explain.TokenOfUser, "an application's", "a user's")
		return nil, errors.AccessDenied.Because(errors.New("the token is an application's"))
	}
	return token, nil
}
