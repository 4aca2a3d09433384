package oidc

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/caller"
	"gatehouse/server/explain"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// consentResponse is one entry of GET /v1/consents.
type consentResponse struct {
	Application string    `json:"application"` // client id
	Name        string    `json:"name"`
	Scopes      []string  `json:"scopes"`
	Audiences   []string  `json:"audiences"`
	Claims      []string  `json:"claims"` // made from what is recorded about the user
	GrantedAt   time.Time `json:"grantedAt"`
	UpdatedAt   time.Time `json:"updatedAt"`
}

// ListConsents handles GET /v1/consents. With a token that
// rests on a consent an application sees its own.
func (h *Handler) ListConsents(c echo.Context) error {
	ctx := c.Request().Context()
	token, err := h.user(c)
	if err != nil {
		return err
	}
	consents, err := h.Consents.ConsentsOfUser(ctx, token.User.ID)
	if err != nil {
		return err
	}
	list := make([]consentResponse, 0, len(consents))
	for _, consent := range consents {
		if !caller.Of(token).MayKnowOf(consent.ClientID) {
			continue
		}
		app, err := h.Directory.Application(ctx, consent.ClientID)
		if errors.Is(err, errors.ApplicationNotFound) { // it has gone meanwhile, and the consent with it
			continue
		}
		if err != nil {
			return err
		}
		list = append(list, consentOf(app, consent))
	}
	return c.JSON(http.StatusOK, list)
}

func consentOf(app *identity.Application, consent storage.Consent) consentResponse {
	out := consentResponse{
		Application: consent.ClientID, Name: app.ShownName(), Scopes: []string{}, Audiences: []string{}, Claims: []string{},
		GrantedAt: consent.GrantedAt, UpdatedAt: consent.UpdatedAt,
	}
	for _, item := range consent.Scopes {
		switch kind, name, _ := identity.ReadConsentItem(item); kind {
		case identity.ConsentScope:
			out.Scopes = append(out.Scopes, name)
		case identity.ConsentProduct:
			out.Scopes = append(out.Scopes, identity.ProductScope(name))
		case identity.ConsentAudience:
			out.Audiences = append(out.Audiences, name)
		case identity.ConsentClaim:
			out.Claims = append(out.Claims, name)
		}
	}
	return out
}

// WithdrawConsent handles DELETE /v1/consents/{clientId}. The user's sessions at the
// application end with the consent.
func (h *Handler) WithdrawConsent(c echo.Context) error {
	ctx := c.Request().Context()
	token, err := h.user(c)
	if err != nil {
		return err
	}
	trail := web.Trail(ctx)
	clientID := web.PathParam(c.Request(), c.Param("clientId"))
	if !caller.Of(token).MayKnowOf(clientID) {
		trail.Fail(explain.ConsentGiven, "to "+explain.ClientID(clientID), "to "+token.Application.ClientID)
		return errors.ConsentNotFound
	}
	app, err := h.Directory.Application(ctx, clientID)
	if errors.Is(err, errors.ApplicationNotFound) {
		trail.Fail(explain.ConsentGiven, "no application "+explain.ClientID(clientID), "")
		return errors.ConsentNotFound
	}
	if err != nil {
		return err
	}
	now := h.Now()
	withdrawn, err := h.Consents.WithdrawConsent(ctx, token.User.ID, app.ID, now, now.Add(storage.MaxAccessLifetime))
	if err != nil {
		return err
	}
	if !withdrawn {
		trail.Fail(explain.ConsentGiven, "none to "+clientID, "")
		return errors.ConsentNotFound
	}
	return c.NoContent(http.StatusNoContent)
}
