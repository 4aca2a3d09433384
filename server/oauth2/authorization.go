package oauth2

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ory/fosite"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/claims"
	"gatehouse/server/explain"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// authorization is an authorization request, read and checked.
type authorization struct {
	Params      url.Values // those that mean something
	App         *identity.Application
	RedirectURI string // where the answer goes
	Mode        string // how: query or form_post
	Scopes      []string
	Audience    []string
	Prompt      prompt
	MaxAge      time.Duration // of the sign-in; negative: any
	Subject     string        // id of the user whom the application means; empty: anybody
	Hinted      bool          // by an id token
	Asked       claims.Asked

	request fosite.AuthorizeRequester
	browser string          // id of the browser, once a code is issued
	account storage.Account // who goes on, once a code is issued
}

// The ways in which answers go back (OAuth 2.0 Multiple Response Types §2.1,
// Form Post Response Mode §2).
const (
	modeQuery    = "query"
	modeFormPost = "form_post"
)

// authorization checks a request: first who asks and where the answer goes. With a
// fault that the application may be told of it returns what is known of the
// request as well. pushed means that it came from the application itself.
func (h *Handler) authorization(ctx context.Context, params url.Values, pushed bool) (*authorization, error) {
	a := &authorization{Params: params, Mode: modeQuery, MaxAge: -1}
	if err := h.checkReturn(ctx, a); err != nil {
		return nil, err
	}
	t := web.Trail(ctx)
	if err := a.checkForm(t, pushed); err != nil {
		return a, err
	}
	if err := a.checkReach(t); err != nil {
		return a, err
	}
	if err := h.checkPerson(ctx, a); err != nil {
		return a, err
	}
	request, err := h.provider.NewAuthorizeRequest(withAuthorization(ctx, a), a.clean())
	if err != nil {
		return a, refusal(err)
	}
	a.request = request
	return a, nil
}

// checkReturn finds out who asks and where the answer goes. Its faults are for
// people to see: nobody can tell whose the address is.
func (h *Handler) checkReturn(ctx context.Context, a *authorization) error {
	t := web.Trail(ctx)
	clientID, uri := a.Params.Get("client_id"), a.Params.Get("redirect_uri")
	if clientID == "" {
		t.Fail(explain.ClientShown, "(none)", "client_id")
		return errors.MissingFields.On(map[string]string{"client_id": "is required"})
	}
	app, err := h.Directory.Application(ctx, clientID)
	switch {
	case errors.Is(err, errors.ApplicationNotFound):
		t.Fail(explain.ClientKnown, explain.ClientID(clientID), "")
		return errors.InvalidClient.Because(err)
	case err != nil:
		return err
	}
	t.SetApplication(app)
	t.Pass(explain.ClientKnown)
	if app.Disabled {
		t.Fail(explain.ClientEnabled, "disabled", "enabled")
		return errors.InvalidClient.Because(errors.New("the application is disabled"))
	}
	t.Pass(explain.ClientEnabled)
	switch {
	case uri == "" && (len(app.RedirectURIs) != 1 || slices.Contains(strings.Fields(a.Params.Get("scope")), "openid")):
		t.Fail(explain.RedirectURI, "(none)", explain.List(app.RedirectURIs))
		return errors.MissingFields.On(map[string]string{"redirect_uri": "is required"})
	case uri == "":
		uri = app.RedirectURIs[0]
	case !registered(app, uri):
		noteRedirectURI(t, app, uri)
		return errors.RedirectURIMismatch
	}
	t.Pass(explain.RedirectURI)
	a.App, a.RedirectURI = app, uri
	return nil
}

