package server

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/web"
	"gatehouse/templates"
)

// isSignIn says whether people come to a path with their browsers, to sign in or out.
func isSignIn(path string) bool {
	switch path {
	case "/oauth2/authorize", "/oauth2/logout", "/login", "/accounts", "/consent", "/logout":
		return true
	default:
		return false
	}
}

// wantsPage says whether a client, such as a browser that somebody looks at, asks
// for pages by name and prefers them to JSON.
func wantsPage(r *http.Request) bool {
	accept := strings.Join(r.Header.Values(echo.HeaderAccept), ",")
	return quality(accept, "text/html") > 0 && !wantsJSON(r)
}

// show answers with a page about a fault that cannot be told to an application,
// and returns its status.
func (r *renderer) show(c echo.Context, fault *errors.Fault, a answer) (int, error) {
	set, err := r.pages()
	if err != nil {
		return a.status, err
	}
	request := c.Request()
	page, err := set.SignInError(templates.SignInError{
		Language:  templates.Language(strings.Fields(request.URL.Query().Get("ui_locales")), request.Header.Get("Accept-Language")),
		Code:      fault.ID,
		Title:     fault.Title,
		Message:   fault.Text(),
		RequestID: web.RequestID(request.Context()),
	})
	if err != nil {
		return a.status, err
	}
	if a.status == http.StatusUnauthorized { // which would ask for a way to authenticate that browsers have
		a.status = http.StatusBadRequest
	}
	web.SetRetryAfter(c, a.retry)
	web.Alone(c)
	return a.status, web.WritePage(c, a.status, page)
}
