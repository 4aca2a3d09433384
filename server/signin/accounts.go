package signin

import (
	"github.com/labstack/echo/v4"

	"gatehouse/storage"
	"gatehouse/templates"
)

// Accounts handles GET /accounts. People may come here at any step, to go on as
// somebody else.
func (h *Handler) Accounts(c echo.Context) error {
	v, err := h.open(c, c.QueryParam("interaction"))
	if err != nil {
		return err
	}
	current, err := h.Browsers.Current(c)
	switch {
	case err != nil:
		return err
	case len(current.Accounts) == 0:
		return h.onward(v) // there is nothing to choose from any more
	}
	page, err := h.chooser(v, current)
	if err != nil {
		return err
	}
	return v.write(page)
}

func (h *Handler) chooser(v *visit, current storage.Browser) (templates.Page, error) {
	p := templates.AccountChooser{Language: v.language(), Application: v.application(), Form: h.formOf(v, accountsPath)}
	for _, account := range current.Accounts {
		user, err := h.user(v, account.UserID)
		if err != nil {
			return templates.Page{}, err
		}
		if user != nil {
			p.Accounts = append(p.Accounts, accountOf(user))
		}
	}
	return v.set.AccountChooser(p)
}

// Choose handles POST /accounts.
func (h *Handler) Choose(c echo.Context) error {
	v, form, err := h.form(c)
	if err != nil {
		return err
	}
	if err := h.check(c, form); err != nil {
		return err
	}
	chosen := form.Get("account")
	if chosen == "" {
		v.UseAnother()
		return h.save(v)
	}
	current, err := h.Browsers.Current(c)
	switch {
	case err != nil:
		return err
	case !signedIn(current, chosen):
		return h.proceed(v) // not any more
	}
	v.Choose(chosen)
	return h.save(v)
}
