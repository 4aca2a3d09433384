package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gatehouse/identity"
)

// AllowApplication lets a browser page of one of the application's origins read
// the answer. An endpoint whose callers are applications calls it as soon as it
// knows which one is asking; it does nothing for any other caller.
func AllowApplication(c echo.Context, app *identity.Application) {
	origin := c.Request().Header.Get(echo.HeaderOrigin)
	if origin == "" || !allowsOrigin(app, origin) {
		return
	}
	AllowOrigin(c, origin)
}

// AllowOrigin lets a browser page of this origin, or of any for "*", read the
// answer. Credentials are never allowed: tokens travel in headers and bodies.
func AllowOrigin(c echo.Context, origin string) {
	header := c.Response().Header()
	header.Set(echo.HeaderAccessControlAllowOrigin, origin)
	header.Set(echo.HeaderAccessControlExposeHeaders, "ETag, Link, Retry-After, WWW-Authenticate, X-Request-Id, X-Total-Count")
}

// allowsOrigin asks the application's list, or its redirect URIs when it has none.
func allowsOrigin(app *identity.Application, origin string) bool {
	if len(app.AllowedOrigins) > 0 {
		return slices.ContainsFunc(app.AllowedOrigins, func(o string) bool { return SameOrigin(o, origin) })
	}
	return slices.ContainsFunc(app.RedirectURIs, func(uri string) bool { return SameOrigin(originOf(uri), origin) })
}

// SameOrigin compares two origins as browsers send them: scheme and host in any
// case, no path (RFC 6454 §6.2).
func SameOrigin(a, b string) bool {
	return a != "" && strings.EqualFold(strings.TrimSuffix(a, "/"), b)
}

// originOf returns the origin of an http or https URI, or "".
func originOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return ""
	}
	host := u.Host
	if port := u.Port(); (u.Scheme == "https" && port == "443") || (u.Scheme == "http" && port == "80") {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return u.Scheme + "://" + host
}
