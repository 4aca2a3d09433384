package oauth2

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// Revoke handles POST /oauth2/revoke (RFC 7009). A refresh token takes its
// session and every token of it along; an access token goes alone. A token that
// means nothing to us is as good as revoked.
func (h *Handler) Revoke(c echo.Context) error {
	form, caller, err := h.clientForm(c)
	if err != nil {
		return err
	}
	web.AllowApplication(c, caller)
	if err := h.revoke(c.Request().Context(), caller, form.Get("token")); err != nil {
		return err
	}
	noStore(c)
	return c.NoContent(http.StatusOK)
}

func (h *Handler) revoke(ctx context.Context, caller *identity.Application, token string) error {
	if strings.Contains(token, ".") {
		return h.revokeAccess(ctx, caller, token)
	}
	return h.revokeRefresh(ctx, caller, token)
}

func (h *Handler) revokeAccess(ctx context.Context, caller *identity.Application, token string) error {
	t, err := h.Bearer.Inspect(ctx, token)
	switch {
	case errors.Is(err, errors.TokenInvalid), errors.Is(err, errors.TokenRevoked):
		return nil
	case err != nil:
		return err
	case t.ClientID != caller.ClientID:
		web.Trail(ctx).Fail(explain.TokenOfClient, "a token of "+t.ClientID, caller.ClientID)
		return errors.ForeignToken
	}
	return h.RevokeToken(ctx, t.ID, t.ExpiresAt)
}

// revokeRefresh ends the session of any refresh token that we issued, also of
// one that was spent since: who holds it wants it dead.
func (h *Handler) revokeRefresh(ctx context.Context, caller *identity.Application, token string) error {
	shown, err := h.readRefresh(ctx, token, storage.Origin{})
	switch {
	case errors.Is(err, errors.InvalidRefreshToken):
		return nil
	case err != nil:
		return err
	case !shown.live() && !shown.token.genuine(h.Master):
		return nil
	case shown.row.ClientID != caller.ClientID:
		web.Trail(ctx).Fail(explain.RefreshClient, "a token of "+shown.row.ClientID, caller.ClientID)
		return errors.ForeignToken
	}
	return h.endSession(ctx, shown.row.ID)
}
