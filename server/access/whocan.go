package access

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gatehouse/identity"
	"gatehouse/identity/permissions"
	"gatehouse/identity/wire"
)

// The bounds of how many usernames are shown.
const (
	mostShown  = 1000
	usualShown = 100
)

// WhoCan handles POST /v1/permissions/who-can.
func (h *Handler) WhoCan(c echo.Context) error {
	asks, err := h.asks(c)
	if err != nil {
		return err
	}
	most := usualShown
	question, err := body(c, func(r *reading) identity.Question {
		most = r.number("limit", 1, mostShown, usualShown)
		return identity.Question{Resource: r.need("resource"), Action: r.need("action"), Product: r.text("product")}
	})
	if err != nil {
		return err
	}
	if err := aboutOthers(c, asks, question.Product); err != nil {
		return err
	}
	able, err := permissions.WhoCan(c.Request().Context(), asks.Policy(), h.Crowd, question, most)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, wire.FromAble(able))
}
