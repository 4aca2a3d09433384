package client

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// What can be wrong, for errors.Is. No error holds a token, or anything of one.
var (
	// ErrTokenMissing says that a request carries no bearer token, or more than one.
	ErrTokenMissing = errors.New("gatehouse: no token")

	// ErrTokenInvalid says that a token is none of the issuer's access tokens for
	// this audience, has expired, or is refused by the server, for it was revoked.
	ErrTokenInvalid = errors.New("gatehouse: the token is not valid")

	// ErrDenied says that the policy does not allow it. Allowed never returns it,
	// for a denial is an answer; Config.OnRefusal is told of it.
	ErrDenied = errors.New("gatehouse: not allowed")

	// ErrUnavailable says that the server's keys, or its decision, could not be had.
	ErrUnavailable = errors.New("gatehouse: no answer from the server")
)

// Refusal is what the server said instead of a decision. It is ErrTokenInvalid
// where its status is 401, and ErrUnavailable for any other.
type Refusal struct {
	Status     int           // of HTTP
	Code       string        // "AUT-1003", or "" where what answered was not Gatehouse
	Title      string        // "Invalid Token"
	Message    string        // one or two sentences for people
	RequestID  string        // leads an administrator to the recorded reason
	RetryAfter time.Duration // how long to wait before asking again; 0: it did not say
}

// Error returns the status, the code and the request id.
func (r *Refusal) Error() string {
	text := fmt.Sprintf("gatehouse: refused with %d", r.Status)
	if r.Code != "" {
		text += fmt.Sprintf(", %s %s", r.Code, r.Title)
	}
	if r.RequestID != "" {
		text += fmt.Sprintf(" (request %s)", r.RequestID)
	}
	return text
}

// Unwrap returns ErrTokenInvalid or ErrUnavailable.
func (r *Refusal) Unwrap() error {
	if r.Status == http.StatusUnauthorized {
		return ErrTokenInvalid
	}
	return ErrUnavailable
}

// invalid says what is wrong with a token.
func invalid(why string) error { return fmt.Errorf("%w: %s", ErrTokenInvalid, why) }

// unavailable says why the server has not answered.
func unavailable(cause error) error { return fmt.Errorf("%w: %w", ErrUnavailable, cause) }
