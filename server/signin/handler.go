package signin

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/browser"
	"gatehouse/server/device"
	"gatehouse/server/directory"
	"gatehouse/server/explain"
	"gatehouse/server/interaction"
	"gatehouse/server/password"
	"gatehouse/server/web"
	"gatehouse/storage"
	"gatehouse/templates"
)

// Deps is all this package takes from the rest of the program.
type Deps struct {
	Issuer       string // without a slash at its end
	Browsers     *browser.Browsers
	Interactions interaction.Keeper
	Consents     Consents
	Directory    *directory.Directory
	People       *password.Checker
	Devices      device.Devices
	Pages        func() (*templates.Set, error)
	Allow        func(address string) (retryAfter time.Duration, ok bool) // the rate limit of sign-ins
	Now          func() time.Time
}

// Consents is what this package asks of storage.Consents.
type Consents interface {
	Consent(ctx context.Context, userID, applicationID string) ([]string, error)
	AddConsent(ctx context.Context, userID string, app identity.Application, scopes []string, at time.Time) error
}

// Handler serves the pages of the package.
type Handler struct{ Deps }

// New returns a Handler; every field of d is required.
func New(d Deps) *Handler { return &Handler{d} }

// Where the pages are, and where they send people afterwards.
const (
	loginPath     = "/login"
	accountsPath  = "/accounts"
	consentPath   = "/consent"
	authorizePath = "/oauth2/authorize"
)

// at is the address of a path for an interaction, without the server's own.
func at(path, interactionID string) string {
	return path + "?" + url.Values{"interaction": {interactionID}}.Encode()
}

// onward redirects a GET to where the next step is decided.
func (h *Handler) onward(v *visit) error {
	return v.c.Redirect(http.StatusSeeOther, h.Issuer+at(authorizePath, v.ID))
}

// proceed answers a form with the page that goes there.
func (h *Handler) proceed(v *visit) error {
	page, err := v.set.Proceed(templates.Proceed{
		Language: v.language(), Application: v.application(), Address: at(authorizePath, v.ID),
	})
	if err != nil {
		return err
	}
	return v.write(page)
}

// save keeps what a form has changed and goes on. When a form in another tab was
// faster, that one counts.
func (h *Handler) save(v *visit) error {
	err := h.Interactions.Save(v.c.Request().Context(), &v.Interaction)
	if err != nil && !errors.Is(err, errors.SignInExpired) {
		return err
	}
	return h.proceed(v)
}

// form reads a form, and the interaction that it belongs to.
func (h *Handler) form(c echo.Context) (*visit, url.Values, error) {
	t := web.Trail(c.Request().Context())
	form, err := web.Form(c, web.AuthCodes())
	if err != nil {
		t.Fail(explain.BodyForm, "", "a form in UTF-8, no parameter twice")
		return nil, nil, err
	}
	t.Pass(explain.BodyForm)
	v, err := h.open(c, form.Get("interaction"))
	return v, form, err
}

// check returns errors.ForgedForm unless the form was made for the browser, and
// errors.TooManyRequests when there are too many from its address.
func (h *Handler) check(c echo.Context, form url.Values) error {
	ctx := c.Request().Context()
	t := web.Trail(ctx)
	if wait, ok := h.Allow(web.AddressKey(web.ClientAddress(ctx))); !ok {
		t.Fail(explain.RateLimit, "too many of late", "the next one in "+wait.Round(time.Millisecond).String())
		return errors.TooManyRequests.After(wait)
	}
	t.Pass(explain.RateLimit)
	if err := h.Browsers.CheckForm(c, form.Get("csrf_token")); err != nil {
		t.Fail(explain.FormOwn, "", "the csrf_token of a page that this browser was shown")
		return err
	}
	t.Pass(explain.FormOwn)
	return nil
}

// signedIn says whether a user is signed in in the browser.
func signedIn(current storage.Browser, userID string) bool {
	return slices.ContainsFunc(current.Accounts, func(a storage.Account) bool { return a.UserID == userID })
}