// checkForm checks how the request is made, and how it wants to be answered.
func (a *authorization) checkForm(t *explain.Trail, pushed bool) error {
	wrong := func(c explain.Check, field, got, reason string) error {
		t.Fail(c, explain.Name(got), reason)
		return errors.Malformed.On(map[string]string{field: reason})
	}
	ofWeb := strings.HasPrefix(a.RedirectURI, "https://") || strings.HasPrefix(a.RedirectURI, "http://")
	switch mode := a.Params.Get("response_mode"); {
	case mode == modeFormPost && !ofWeb:
		return wrong(explain.ResponseMode, "response_mode", mode, "must be query, for the redirect URI is not of the web")
	case mode == modeFormPost:
		a.Mode = modeFormPost
	case mode != "" && mode != modeQuery:
		return wrong(explain.ResponseMode, "response_mode", mode, "must be query or form_post")
	}
	t.Pass(explain.ResponseMode)
	switch {
	case a.Params.Has("request"):
		return errors.RequestNotSupported
	case a.Params.Has("request_uri"):
		return errors.RequestURINotSupported
	case a.App.RequirePAR && !pushed:
		t.Fail(explain.RequestPushed, "parameters in the browser's request", "a pushed request")
		return errors.PushRequired
	}
	switch kind := a.Params.Get("response_type"); kind {
	case "":
		t.Fail(explain.ResponseType, "(none)", "code")
		return errors.MissingFields.On(map[string]string{"response_type": "is required"})
	case "code":
		t.Pass(explain.ResponseType)
		return checkPKCE(t, a.App, a.Params)
	default:
		t.Fail(explain.ResponseType, explain.Name(kind), "code")
		return errors.UnsupportedResponseType
	}
}

// checkReach checks what the application asks for. One that asks for no scopes
// gets those that it may ask for, as with every grant.
func (a *authorization) checkReach(t *explain.Trail) error {
	app := a.App
	if !app.Allows(identity.GrantAuthorizationCode) {
		t.Fail(explain.GrantAllowed, identity.GrantAuthorizationCode, explain.List(app.GrantTypes))
		return errors.GrantNotAllowed
	}
	t.Pass(explain.GrantAllowed)
	g := grant{Params: a.Params, trail: t}
	if err := g.checkLists(); err != nil {
		return err
	}
	if !g.noteScopes(t, app) {
		return errors.InvalidScope
	}
	if !g.noteAudience(t, app) {
		return errors.InvalidTarget
	}
	a.Scopes, a.Audience = app.Scopes, []string{app.ClientID}
	if asked := strings.Fields(a.Params.Get("scope")); len(asked) > 0 {
		a.Scopes = unique(asked)
	}
	if asked := slices.Concat(a.Params["audience"], a.Params["resource"]); len(asked) > 0 {
		a.Audience = unique(asked)
	}
	return nil
}

// Consent is all that people are asked about: scopes, those of claims that are
// asked for one by one too; whom tokens are for; and the mappings to claims that
// are released. See identity.ReadConsentItem.
func (a *authorization) Consent() []string {
	var items []string
	for _, scope := range slices.Concat(a.Scopes, a.Asked.Scopes(a.App)) {
		items = append(items, identity.ScopeItem(scope))
	}
	for _, audience := range a.Audience {
		if audience != a.App.ClientID {
			items = append(items, identity.AudienceItem(audience))
		}
	}
	for _, mapping := range a.released() {
		items = append(items, mapping.ConsentItem())
	}
	return unique(items)
}

// released are the mappings to claims that the session is to release.
func (a *authorization) released() []identity.Claim {
	return a.App.ReleasedClaims(a.Scopes, a.Asked.Names(a.App))
}

// clean is the request as fosite wants to see it: see grant.request.
func (a *authorization) clean() *http.Request {
	form := make(url.Values, len(a.Params))
	form["state"] = []string{"left to the answer"} // fosite wants one, and a long one
	for _, name := range []string{"client_id", "redirect_uri", "response_type", "response_mode", "scope", "code_challenge", "code_challenge_method"} {
		if a.Params.Has(name) {
			form[name] = a.Params[name]
		}
	}
	if asked := slices.Concat(a.Params["audience"], a.Params["resource"]); len(asked) > 0 {
		form["audience"] = asked
	}
	return &http.Request{Method: http.MethodGet, Header: http.Header{}, URL: &url.URL{}, Form: form, PostForm: url.Values{}}
}

// unique is the list with each text once.
func unique(list []string) []string {
	var once []string
	for _, one := range list {
		if !slices.Contains(once, one) {
			once = append(once, one)
		}
	}
	return once
}

type authorizationKey struct{}

// withAuthorization lets fosite's callbacks find the authorization request.
func withAuthorization(ctx context.Context, a *authorization) context.Context {
	return context.WithValue(ctx, authorizationKey{}, a)
}

func authorizationFrom(ctx context.Context) *authorization {
	return ctx.Value(authorizationKey{}).(*authorization)
}
