package client

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
)

// problem is the body of a refusal, of the same form as the server's own.
type problem struct {
	Code    string `json:"code"`
	Title   string `json:"title"`
	Message string `json:"message"`
}

// What is answered where the server has not said it in its own words. These are its
// codes for the same, explained on its page /errors.
var (
	tokenMissing = problem{"AUT-0006", "Token Missing", "A valid token must be provided in the request header. Please include a token and try again."}
	tokenInvalid = problem{"AUT-0007", "Invalid Token", "The provided token is expired, invalid or malformed. Please provide a valid token and try again."}
	accessDenied = problem{"AUT-2002", "Access Denied", "The provided token does not allow this request. Please ask an administrator for the permission it needs."}
	noDecision   = problem{"AUT-2007", "Service Unavailable", "The server cannot take this request at the moment. Nothing was changed. Please wait as long as the Retry-After header says and try again."}
)

// refuse tells Config.OnRefusal, and answers.
func (c *Client) refuse(w http.ResponseWriter, r *http.Request, why error) {
	if c.config.OnRefusal != nil {
		safe := r.Clone(r.Context())
		safe.Header.Del("Authorization")
		c.config.OnRefusal(safe, why)
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	status, body := c.answer(header, why)
	text, err := json.Marshal(body)
	if err != nil {
		status = http.StatusInternalServerError
	}
	w.WriteHeader(status)
	_, _ = w.Write(text) // nobody is left to be told that it cannot be written
}

// answer returns the status and the body for an error, and sets the headers that
// belong to them (RFC 6750 §3). A denial by policy is no lack of scope, so its
// 403 has no challenge: a new token would not help.
func (c *Client) answer(header http.Header, why error) (int, problem) {
	var said *Refusal
	errors.As(why, &said)
	realm := `Bearer realm="` + c.config.Issuer + `"`
	switch {
	case errors.Is(why, ErrTokenMissing):
		header.Set("WWW-Authenticate", realm)
		return http.StatusUnauthorized, tokenMissing
	case errors.Is(why, ErrTokenInvalid):
		header.Set("WWW-Authenticate", realm+`, error="invalid_token"`)
		return http.StatusUnauthorized, said.or(tokenInvalid)
	case errors.Is(why, ErrDenied):
		return http.StatusForbidden, accessDenied
	default:
		header.Set("Retry-After", strconv.Itoa(said.seconds()))
		return http.StatusServiceUnavailable, said.or(noDecision)
	}
}

// or returns the server's own words, or others where it has said nothing.
func (r *Refusal) or(other problem) problem {
	if r == nil || r.Code == "" {
		return other
	}
	return problem{r.Code, r.Title, r.Message}
}

// seconds is the value of Retry-After: at least one.
func (r *Refusal) seconds() int {
	if r == nil {
		return 1
	}
	return max(1, int(math.Ceil(r.RetryAfter.Seconds())))
}
