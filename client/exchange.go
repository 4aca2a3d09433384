package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v4/json" // case-sensitive, and refuses a member that is there twice
)

const largestBody = 256 << 10 // bytes of an answer

var errTooLarge = errors.New("the answer is too large")

// newTransport is http.DefaultTransport with as many idle connections as a busy
// product needs to a single host.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        64,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 5 * time.Second,
	}
}

// noRedirects returns the client as it is, but that a redirect is an answer like
// any other: a token and a key must not depend on where one leads.
func noRedirects(c *http.Client) *http.Client {
	same := *c
	same.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	same.Jar = nil
	return &same
}

// reply is an answer with its whole body.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// exchange sends a request. Its errors are ErrUnavailable.
func (c *Client) exchange(r *http.Request) (reply, error) {
	r.Header.Set("Accept", "application/json")
	response, err := c.http.Do(r)
	if err != nil {
		return reply{}, unavailable(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, largestBody+1))
	switch {
	case err != nil:
		return reply{}, unavailable(err)
	case len(body) > largestBody:
		return reply{}, unavailable(errTooLarge)
	default:
		return reply{response.StatusCode, response.Header, body}, nil
	}
}

// get fetches a document.
func (c *Client) get(ctx context.Context, address string) (reply, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return reply{}, unavailable(err)
	}
	got, err := c.exchange(r)
	if err == nil && got.status != http.StatusOK {
		err = unavailable(fmt.Errorf("GET %s: status %d", address, got.status))
	}
	return got, err
}

// post sends JSON on behalf of a token. Any status but 200 is a *Refusal.
func (c *Client) post(ctx context.Context, address, token string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, unavailable(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	got, err := c.exchange(r)
	if err == nil && got.status != http.StatusOK {
		err = refusal(got)
	}
	return got.body, err
}

// refusal reads what the server says where it does not do as it was asked. What
// stands before it in the network may say it in words that are not ours.
func refusal(from reply) *Refusal {
	said := &Refusal{Status: from.status, RequestID: from.header.Get("X-Request-Id")}
	if seconds, err := strconv.Atoi(from.header.Get("Retry-After")); err == nil && seconds > 0 && seconds < 1<<31 {
		said.RetryAfter = time.Duration(seconds) * time.Second
	}
	var text struct {
		Code    string `json:"code"`
		Title   string `json:"title"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(from.body, &text); err == nil {
		said.Code, said.Title, said.Message = text.Code, text.Title, text.Message
	}
	return said
}
