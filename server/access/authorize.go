package access

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity/permissions"
	"gatehouse/identity/wire"
	"gatehouse/server/web"
)

// Authorize handles POST /v1/authorize.
func (h *Handler) Authorize(c echo.Context) error {
	ctx := c.Request().Context()

	asks, err := h.asks(c)
	if err != nil {
		return err
	}
	question, err := body(c, (*reading).question)
	if err != nil {
		return err
	}
	explained, err := explained(c, asks, question)
	if err != nil {
		return err
	}
	answer, err := asks.Ask(ctx, question)
	note(ctx, question.Subject, err)
	if err != nil {
		return err
	}
	h.Decided(answer.Allowed)
	out := wire.Decision{Authorized: answer.Allowed, Timestamp: h.timestamp()}
	if explained {
		out.Reason = wire.ReasonOf(answer)
	}
	return c.JSON(http.StatusOK, out)
}

// explained says whether the request asks for the reasons of decisions, which
// tell of groups and of who is in them. It returns errors.AccessDenied when the
// asker may not know that of one of the questions.
func explained(c echo.Context, asks *permissions.Asks, questions ...permissions.Question) (bool, error) {
	ctx := c.Request().Context()
	if c.Request().URL.RawQuery == "" {
		return false, nil
	}
	q, err := web.ParseQuery(c.Request())
	if err != nil {
		return false, err
	}
	wanted := q.Flag("explain")
	if err := q.Err(ctx); err != nil {
		return false, err
	}
	if wanted && slices.ContainsFunc(questions, func(q permissions.Question) bool { return !asks.MayAskAboutOthers(q.Product) }) {
		note(ctx, "", errNoReasons)
		return false, errNoReasons
	}
	return wanted, nil
}

var errNoReasons = errors.AccessDenied.On(map[string]string{"explain": "permissions:get is needed to be told the reason"})

// timestamp is when a decision was made, in whole milliseconds.
func (h *Handler) timestamp() time.Time { return h.Now().UTC().Truncate(time.Millisecond) }
