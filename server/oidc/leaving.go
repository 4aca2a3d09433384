package oidc

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/web"
	"gatehouse/storage"
	"gatehouse/templates"
)

// leaving is somebody who signs out of a browser.
type leaving struct {
	*endSession
	h       *Handler
	c       echo.Context
	browser storage.Browser
	session storage.Session // that of the hint, if it has one that is there
	set     *templates.Set
}

func (h *Handler) leaving(c echo.Context, r *endSession) (*leaving, error) {
	known, err := h.Browsers.Known(c)
	if err != nil {
		return nil, err
	}
	set, err := h.Pages()
	if err != nil {
		return nil, err
	}
	v := &leaving{endSession: r, h: h, c: c, browser: known, set: set}
	if r.Hint.SessionID != "" {
		v.session, err = h.Sessions.Session(c.Request().Context(), r.Hint.SessionID)
		if err != nil && !errors.Is(err, errors.SessionNotFound) {
			return nil, err
		}
	}
	return v, nil
}

// has says whether a user is among the browser's accounts.
func (v *leaving) has(userID string) bool {
	return slices.ContainsFunc(v.browser.Accounts, func(a storage.Account) bool { return a.UserID == userID })
}

// whom says who signs out: the user of the hint, if they are in the browser; else
// the one whom logout_hint names; else the one who was here last. Empty: nobody is
// signed in. sure means that the hint is of a session that this browser began, so
// that nobody has to be asked.
func (v *leaving) whom() (userID string, sure bool, err error) {
	hinted := cmp.Or(v.session.UserID, v.Hint.Subject)
	if v.session.ID != "" && v.session.BrowserID == v.browser.ID && v.has(hinted) {
		return hinted, true, nil
	}
	live := v.h.Browsers.Live(v.browser.Accounts)
	switch {
	case len(live) == 0:
		return "", false, nil
	case slices.ContainsFunc(live, func(a storage.Account) bool { return a.UserID == hinted }):
		return hinted, false, nil
	}
	named, err := v.h.Directory.Called(v.c.Request().Context(), v.Params.Get("logout_hint"), live)
	return cmp.Or(named, live[0].UserID), false, err
}

func (v *leaving) write(page templates.Page) error {
	web.Alone(v.c)
	return web.WritePage(v.c, http.StatusOK, page)
}

// language is that of the page.
func (v *leaving) language() string {
	return templates.Language(strings.Fields(v.Params.Get("ui_locales")), v.c.Request().Header.Get("Accept-Language"))
}

func (v *leaving) application() templates.Application {
	if v.App == nil {
		return templates.Application{}
	}
	return templates.Application{Name: v.App.ShownName(), Policy: v.App.PolicyURI, Terms: v.App.TOSURI}
}
