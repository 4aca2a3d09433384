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
	return &leaving{r, h, c, known, set}, nil
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
	if len(v.browser.Accounts) == 0 {
		return "", false, nil
	}
	ctx := v.c.Request().Context()
	hinted := v.Hint.Subject
	if v.Hint.SessionID != "" {
		session, err := v.h.Sessions.Session(ctx, v.Hint.SessionID)
		if err != nil && !errors.Is(err, errors.SessionNotFound) {
			return "", false, err
		}
		hinted = cmp.Or(session.UserID, hinted)
		if session.BrowserID == v.browser.ID && v.has(hinted) {
			return hinted, true, nil
		}
	}
	if v.h.Browsers.Idle(v.browser) {
		return "", false, nil
	}
	if v.has(hinted) {
		return hinted, false, nil
	}
	named, err := v.h.Directory.Called(ctx, v.Params.Get("logout_hint"), v.browser.Accounts)
	return cmp.Or(named, v.browser.Accounts[0].UserID), false, err
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
