package server

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gatehouse/server/web"
)

// cors says which browser pages may read which answers (the Fetch standard's
// CORS protocol). Credentials are never allowed: tokens travel in headers and
// bodies, and a cookie has no business at these endpoints.
type cors struct {
	origins []string // that may call /v1; "*" for any
}

// audience is whose pages may read what a path answers.
type audience uint8

const (
	nobody      audience = iota
	anybody              // of any origin
	configured           // of the configured origins
	application          // of the asking application's origins: see web.AllowApplication
)

func audienceOf(path string) audience {
	switch {
	case strings.HasPrefix(path, "/v1/"):
		return configured
	case path == "/oauth2/token", path == "/oauth2/revoke", path == "/oauth2/userinfo":
		return application
	case path == "/oauth2/jwks", path == "/openapi.yaml", strings.HasPrefix(path, "/.well-known/"):
		return anybody
	default:
		return nobody
	}
}

var (
	varyOrigin = []string{"Origin"}
	anyOrigin  = []string{"*"}
)

// answers sets what the answer's audience needs and says whether that is all
// that was asked for, as it is when a browser asks before it sends the request.
func (p cors) answers(c echo.Context) bool {
	r, header := c.Request(), c.Response().Header()
	origin := r.Header.Get(echo.HeaderOrigin)
	preflight := r.Method == http.MethodOptions && origin != "" && r.Header.Get(echo.HeaderAccessControlRequestMethod) != ""

	switch audienceOf(r.URL.Path) {
	case anybody:
		header[echo.HeaderAccessControlAllowOrigin] = anyOrigin
	case configured:
		p.allowConfigured(c, origin)
	case application:
		header[echo.HeaderVary] = varyOrigin
		// Which application asks is known once it has authenticated, which a
		// preflight does not do: it learns only that it may send the request.
		if preflight {
			web.AllowOrigin(c, origin)
		}
	default:
		return false
	}
	if !preflight {
		return false
	}
	header.Set(echo.HeaderAccessControlAllowMethods, "GET, POST, PUT, PATCH, DELETE")
	header.Set(echo.HeaderAccessControlAllowHeaders, "Authorization, Content-Type, If-Match, X-Request-Id, Traceparent")
	header.Set(echo.HeaderAccessControlMaxAge, "600")
	c.Response().WriteHeader(http.StatusNoContent)
	return true
}

func (p cors) allowConfigured(c echo.Context, origin string) {
	if slices.Contains(p.origins, "*") {
		web.AllowOrigin(c, "*")
		return
	}
	if len(p.origins) == 0 {
		return
	}
	c.Response().Header()[echo.HeaderVary] = varyOrigin
	if origin != "" && slices.ContainsFunc(p.origins, func(o string) bool { return web.SameOrigin(o, origin) }) {
		web.AllowOrigin(c, origin)
	}
}
