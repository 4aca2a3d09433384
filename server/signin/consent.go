package signin

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/interaction"
	"gatehouse/templates"
)

// Consent handles GET /consent.
func (h *Handler) Consent(c echo.Context) error {
	v, err := h.open(c, c.QueryParam("interaction"))
	if err != nil {
		return err
	}
	ready, err := h.mayConsent(v)
	switch {
	case err != nil:
		return err
	case !ready:
		return h.onward(v)
	}
	return h.showConsent(v)
}

// mayConsent says whether the one who is to be asked is signed in in the browser.
func (h *Handler) mayConsent(v *visit) (bool, error) {
	if v.Step != interaction.Consent {
		return false, nil
	}
	current, err := h.Browsers.Current(v.c)
	return err == nil && signedIn(current, v.UserID), err
}

func (h *Handler) showConsent(v *visit) error {
	ctx := v.c.Request().Context()
	user, err := h.Directory.User(ctx, v.UserID)
	if err != nil {
		return err
	}
	before, err := h.Consents.Consent(ctx, v.UserID, v.app.ID)
	if err != nil {
		return err
	}
	p := templates.Consent{
		Language: v.language(), Application: v.application(), Form: h.formOf(v, consentPath), User: accountOf(user),
		Shown: v.shown(), Other: at(accountsPath, v.ID), Returns: v.returns(),
	}
	for _, item := range v.Scopes {
		kind, name, key := identity.ReadConsentItem(item)
		p.Scopes = append(p.Scopes, templates.ConsentScope{Kind: templates.ConsentKind(kind), Name: name, Description: key, New: !slices.Contains(before, item)})
	}
	page, err := v.set.Consent(p)
	if err != nil {
		return err
	}
	return v.write(page)
}

// returns is where people go afterwards.
func (v *visit) returns() string {
	if uri := v.Parameters.Get("redirect_uri"); uri != "" || len(v.app.RedirectURIs) == 0 {
		return uri
	}
	return v.app.RedirectURIs[0]
}

// shown stands for who is asked for what, and by which version of the application: a
// form that was shown for something else, in another tab or before a change, agrees
// to nothing here.
func (v *visit) shown() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d\n%s", v.UserID, v.app.ID, v.app.Version, strings.Join(v.Scopes, "\n")))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// Decide handles POST /consent.
func (h *Handler) Decide(c echo.Context) error {
	v, form, err := h.form(c)
	if err != nil {
		return err
	}
	if err := h.check(c, form); err != nil {
		return err
	}
	ready, err := h.mayConsent(v)
	switch {
	case err != nil:
		return err
	case !ready:
		return h.proceed(v)
	case form.Get("shown") != v.shown():
		return h.showConsent(v)
	}
	switch form.Get("decision") {
	case "allow":
		err := h.Consents.AddConsent(c.Request().Context(), v.UserID, *v.app, v.Scopes, h.Now())
		if errors.Is(err, errors.StaleVersion) { // it was changed a moment ago
			return h.proceed(v)
		}
		if err != nil {
			return err
		}
		v.Agreed, v.Consented = true, v.Scopes
	case "deny":
		v.Declined = true
	default:
		return h.showConsent(v)
	}
	return h.save(v)
}
