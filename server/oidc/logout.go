package oidc

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/explain"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// Logout handles POST /v1/logout. The form's id_token_hint is an id token or an
// access token, expired or not, or the jti of one.
func (h *Handler) Logout(c echo.Context) error {
	trail := web.Trail(c.Request().Context())
	form, err := web.Form(c, web.AuthCodes())
	if err != nil {
		trail.Fail(explain.BodyForm, "", "a form with id_token_hint")
		return err
	}
	trail.Pass(explain.BodyForm)
	hint := form.Get("id_token_hint")
	form.Del("id_token_hint")
	for field := range form {
		trail.Fail(explain.BodyFields, explain.Name(field), "id_token_hint")
		return errors.UnexpectedFields.On(web.Fields(web.ReasonUnexpected, field))
	}
	if hint == "" {
		trail.Fail(explain.BodyFields, "without id_token_hint", "id_token_hint")
		return errors.MissingFields.On(web.Fields(web.ReasonRequired, "id_token_hint"))
	}
	if err := h.logout(c.Request().Context(), hint); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// logout ends the session that the hint belongs to. An application's token has
// none: it is revoked itself. The user of a session that a browser began leaves
// that, and with it all that was begun there: else they would be back at the next
// click.
func (h *Handler) logout(ctx context.Context, text string) error {
	hint, err := h.Bearer.ReadHint(ctx, text)
	if err != nil {
		return err
	}
	now := h.Now()
	until := now.Add(storage.MaxAccessLifetime)
	if hint.SessionID == "" {
		return h.RevokeToken(ctx, hint.TokenID, until)
	}
	session, err := h.Sessions.Session(ctx, hint.SessionID)
	switch {
	case errors.Is(err, errors.SessionNotFound):
		return nil
	case err != nil:
		return err
	case session.BrowserID != "" && session.EndedAt.IsZero():
		_, err = h.Browsers.Leave(ctx, session.BrowserID, session.UserID)
	default:
		_, err = h.Sessions.EndSession(ctx, session.ID, now, until)
	}
	return err
}
