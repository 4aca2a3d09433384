package server

import (
	"context"
	"net/http"
	"strings"
)

// identityPaths are where the identity API begins.
var identityPaths = []string{"/v1/users", "/v1/groups", "/v1/applications", "/v1/products", "/v1/audit-events", "/v1/refusals"}

// isIdentity says whether a path belongs to the identity API, whether or not
// there is anything there.
func isIdentity(path string) bool {
	for _, start := range identityPaths {
		if rest, ok := strings.CutPrefix(path, start); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}

// apart marks the requests that come in by a listener of the identity API's own.
type apart struct{}

// IdentityHandler answers requests to the identity API and probes, and no others.
func (s *Server) IdentityHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.echo.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), apart{}, true)))
	})
}

// serves says whether what a request asks for is to be found where it came in.
func (g *gate) serves(r *http.Request) bool {
	path := r.URL.Path
	if r.Context().Value(apart{}) != nil {
		return isIdentity(path) || isProbe(path)
	}
	return !g.identityApart || !isIdentity(path)
}
