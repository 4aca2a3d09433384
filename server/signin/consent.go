package signin

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

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
		kind, name := identity.ReadConsentItem(item)
		p.Scopes = append(p.Scopes, templates.ConsentScope{Kind: templates.ConsentKind(kind), Name: name, New: !slices.Contains(before, item)})
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

// shown stands for who is asked for what: a form that was shown for something
// else, in another tab, agrees to nothing here.
func (v *visit) shown() string {
	sum := sha256.Sum256([]byte(v.UserID + " " + strings.Join(v.Scopes, " ")))
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
		if err := h.Consents.AddConsent(c.Request().Context(), v.UserID, v.app.ID, v.Scopes, h.Now()); err != nil {
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
