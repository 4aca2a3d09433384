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
	in, err := h.prove(v, form)
	if err != nil {
		return h.askAgain(v, form, err)
	}
	if err := h.Browsers.SignIn(c, in); err != nil {
		return h.askAgain(v, form, err)
	}
	v.SignInAs(in.UserID)
	return h.save(v)
}

// prove finds out who has sent the form.
func (h *Handler) prove(v *visit, form url.Values) (browser.SignIn, error) {
	ctx := v.c.Request().Context()
	for _, name := range []string{"username", "password"} {
		if form.Get(name) == "" {
			web.Trail(ctx).Fail(explain.BodyFields, "no "+name, "a username and a password")
			return browser.SignIn{}, errors.MissingFields.On(web.Fields("is required", name))
		}
	}
	proven, err := h.People.Check(ctx, password.Attempt{
		Username: form.Get("username"), Password: form.Get("password"), Only: v.Account, Address: web.ClientAddress(ctx),
	})
	if err != nil {
		return browser.SignIn{}, err
	}
	return browser.SignIn{
		UserID: proven.User.ID, ACR: claims.ACRPassword, AMR: []string{claims.AMRPassword}, Remember: form.Get("remember") == "yes",
		Device: proven.Device, Password: proven.Hash,
	}, nil
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
	page, failed := v.set.Login(p)
	if failed != nil {
		return failed
	}
	return &refused{err, v, page}
}

// problemOf is what the page says about a fault; "" for one that it does not know.
func problemOf(fault *errors.Fault) templates.LoginProblem {
	switch fault.Code {
	case errors.InvalidCredentials:
		return templates.LoginWrong
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
