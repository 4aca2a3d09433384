package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4/json" // case-sensitive, and refuses a member that is there twice
)

const (
	mostTries = 3                     // of one question
	firstWait = 50 * time.Millisecond // about so long before the second try, twice as long before the third
)

// errGarbage says that an answer is no decision.
var errGarbage = errors.New("the answer is no decision")

// question is the body of POST /v1/authorize. It has no sub, so that it is about
// the token's own subject.
type question struct {
	Resource string `json:"resource"`
	Action   string `json:"action"`
	Product  string `json:"product,omitempty"`
}

// ask asks the server, unless it is known to be away.
func (c *Client) ask(ctx context.Context, token, resource, action string) (bool, error) {
	if !c.circuit.enter() {
		return false, unavailable(errCircuit)
	}
	body, err := json.Marshal(question{resource, action, c.config.Product})
	if err != nil {
		return false, unavailable(err)
	}
	limited, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	allowed, err := c.try(limited, token, body)
	switch {
	case ctx.Err() != nil: // whoever asked has gone, which says nothing of the server
	case away(err):
		c.circuit.failed()
	default:
		c.circuit.succeeded()
	}
	return allowed, err
}

// try asks until there is an answer, it is no use, or the time is up. A question
// changes nothing, so it may be asked again.
func (c *Client) try(ctx context.Context, token string, body []byte) (allowed bool, err error) {
	for tries := 1; ; tries++ {
		allowed, err = c.askOnce(ctx, token, body)
		if tries == mostTries || !away(err) || !pause(ctx, waitAfter(tries, err)) {
			return allowed, err
		}
	}
}

// away says whether an error is of a server that is away, or of what stands before
// it, and may pass. An answer that is no decision would be the same once more.
func away(err error) bool {
	var said *Refusal
	if errors.As(err, &said) {
		return said.Status == http.StatusBadGateway || said.Status == http.StatusServiceUnavailable || said.Status == http.StatusGatewayTimeout
	}
	return err != nil && !errors.Is(err, errGarbage) && !errors.Is(err, errTooLarge)
}

// waitAfter is how long to wait after a try, in part by chance so that those who
// failed together do not come back together, but no less than the server asked for.
func waitAfter(tries int, err error) time.Duration {
	about := firstWait << (tries - 1)
	wait := about/2 + rand.N(about) //nolint:gosec // no secret hangs on it
	var said *Refusal
	if errors.As(err, &said) {
		wait = max(wait, said.RetryAfter)
	}
	return wait
}

// pause waits, unless the time of ctx would be up first.
func pause(ctx context.Context, wait time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return false
	}
	select {
	case <-time.After(wait):
		return true
	case <-ctx.Done():
		return false
	}
}

func (c *Client) askOnce(ctx context.Context, token string, body []byte) (bool, error) {
	answer, err := c.post(ctx, c.base+"/v1/authorize", token, body)
	if err != nil {
		return false, err
	}
	var decided struct {
		Authorized *bool `json:"authorized"`
	}
	if err := json.Unmarshal(answer, &decided); err != nil || decided.Authorized == nil {
		return false, unavailable(errGarbage)
	}
	return *decided.Authorized, nil
}
