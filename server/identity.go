package server

import "strings"

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
