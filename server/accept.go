package server

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// wantsJSON says whether a client prefers JSON to a page: it has to ask for it
// by name, and for pages not at all or less.
func wantsJSON(r *http.Request) bool {
	accept := strings.Join(r.Header.Values(echo.HeaderAccept), ",")
	return quality(accept, "application/json") > quality(accept, "text/html")
}

// quality is the weight that an Accept header gives to a type it names
// (RFC 9110 §12.4.2): 0 to 1, and 0 when it does not.
func quality(accept, mediaType string) float64 {
	for _, part := range splitList(accept) {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), mediaType) {
			continue
		}
		for _, param := range strings.Split(params, ";") {
			if key, value, _ := strings.Cut(strings.TrimSpace(param), "="); strings.EqualFold(key, "q") {
				q, err := strconv.ParseFloat(value, 64)
				if err != nil || q < 0 || q > 1 {
					return 0
				}
				return q
			}
		}
		return 1
	}
	return 0
}

func splitList(header string) []string {
	parts := strings.Split(header, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
