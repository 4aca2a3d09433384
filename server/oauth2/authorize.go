package oauth2

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/interaction"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// authorizePath is where authorization requests come in.
const authorizePath = "/oauth2/authorize"

// pagePaths are where people do their part of a request.
var pagePaths = map[interaction.Step]string{
	interaction.SignIn:  "/login",
	interaction.Choose:  "/accounts",
	interaction.Consent: "/consent",
}

// Authorize handles GET and POST /oauth2/authorize (RFC 6749 §4.1.1, OpenID Connect
// Core §3.1.2). With interaction as its only parameter of interest, GET goes on
// with a request after a person has done their part.
func (h *Handler) Authorize(c echo.Context) error {
	params, err := readAuthorization(c)
	noteBody(c.Request(), wantForm, err)
	if err != nil {
		return err
	}
	if c.Request().Method == http.MethodPost {
		// Browsers keep cookies back when another site posts, so it comes again as GET.
		return h.sendTo(c, authorizePath, knownParameters(params))
	}
	if id := params.Get("interaction"); id != "" && !params.Has("client_id") {
		return h.resume(c, id)
	}
	params, pushed, err := h.pushedRequest(c.Request().Context(), knownParameters(params))
	if err != nil {
		return err
	}
	return h.goOn(c, params, pushed, interaction.Interaction{})
}

// resume goes on with a request that has waited for a person. What was registered
// or taken away meanwhile counts.
func (h *Handler) resume(c echo.Context, id string) error {
	i, err := h.Interactions.Read(c.Request().Context(), id, h.Browsers.Binding(c))
	if err != nil {
		return err
	}
	return h.goOn(c, i.Parameters, true, i)
}

// goOn decides what comes next of a request and does it. i is where it waits, if
// it has had to wait.
func (h *Handler) goOn(c echo.Context, params url.Values, pushed bool, i interaction.Interaction) error {
	ctx := c.Request().Context()
	a, err := h.authorization(ctx, params, pushed)
	if err != nil {
		return h.refuse(ctx, a, i, err)
	}
	current, err := h.Browsers.Current(c)
	if err != nil {
		return h.refuse(ctx, a, i, err)
	}
	v, err := h.decide(ctx, a, i.State, current.Accounts)
	switch {
	case err != nil:
		return h.refuse(ctx, a, i, err)
	case v.Step != "":
		return h.ask(c, a, i, v)
	}
	return h.grantCode(c, a, i, current, v.Account)
}

// decide asks for what a verdict depends on, no more of it than it takes.
func (h *Handler) decide(ctx context.Context, a *authorization, done interaction.State, accounts []storage.Account) (verdict, error) {
	f := facts{Done: done, Accounts: accounts, Now: h.Now()}
	if hint := a.Params.Get("login_hint"); hint != "" && len(accounts) > 1 {
		var err error
		if f.Hinted, err = h.Directory.Called(ctx, hint, accounts); err != nil {
			return verdict{}, err
		}
	}
	v := choose(a, f)
	if v.Err == nil && v.Step == "" && a.App.SignInAuthority() == identity.AuthorityConsent {
		consented, err := h.Consents.Consent(ctx, v.Account.UserID, a.App.ID)
		if err != nil {
			return verdict{}, err
		}
		v = agree(a, f, v.Account, consented)
	}
	a.note(web.Trail(ctx), v, accounts)
	return v, v.Err
}

// ask sends the browser to the page on which a person does the next step.
func (h *Handler) ask(c echo.Context, a *authorization, i interaction.Interaction, v verdict) error {
	ctx := c.Request().Context()
	next := i.State
	next.ClientID, next.Parameters = a.App.ClientID, a.Params
	next.Step, next.Account, next.Scopes = v.Step, v.Only, nil
	next.Hinted = a.Hinted && v.Only != "" && v.Only == a.Subject
	if v.Step == interaction.Consent {
		next.SignedIn = next.SignedIn && next.UserID == v.Account.UserID
		next.UserID, next.Scopes = v.Account.UserID, a.Consent()
	} else {
		next.SignedIn, next.Agreed, next.Consented = false, false, nil
	}
	if i.ID == "" {
		if err := h.throttled(c); err != nil {
			return h.refuse(ctx, a, i, err)
		}
		begun, err := h.Interactions.Begin(ctx, h.Browsers.Binding(c), next)
		if err != nil {
			return h.refuse(ctx, a, i, err)
		}
		i = begun
	} else if !reflect.DeepEqual(i.State, next) {
		err := h.Interactions.Change(ctx, &i, next)
		if err != nil && !errors.Is(err, errors.SignInExpired) { // another tab was faster, and its page knows what comes next
			return h.refuse(ctx, a, i, err)
		}
	}
	return h.sendTo(c, pagePaths[v.Step], url.Values{"interaction": {i.ID}})
}

// sendTo sends the browser to a path of this server.
func (h *Handler) sendTo(c echo.Context, path string, query url.Values) error {
	return c.Redirect(http.StatusSeeOther, strings.TrimSuffix(h.config.Issuer, "/")+path+"?"+query.Encode())
}

// grantCode issues the code that the request has asked for, and takes it to the
// application.
func (h *Handler) grantCode(c echo.Context, a *authorization, i interaction.Interaction, current storage.Browser, account storage.Account) error {
	ctx := withAuthorization(c.Request().Context(), a)
	a.browser, a.account = current.ID, account
	for _, scope := range a.Scopes {
		a.request.GrantScope(scope)
	}
	for _, audience := range a.Audience {
		a.request.GrantAudience(audience)
	}
	if i.ID != "" { // first, so that of two requests that go on with it one gets a code
		err := h.Interactions.End(ctx, i)
		switch {
		case errors.Is(err, errors.SignInExpired):
			return err
		case err != nil:
			return h.refuse(ctx, a, interaction.Interaction{}, err)
		}
	}
	response, err := h.provider.NewAuthorizeResponse(ctx, a.request, &session{App: a.App})
	if err != nil {
		return h.refuse(ctx, a, interaction.Interaction{}, refusal(err))
	}
	if err := h.Browsers.Use(c, current, account.UserID); err != nil {
		return h.refuse(ctx, a, interaction.Interaction{}, err)
	}
	return h.answer(c, a, answer{{"code", response.GetCode()}})
}
