package client

import (
	"context"
	"net/http"
	"strings"
)

// inContext is the context key of the *Token.
type inContext struct{}

// FromContext returns what the token of a request says that Authenticate or
// Authorize let through.
func FromContext(ctx context.Context) (*Token, bool) {
	token, ok := ctx.Value(inContext{}).(*Token)
	return token, ok
}

// Authenticate lets requests through that carry a valid access token, and puts what
// it says into their context. Others are answered with 401, or with 503 where the
// server's keys cannot be had.
func (c *Client) Authenticate(next http.Handler) http.Handler {
	return c.guard(next, func(ctx context.Context, raw string) (*Token, error) {
		return c.Verify(ctx, raw)
	})
}

// Authorize returns a middleware that lets requests through whose token's subject
// may do this action on this resource, as the server decides: Authenticate is part
// of it. Others are answered with 401, 403 where it is not allowed, and 503 where no
// decision can be had.
func (c *Client) Authorize(resource, action string) func(http.Handler) http.Handler {
	check := func(ctx context.Context, raw string) (*Token, error) {
		token, allowed, err := c.decide(ctx, raw, resource, action)
		if err == nil && !allowed {
			err = ErrDenied
		}
		return token, err
	}
	return func(next http.Handler) http.Handler { return c.guard(next, check) }
}

// guard lets requests through whose token passes a check.
func (c *Client) guard(next http.Handler, check func(ctx context.Context, raw string) (*Token, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, ok := bearer(r)
		if !ok {
			c.refuse(w, r, ErrTokenMissing)
			return
		}
		token, err := check(r.Context(), raw)
		if err != nil {
			c.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), inContext{}, token)))
	})
}

// bearer returns the token of a request that has one Authorization header, of
// scheme Bearer (RFC 6750 §2.1). A token in the body or in the address, which ends up
// in logs, is none.
func bearer(r *http.Request) (string, bool) {
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return "", false
	}
	scheme, raw, found := strings.Cut(headers[0], " ")
	raw = strings.Trim(raw, " ")
	return raw, found && raw != "" && strings.EqualFold(scheme, "Bearer")
}
