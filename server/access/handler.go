package access

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity/permissions"
	"gatehouse/server/bearer"
	"gatehouse/server/caller"
	"gatehouse/server/directory"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// Deps is all this package takes from the rest of the program; every field is required.
type Deps struct {
	Issuer    string
	Bearer    *bearer.Verifier
	Directory *directory.Directory
	Crowd     permissions.Crowd
	Decided   func(allowed bool) // counts the decisions
	Now       func() time.Time
}

// Handler serves the endpoints of the package.
type Handler struct{ Deps }

// New returns a Handler.
func New(d Deps) *Handler { return &Handler{d} }

// asker returns who asks.
func (h *Handler) asker(c echo.Context) (permissions.Asker, error) {
	token, err := h.Bearer.Caller(c.Request())
	if err != nil {
		return permissions.Asker{}, err
	}
	return caller.Of(token).Asker(), nil
}

// asks finds out who asks, and returns their questions.
func (h *Handler) asks(c echo.Context) (*permissions.Asks, error) {
	asker, err := h.asker(c)
	if err != nil {
		return nil, err
	}
	return permissions.By(c.Request().Context(), h.Directory, asker)
}

// aboutOthers refuses those who may not ask about others, for a product or all.
func aboutOthers(c echo.Context, asks *permissions.Asks, product string) error {
	trail := web.Trail(c.Request().Context())
	if !asks.MayAskAboutOthers(product) {
		trail.Fail(explain.Permission, "", "permissions:get")
		return errors.AccessDenied.On(map[string]string{"permission": "permissions:get is needed"})
	}
	trail.Pass(explain.Permission)
	return nil
}

// note notes what became of a question that was not answered.
func note(ctx context.Context, sub string, err error) {
	trail := web.Trail(ctx)
	switch {
	case err == nil:
		trail.Pass(explain.SubjectKnown)
	case errors.Is(err, errors.AccessDenied):
		trail.Fail(explain.Permission, "another subject than the token's own: "+explain.Name(sub), "permissions:get")
	case errors.Is(err, errors.SubjectNotFound):
		trail.Fail(explain.SubjectKnown, explain.Name(sub), "")
	}
}
