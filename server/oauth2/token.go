package oauth2

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// tokenResponse is the answer of RFC 6749 §5.1 and OpenID Connect Core §3.1.3.3.
type tokenResponse struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	Scope        string `json:"scope"`
	DeviceToken  string `json:"device_token,omitempty"`
}

// repeatable are the parameters of which a request may have several (RFC 8707 §2).
var repeatable = []string{"resource", "audience"}

// Token handles POST /oauth2/token (RFC 6749 §3.2).
func (h *Handler) Token(c echo.Context) error {
	if err := h.throttled(c); err != nil {
		return err
	}
	form, shown, err := h.standardForm(c)
	if err != nil {
		return err
	}
	g := h.newGrant(c, form.Get("grant_type"), shown)
	g.Params = form
	if g.Metadata, err = formMetadata(form); err != nil {
		g.trail.Fail(explain.Metadata, fieldsOf(errors.From(err)), "a flat JSON object")
		return err
	}
	out, err := h.issue(c.Request().Context(), g)
	if g.session != nil && g.session.App != nil {
		web.AllowApplication(c, g.session.App) // to read a refusal, too
	}
	if err != nil {
		return err
	}
	noStore(c)
	return c.JSON(http.StatusOK, tokenResponse{
		AccessToken:  out.AccessToken,
		TokenType:    "Bearer",
		ExpiresIn:    out.ExpiresIn,
		RefreshToken: out.RefreshToken,
		IDToken:      out.IDToken,
		Scope:        out.Scope,
		DeviceToken:  out.DeviceToken,
	})
}

// throttled refuses a client that asks for tokens too often.
func (h *Handler) throttled(c echo.Context) error {
	ctx := c.Request().Context()
	if wait, ok := h.Allow(web.AddressKey(web.ClientAddress(ctx))); !ok {
		web.Trail(ctx).Fail(explain.RateLimit, "too many of late", "the next one in "+wait.Round(time.Millisecond).String())
		return errors.TooManyRequests.After(wait)
	}
	web.Trail(ctx).Pass(explain.RateLimit)
	return nil
}

func (h *Handler) newGrant(c echo.Context, kind string, shown credentials) *grant {
	r := c.Request()
	return &grant{
		Type:      kind,
		Client:    shown,
		Address:   web.ClientAddress(r.Context()),
		UserAgent: web.Cut(r.UserAgent(), 255),
		trail:     web.Trail(r.Context()),
	}
}

// standardForm reads a form in RFC 6749's names and takes the client's
// credentials out of it.
func (h *Handler) standardForm(c echo.Context) (url.Values, credentials, error) {
	form, err := web.Form(c, web.AuthCodes(), repeatable...)
	noteBody(c.Request(), wantForm, err)
	if err != nil {
		return nil, credentials{}, err
	}
	shown, err := shownCredentials(c.Request(), form, "client_id", "client_secret")
	if err == nil {
		shown, err = withAssertion(c.Request(), form, shown)
	}
	noteCredentials(c.Request().Context(), err)
	return form, shown, err
}

// shownCredentials takes the client's credentials from the Authorization header
// or from the form's two fields, which it removes. Both at once are refused (RFC
// 6749 §2.3), and so is a client_id in the body that is not the header's.
func shownCredentials(r *http.Request, form url.Values, idField, secretField string) (credentials, error) {
	body := credentials{ID: form.Get(idField), Secret: form.Get(secretField), HasSecret: form.Get(secretField) != ""}
	form.Del(idField)
	form.Del(secretField)
	authorization, err := web.Authorization(r)
	if err != nil {
		return credentials{}, err
	}
	header, found, err := basicCredentials(authorization)
	switch {
	case err != nil || !found:
		return body, err
	case body.HasSecret:
		return credentials{}, errors.Malformed.On(map[string]string{secretField: "stands in the body and in the Authorization header"})
	case body.ID != "" && body.ID != header.ID:
		return credentials{}, errors.Malformed.On(map[string]string{idField: "is not the one in the Authorization header"})
	}
	return header, nil
}

// basicCredentials reads an Authorization header of the Basic scheme, whose two
// parts are form-encoded (RFC 6749 §2.3.1). Another scheme is not found.
func basicCredentials(header string) (credentials, bool, error) {
	scheme, encoded, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return credentials{}, false, nil
	}
	refused := errors.InvalidClient.Because(errors.New("malformed Basic header"))
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return credentials{}, false, refused
	}
	id, secret, ok := strings.Cut(string(decoded), ":")
	if !ok {
		return credentials{}, false, refused
	}
	if id, err = url.QueryUnescape(id); err != nil || id == "" {
		return credentials{}, false, refused
	}
	if secret, err = url.QueryUnescape(secret); err != nil {
		return credentials{}, false, refused
	}
	return credentials{ID: id, Secret: secret, HasSecret: secret != ""}, true, nil
}

// noStore keeps an answer that holds a secret out of caches (RFC 6749 §5.1).
func noStore(c echo.Context) {
	c.Response().Header().Set("Cache-Control", "no-store")
	c.Response().Header().Set("Pragma", "no-cache")
}
