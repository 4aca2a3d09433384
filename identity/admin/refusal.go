package admin

import (
	"net/http"

	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// refusals are why requests with one id were refused.
type refusals struct {
	RequestID string                `json:"requestId"`
	Items     []explain.Explanation `json:"items"`
}

// readRefusals handles GET /v1/refusals/{requestId}.
func (a *API) readRefusals(c *call) error {
	id := c.param("requestId")
	if !web.WellFormedID(id) {
		return c.badPath("requestId", "must be an X-Request-Id: 1 to 128 of A-Z a-z 0-9 . _ -")
	}
	c.trail().Pass(explain.PathForm)
	items, err := explain.Read(c.ctx, a.Refusals, id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, refusals{id, items})
}
