package oauth2

import (
	"slices"
	"strconv"
	"strings"

	"gatehouse/identity"
	"gatehouse/server/explain"
)

// registered says whether answers may go to an address: it is one of those that
// the application has registered, to the letter, but for the port of a loopback
// address (RFC 8252 §7.3, RFC 9700 §2.1).
func registered(app *identity.Application, uri string) bool {
	if slices.Contains(app.RedirectURIs, uri) {
		return true
	}
	portless, ok := withoutLoopbackPort(uri)
	return ok && slices.ContainsFunc(app.RedirectURIs, func(known string) bool {
		known, ok := withoutLoopbackPort(known)
		return ok && known == portless
	})
}

// withoutLoopbackPort takes the port out of an address of this very machine; false
// if it is none. It works on the text: what a parser forgives, it does not.
func withoutLoopbackPort(uri string) (string, bool) {
	for _, host := range []string{"http://127.0.0.1", "http://[::1]"} {
		rest, ok := strings.CutPrefix(uri, host)
		if !ok {
			continue
		}
		end := strings.IndexAny(rest, "/?")
		if end < 0 {
			end = len(rest)
		}
		if port := rest[:end]; port == "" || isPort(port) {
			return host + rest[end:], true
		}
	}
	return "", false
}

// isPort says whether text is a colon and a port.
func isPort(text string) bool {
	digits, ok := strings.CutPrefix(text, ":")
	if !ok || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	port, err := strconv.Atoi(digits)
	return err == nil && port > 0 && port <= 65535
}

// noteRedirectURI notes that an address is not registered, beside the registered
// one that it has most in common with.
func noteRedirectURI(t *explain.Trail, app *identity.Application, uri string) {
	got, want := explain.Difference(uri, explain.Nearest(uri, app.RedirectURIs))
	t.Fail(explain.RedirectURI, got, want)
}
