package oauth2

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/bearer"
	"gatehouse/server/explain"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// ScopeIntrospect lets an application, such as an API gateway, introspect every
// access token. Without it, it may see its own tokens and those meant for it.
const ScopeIntrospect = "introspect"

// introspection is the answer of RFC 7662 §2.2. Whatever is not active says
// nothing more than that.
type introspection struct {
	Active    bool     `json:"active"`
	Scope     string   `json:"scope,omitempty"`
	ClientID  string   `json:"client_id,omitempty"`
	Username  string   `json:"username,omitempty"`
	TokenType string   `json:"token_type,omitempty"`
	ExpiresAt int64    `json:"exp,omitempty"`
	IssuedAt  int64    `json:"iat,omitempty"`
	NotBefore int64    `json:"nbf,omitempty"`
	Subject   string   `json:"sub,omitempty"`
	Audience  []string `json:"aud,omitempty"`
	Issuer    string   `json:"iss,omitempty"`
	ID        string   `json:"jti,omitempty"`
	SessionID string   `json:"sid,omitempty"`
	Type      string   `json:"type,omitempty"`
	AuthTime  int64    `json:"auth_time,omitempty"`
	AMR       []string `json:"amr,omitempty"`
	Groups    []string `json:"groups,omitempty"`

	Authority identity.Authority `json:"authority,omitempty"` // of a user's token
}

// Introspect handles POST /oauth2/introspect (RFC 7662).
func (h *Handler) Introspect(c echo.Context) error {
	ctx := c.Request().Context()

	form, caller, err := h.clientForm(c)
	if err != nil {
		return err
	}
	if caller.Public {
		web.Trail(ctx).Fail(explain.MayIntrospect, "a public client", "a confidential one")
		return errors.InvalidClient.Because(errors.New("a public client may not introspect"))
	}
	answer, err := h.introspect(ctx, caller, form.Get("token"))
	if err != nil {
		return err
	}
	noStore(c)
	return c.JSON(http.StatusOK, answer)
}

// introspect tells what a token is worth to the caller; the form of the token,
// not the token_type_hint, says which kind it is.
func (h *Handler) introspect(ctx context.Context, caller *identity.Application, token string) (introspection, error) {
	if strings.Contains(token, ".") {
		return h.introspectAccess(ctx, caller, token)
	}
	return h.introspectRefresh(ctx, caller, token)
}

func (h *Handler) introspectAccess(ctx context.Context, caller *identity.Application, token string) (introspection, error) {
	t, err := h.Bearer.Inspect(ctx, token)
	switch {
	case errors.Is(err, errors.TokenInvalid), errors.Is(err, errors.TokenRevoked):
		return introspection{}, nil
	case err != nil:
		return introspection{}, err
	case !maySee(caller, t):
		return introspection{}, nil
	}
	answer := introspection{
		Active:    true,
		Scope:     strings.Join(t.Scopes, " "),
		ClientID:  t.ClientID,
		TokenType: "Bearer",
		ExpiresAt: t.ExpiresAt.Unix(),
		IssuedAt:  t.IssuedAt.Unix(),
		NotBefore: t.IssuedAt.Unix(),
		Subject:   t.Subject,
		Audience:  t.Audience,
		Issuer:    h.config.Issuer,
		ID:        t.ID,
		SessionID: t.SessionID,
		Type:      t.Type,
		AMR:       t.AMR,
		Groups:    t.Groups,
		Authority: t.Authority,
	}
	if t.User != nil {
		answer.Username, answer.AuthTime = t.User.Username, t.AuthTime.Unix()
	}
	return answer, nil
}

// maySee says whether a token was issued to the caller or is meant for it: by its
// client id, or by a resource that it shares.
func maySee(caller *identity.Application, t *bearer.Token) bool {
	return t.ClientID == caller.ClientID ||
		slices.Contains(t.Audience, caller.ClientID) ||
		slices.ContainsFunc(t.Audience, func(a string) bool { return slices.Contains(caller.Audiences, a) }) ||
		slices.Contains(caller.Scopes, ScopeIntrospect)
}

// introspectRefresh shows a refresh token to the application it belongs to.
func (h *Handler) introspectRefresh(ctx context.Context, caller *identity.Application, token string) (introspection, error) {
	shown, err := h.readRefresh(ctx, token, storage.Origin{})
	switch {
	case errors.Is(err, errors.InvalidRefreshToken):
		return introspection{}, nil
	case err != nil:
		return introspection{}, err
	}
	row, now := shown.row, h.Now()
	if row.ClientID != caller.ClientID || !shown.live() || !row.Live(now) || caller.Ended(row.CreatedAt) {
		return introspection{}, nil
	}
	user, err := h.Directory.User(ctx, row.UserID)
	switch {
	case errors.Is(err, errors.UserNotFound):
		return introspection{}, nil
	case err != nil:
		return introspection{}, err
	case user.Disabled:
		return introspection{}, nil
	}
	return introspection{
		Active:    true,
		Scope:     strings.Join(row.Scopes, " "),
		ClientID:  row.ClientID,
		Username:  user.Username,
		ExpiresAt: row.Refresh.ExpiresAt.Unix(),
		IssuedAt:  row.LastUsedAt.Unix(),
		Subject:   cmp.Or(row.Subject, row.UserID),
		Audience:  row.Audience,
		Issuer:    h.config.Issuer,
		SessionID: row.ID,
		AuthTime:  row.AuthTime.Unix(),
		AMR:       row.AMR,
		Authority: caller.AuthorityNow(authorityOf(row, caller)),
	}, nil
}

// clientForm reads the form of an endpoint that only clients may use, and which
// client sent it (RFC 7009 §2.1, RFC 7662 §2.1).
func (h *Handler) clientForm(c echo.Context) (url.Values, *identity.Application, error) {
	form, shown, err := h.standardForm(c)
	if err != nil {
		return nil, nil, err
	}
	t := web.Trail(c.Request().Context())
	if form.Get("token") == "" {
		t.Fail(explain.BodyFields, "without token", "token")
		return nil, nil, errors.MissingFields.On(map[string]string{"token": "is required"})
	}
	if shown.ID == "" {
		t.Fail(explain.ClientShown, "(none)", "")
		return nil, nil, errors.InvalidClient.Because(errors.New("no client authentication"))
	}
	app, err := h.authenticate(c.Request().Context(), shown)
	if err != nil {
		return nil, nil, err
	}
	return form, app, nil
}
