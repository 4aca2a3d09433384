package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"

	"gatehouse/errors"
	"gatehouse/server/explain"
)

// Request says who asks. The server puts it into every request's context.
type Request struct {
	ID      string // of X-Request-Id, or made here
	Address string // the client's IP address; see Proxies.ClientAddress

	trail explain.Trail
}

type requestKey struct{}

// WithRequest returns a context that carries who asks.
func WithRequest(ctx context.Context, r Request) context.Context {
	return context.WithValue(ctx, requestKey{}, &r)
}

// RequestID returns the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	if r := request(ctx); r != nil {
		return r.ID
	}
	return ""
}

// ClientAddress returns the address of the client that ctx belongs to, or "".
func ClientAddress(ctx context.Context) string {
	if r := request(ctx); r != nil {
		return r.Address
	}
	return ""
}

// Trail returns where the checks of the request that ctx belongs to are noted,
// or nil, which takes no notes.
func Trail(ctx context.Context) *explain.Trail {
	if r := request(ctx); r != nil {
		return &r.trail
	}
	return nil
}

func request(ctx context.Context) *Request {
	r, _ := ctx.Value(requestKey{}).(*Request)
	return r
}

// NewRequestID makes a random request id of 26 letters and digits.
func NewRequestID() string { return rand.Text() }

// WellFormedID says whether a client's X-Request-Id is taken over: 1 to 128 of
// A-Z a-z 0-9 . _ -, so that it can be neither a log line nor a header of its own.
func WellFormedID(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for i := range len(id) {
		switch b := id[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '.', b == '_', b == '-':
		default:
			return false
		}
	}
	return true
}

// Authorization returns the request's Authorization header, "" when there is
// none. Several are errors.Malformed: a proxy may have looked at another one.
func Authorization(r *http.Request) (string, error) {
	switch values := r.Header["Authorization"]; len(values) {
	case 0:
		return "", nil
	case 1:
		return values[0], nil
	default:
		return "", errors.Malformed.On(Fields(ReasonRepeated, "Authorization"))
	}
}

// Cut shortens s to at most n bytes, leaving valid UTF-8 without NUL.
func Cut(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
}
