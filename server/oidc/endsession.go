package oidc

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/bearer"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// endSession is a request to sign out (OpenID Connect RP-Initiated Logout 1.0 §2),
// read and checked.
type endSession struct {
	Params url.Values            // those that mean something
	App    *identity.Application // that asks for it; nil: nobody knows which one
	Hint   bearer.IDToken        // zero: none that says anything
	Return string                // where people go afterwards; empty: nowhere
}

// endSessionParameters are those of a request to sign out that mean something
// here. All others are ignored.
var endSessionParameters = []string{
	"id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales",
}

// accountParameter says whom the page that asks has named. It is our own.
const accountParameter = "account"

// longestEndSession is the most bytes that the parameters may have in the address of
// a browser.
const longestEndSession = 12 << 10

// readEndSession reads the parameters of a request: of GET from the query, of a
// POST to the endpoint from the body. Those without a value are as good as left
// out.
func readEndSession(c echo.Context, post bool) (url.Values, error) {
	var form url.Values
	var err error
	if r := c.Request(); post {
		form, err = web.Form(c, web.AuthCodes())
	} else {
		form, err = web.ParseForm([]byte(r.URL.RawQuery), web.AuthCodes())
	}
	if err != nil {
		return nil, err
	}
	known := make(url.Values, len(form))
	for name := range form {
		if value := form.Get(name); value != "" && (name == accountParameter || slices.Contains(endSessionParameters, name)) {
			known.Set(name, value)
		}
	}
	if len(known.Encode()) > longestEndSession {
		return nil, errors.Malformed.On(map[string]string{"request": "is too long"})
	}
	return known, nil
}

// endSession checks who asks and where people go afterwards. An application that
// is gone or disabled may ask, for people want to sign out all the same, but has
// nowhere to go to.
func (h *Handler) endSession(ctx context.Context, params url.Values) (*endSession, error) {
	r := &endSession{Params: params}
	badHint := h.readHint(ctx, r)
	t := web.Trail(ctx)
	clientID := params.Get("client_id")
	switch issuedTo := r.Hint.ClientID; {
	case clientID == "":
		clientID = issuedTo
	case issuedTo != "" && issuedTo != clientID:
		t.Fail(explain.Hint, "issued to "+issuedTo, explain.ClientID(clientID))
		return nil, errors.Malformed.On(map[string]string{"id_token_hint": "was issued to another application"})
	}
	uri := params.Get("post_logout_redirect_uri")
	if clientID == "" {
		switch {
		case uri == "":
			return r, nil
		case badHint != nil:
			return nil, badHint
		}
		t.Fail(explain.ClientShown, "(none)", "client_id, or id_token_hint")
		return nil, errors.RedirectURIMismatch.Because(errors.New("nobody knows which application it is of"))
	}
	app, err := h.Directory.Application(ctx, clientID)
	if err != nil && !errors.Is(err, errors.ApplicationNotFound) {
		return nil, err
	}
	if err == nil && !app.Disabled {
		r.App = app
		t.SetApplication(app)
		t.Pass(explain.ClientKnown, explain.ClientEnabled)
	}
	if uri != "" {
		r.Return, err = r.way(t, clientID, uri)
	}
	return r, err
}

// readHint reads id_token_hint. One that cannot be verified says nothing: it may
// be of a key that is gone. What is wrong with it is returned.
func (h *Handler) readHint(ctx context.Context, r *endSession) error {
	hint := r.Params.Get("id_token_hint")
	if hint == "" {
		return nil
	}
	t := web.Trail(ctx)
	token, err := h.Bearer.IDToken(hint)
	if err != nil {
		t.FailToken(explain.Hint, hint, errors.From(err).Cause().Error(), "an id token of this server")
		return errors.Malformed.On(map[string]string{"id_token_hint": "is not from this server"}).Because(err)
	}
	t.Pass(explain.Hint)
	r.Hint = token
	return nil
}

// way is where people go afterwards: to an address that the application has
// registered, with what it wants to be told.
func (r *endSession) way(t *explain.Trail, clientID, uri string) (string, error) {
	if r.App == nil {
		t.Fail(explain.ClientKnown, explain.ClientID(clientID)+": none, or disabled", "")
		return "", errors.InvalidClient.Because(errors.New("the application is gone or disabled"))
	}
	if !slices.Contains(r.App.PostLogoutRedirectURIs, uri) {
		got, want := explain.Difference(uri, explain.Nearest(uri, r.App.PostLogoutRedirectURIs))
		t.Fail(explain.PostLogoutURI, got, want)
		return "", errors.RedirectURIMismatch
	}
	t.Pass(explain.PostLogoutURI)
	if state := r.Params.Get("state"); state != "" {
		return withQuery(uri, url.Values{"state": {state}}), nil
	}
	return uri, nil
}

// SignOut handles GET and POST /oauth2/logout, and GET /logout.
func (h *Handler) SignOut(c echo.Context) error {
	ctx := c.Request().Context()
	post := c.Request().Method == http.MethodPost
	params, err := readEndSession(c, post)
	switch {
	case err != nil:
		web.Trail(ctx).Fail(explain.RequestForm, "", "parameters in UTF-8, none twice")
		return err
	case post: // browsers keep cookies back when another site posts, so it comes again as GET
		return c.Redirect(http.StatusSeeOther, h.Issuer+endSessionPath+"?"+params.Encode())
	}
	params.Del(accountParameter)
	r, err := h.endSession(ctx, params)
	if err != nil {
		return err
	}
	v, err := h.leaving(c, r)
	if err != nil {
		return err
	}
	whom, sure, err := v.whom()
	switch {
	case err != nil:
		return err
	case sure:
		return v.leave(whom)
	case whom == "":
		return v.alone()
	}
	return v.ask(whom)
}

// Where people sign out: applications send them to the first, the form of ours
// goes to the second.
const (
	endSessionPath = "/oauth2/logout"
	confirmPath    = "/logout"
)
