package oidc

import (
	"cmp"

	"github.com/labstack/echo/v4"

	"gatehouse/server/explain"
	"gatehouse/server/web"
	"gatehouse/templates"
)

// ask shows the page that asks whether to sign out.
func (v *leaving) ask(userID string) error {
	user, err := v.h.Directory.User(v.c.Request().Context(), userID)
	if err != nil {
		return err
	}
	action := v.Params
	action.Set(accountParameter, userID)
	page, err := v.set.LogoutConfirm(templates.LogoutConfirm{
		Language:    v.language(),
		Application: v.application(),
		Form:        templates.Form{Action: confirmPath + "?" + action.Encode(), CSRF: v.h.Browsers.Token(v.c)},
		Account:     &templates.Account{ID: user.ID, Name: cmp.Or(user.FullName(), user.Username), Email: user.Email},
	})
	if err != nil {
		return err
	}
	return v.write(page)
}

// ConfirmSignOut handles POST /logout: the answer to the page that asks. The
// request that it is about stands in its address, and is checked once more.
func (h *Handler) ConfirmSignOut(c echo.Context) error {
	ctx := c.Request().Context()
	t := web.Trail(ctx)
	form, err := web.Form(c, web.AuthCodes())
	if err != nil {
		t.Fail(explain.BodyForm, "", "a form in UTF-8, no parameter twice")
		return err
	}
	t.Pass(explain.BodyForm)
	if err := h.Browsers.CheckForm(c, form.Get("csrf_token")); err != nil {
		t.Fail(explain.FormOwn, "", "the csrf_token of a page that this browser was shown")
		return err
	}
	t.Pass(explain.FormOwn)
	params, err := readEndSession(c, false)
	if err != nil {
		t.Fail(explain.RequestForm, "", "parameters in UTF-8, none twice")
		return err
	}
	userID := params.Get(accountParameter)
	params.Del(accountParameter)
	r, err := h.endSession(ctx, params)
	if err != nil {
		return err
	}
	v, err := h.leaving(c, r)
	switch {
	case err != nil:
		return err
	case form.Get("logout") != "yes":
		return v.stay()
	case !v.has(userID):
		return v.gone(nil) // not any more
	}
	return v.leave(userID)
}

// stay shows the page for people who do not want to sign out.
func (v *leaving) stay() error {
	page, err := v.set.StillSignedIn(templates.StillSignedIn{Language: v.language(), Application: v.application()})
	if err != nil {
		return err
	}
	return v.write(page)
}
