package oidc

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gatehouse/errors"
	"gatehouse/storage"
	"gatehouse/templates"
)

// leave signs a user out of the browser.
func (v *leaving) leave(userID string) error {
	ended, err := v.h.Browsers.SignOut(v.c, v.browser, userID)
	if err != nil {
		return err
	}
	return v.gone(ended)
}

// alone ends the session of the hint and no other, where nobody is signed in in the
// browser: whoever has the hint can end it at /v1/logout as well.
func (v *leaving) alone() error {
	now := v.h.Now()
	if !v.session.Live(now) {
		return v.gone(nil)
	}
	_, err := v.h.Sessions.EndSession(v.c.Request().Context(), v.session.ID, now, now.Add(storage.MaxAccessLifetime))
	if err != nil {
		return err
	}
	return v.gone([]storage.Session{v.session})
}

// framesFor is for how long people stay on the page whose frames end sessions,
// before they go on, in seconds.
const framesFor = "2"

// gone takes people to where the application wants them, or tells them that they
// are signed out. The applications of sessions that ended are told by frames of
// the page. An answer to a form is a page in any case, for browsers hold redirects
// that follow it to the form's policy.
func (v *leaving) gone(ended []storage.Session) error {
	frames, err := v.h.frames(v.c.Request().Context(), ended)
	if err != nil {
		return err
	}
	var page templates.Page
	switch {
	case v.Return != "" && len(frames) == 0 && v.c.Request().Method == http.MethodGet:
		return v.c.Redirect(http.StatusSeeOther, v.Return)
	case v.Return != "" && len(frames) == 0:
		page, err = v.set.Proceed(templates.Proceed{Language: v.language(), Application: v.application(), Address: v.Return})
	default:
		page, err = v.set.SignedOut(templates.SignedOut{Language: v.language(), Application: v.application(), Back: v.Return, Frames: frames})
		if v.Return != "" {
			v.c.Response().Header().Set("Refresh", framesFor+";url="+v.Return)
		}
	}
	if err != nil {
		return err
	}
	return v.write(page)
}

// mostFrames is how many sessions of a browser are ended by frames, the latest
// ones. A browser has cookies for one session of an application or few.
const mostFrames = 50

// frames are the addresses that end sessions when a browser loads them, where
// the applications have one (OpenID Connect Front-Channel Logout 1.0 §2).
func (h *Handler) frames(ctx context.Context, ended []storage.Session) ([]string, error) {
	ended = slices.SortedFunc(slices.Values(ended), func(a, b storage.Session) int { return cmp.Compare(b.ID, a.ID) })
	var frames []string
	for _, session := range ended[:min(len(ended), mostFrames)] {
		app, err := h.Directory.Application(ctx, session.ClientID)
		if errors.Is(err, errors.ApplicationNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if app.FrontchannelLogoutURI != "" && !app.Disabled {
			frames = append(frames, withQuery(app.FrontchannelLogoutURI, url.Values{"iss": {h.Issuer}, "sid": {session.ID}}))
		}
	}
	return frames, nil
}

// withQuery adds parameters to an address, which has no fragment and is otherwise
// left as it is.
func withQuery(address string, params url.Values) string {
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + params.Encode()
}
