package signin

import (
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/browser"
	"gatehouse/server/claims"
	"gatehouse/server/explain"
	"gatehouse/server/interaction"
	"gatehouse/server/password"
	"gatehouse/server/web"
	"gatehouse/storage"
	"gatehouse/templates"
)

// longestUsername is how much of what was sent as a username, in bytes, is shown
// again.
const longestUsername = 255

// Login handles GET /login.
func (h *Handler) Login(c echo.Context) error {
	v, err := h.open(c, c.QueryParam("interaction"))
	switch {
	case err != nil:
		return err
	case v.Step != interaction.SignIn:
		return h.onward(v)
	}
	p, err := h.loginPage(v)
	if err != nil {
		return err
	}
	if p.Username == "" {
		p.Username = web.Cut(v.Parameters.Get("login_hint"), longestUsername)
	}
	page, err := v.set.Login(p)
	if err != nil {
		return err
	}
	return v.write(page)
}

// loginPage is the page without what was sent.
func (h *Handler) loginPage(v *visit) (templates.Login, error) {
	p := templates.Login{Language: v.language(), Application: v.application(), Form: h.formOf(v, loginPath), NoRemember: !h.Browsers.Remembers()}
	if v.Account == "" {
		return p, nil
	}
	current, err := h.Browsers.Current(v.c)
	i := slices.IndexFunc(current.Accounts, func(a storage.Account) bool { return a.UserID == v.Account })
	if err != nil || i < 0 {
		return p, err // an application may name anybody: who that is, it does not get to see
	}
	user, err := h.user(v, v.Account)
	if err != nil || user == nil {
		return p, err
	}
	account := accountOf(user)
	p.Account, p.Username, p.Remember = &account, user.Username, current.Accounts[i].Remembered
	p.Other = at(accountsPath, v.ID)
	return p, nil
}

// SignIn handles POST /login.
func (h *Handler) SignIn(c echo.Context) error {
	v, form, err := h.form(c)
	switch {
	case err != nil:
		return err
	case v.Step != interaction.SignIn:
		return h.proceed(v)
	}
	if err := h.check(c, form); err != nil {
		return h.askAgain(v, form, err)
	}
	proven, err := h.prove(v, form)
	if err != nil {
		return h.askAgain(v, form, err)
	}
	if err := h.signIn(v, proven, form.Get("remember") == "yes"); err != nil {
		return h.askAgain(v, form, err)
	}
	v.SignInAs(proven.User.ID)
	return h.save(v)
}

// signIn has somebody who has proved who they are signed in in the browser, which
// is from now on a device that they are known to sign in from.
func (h *Handler) signIn(v *visit, proven password.Proven, remember bool) error {
	var noted *storage.SignedIn
	err := h.Browsers.SignIn(v.c, browser.SignIn{
		UserID: proven.User.ID, ACR: claims.ACRPassword, AMR: []string{claims.AMRPassword}, Remember: remember, Password: proven.Hash,
		Device: h.Devices.Token(proven.User, proven.Device),
		SignedIn: func(browserID string) *storage.SignedIn {
			noted = h.People.SignedIn(v.c.Request().Context(), proven, map[string]any{"application": v.ClientID, "browser": browserID})
			return noted
		},
	})
	if err == nil {
		h.People.Noted(noted)
	}
	return err
}

// prove finds out who has sent the form.
func (h *Handler) prove(v *visit, form url.Values) (password.Proven, error) {
	ctx := v.c.Request().Context()
	for _, name := range []string{"username", "password"} {
		if form.Get(name) == "" {
			web.Trail(ctx).Fail(explain.BodyFields, "no "+name, "a username and a password")
			return password.Proven{}, errors.MissingFields.On(web.Fields("is required", name))
		}
	}
	return h.People.Check(ctx, password.Attempt{
		Username: form.Get("username"), Password: form.Get("password"), Only: v.Account,
		Address: web.ClientAddress(ctx), Devices: h.Browsers.KnownDevices(v.c),
	})
}

// askAgain shows the page once more, with what was wrong, if people can do
// something about it there. The password is not kept.
func (h *Handler) askAgain(v *visit, form url.Values, err error) error {
	problem := problemOf(errors.From(err))
	if problem == "" {
		return err
	}
	p, failed := h.loginPage(v)
	if failed != nil {
		return failed
	}
	if p.Account == nil && problem != templates.LoginExpired { // another site may have sent it
		p.Username = web.Cut(form.Get("username"), longestUsername)
	}
	p.Problem, p.Remember = problem, form.Get("remember") == "yes"
	if problem == templates.LoginAnother {
		if p.Asked, failed = h.asked(v); failed != nil {
			return failed
		}
	}
	page, failed := v.set.Login(p)
	if failed != nil {
		return failed
	}
	return &refused{err, v, page}
}

// asked is what the account is called that has to sign in, if the application may
// know: it has shown an id token of the account.
func (h *Handler) asked(v *visit) (string, error) {
	if !v.Hinted {
		return "", nil
	}
	user, err := h.user(v, v.Account)
	if err != nil || user == nil {
		return "", err
	}
	return accountOf(user).Name, nil
}

// problemOf is what the page says about a fault; "" for one that it does not know.
func problemOf(fault *errors.Fault) templates.LoginProblem {
	switch fault.Code {
	case errors.InvalidCredentials:
		return templates.LoginWrong
	case errors.AnotherAccount:
		return templates.LoginAnother
	case errors.MissingFields:
		if _, ok := fault.Fields["username"]; ok {
			return templates.LoginNoUsername
		}
		return templates.LoginNoPassword
	case errors.TooManyRequests:
		return templates.LoginTooMany
	case errors.ForgedForm:
		return templates.LoginExpired
	case errors.Unavailable:
		return templates.LoginUnavailable
	default:
		return ""
	}
}
