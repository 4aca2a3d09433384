package access

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// Permissions handles GET /v1/permissions: what the token's own subject may do.
func (h *Handler) Permissions(c echo.Context) error { return h.list(c, "") }

// PermissionsOf handles GET /v1/permissions/{sub}.
func (h *Handler) PermissionsOf(c echo.Context) error {
	return h.about(c, web.PathParam(c.Request(), c.Param("sub")))
}

// PermissionsOfOwned handles GET /v1/permissions/{owner}/{sub}: the same for a
// subject whose owner is a part of the path of its own.
func (h *Handler) PermissionsOfOwned(c echo.Context) error {
	owner, sub := c.Param("owner"), c.Param("sub")
	if owner == "" || strings.Contains(sub, "/") { // Echo's last parameter is all that follows
		return errors.RouteNotFound
	}
	return h.about(c, web.PathParam(c.Request(), owner)+"/"+web.PathParam(c.Request(), sub))
}

func (h *Handler) about(c echo.Context, sub string) error {
	if sub == "" || len(sub) > longest {
		web.Trail(c.Request().Context()).Fail(explain.PathForm, explain.Name(sub), "a subject")
		return errors.InvalidPath.With("sub").On(map[string]string{"sub": "must be a subject: a user, a role or an application"})
	}
	return h.list(c, sub)
}

func (h *Handler) list(c echo.Context, sub string) error {
	ctx := c.Request().Context()

	asks, err := h.asks(c)
	if err != nil {
		return err
	}
	q, err := web.ParseQuery(c.Request())
	if err != nil {
		return err
	}
	product := q.Text("product")
	if err := q.Err(ctx); err != nil {
		return err
	}
	permitted, err := asks.List(ctx, sub, product)
	note(ctx, sub, err)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, permitted)
}
