package client

import (
	"context"
	"net/http"
	"strings"
)

// Client verifies tokens and has requests decided. It may be used by any number of
// goroutines at once; a product needs one.
type Client struct {
	config Config
	base   string // the issuer, without a slash at its end
	http   *http.Client

	keys      *keySet
	tokens    *memory[*Token]
	decisions *memory[decision]
	questions *flights[bool]
	circuit   *circuit

	ctx   context.Context // of what goes on beside requests; ends with Close
	close func()
}

// New returns a Client, or everything that is wrong with the configuration. It
// does not ask the server for anything: a product may start before the server does.
func New(config Config) (*Client, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	c := &Client{
		config: config, base: strings.TrimSuffix(config.Issuer, "/"),
		tokens: newMemory[*Token](config.Remember), decisions: newMemory[decision](config.Remember),
		questions: newFlights[bool](ctx), circuit: &circuit{now: config.Now},
		ctx: ctx, close: cancel,
	}
	c.keys = &keySet{fetch: c.fetchKeys, now: config.Now, stale: config.StaleKeys}
	if config.HTTPClient != nil {
		c.http = noRedirects(config.HTTPClient)
		return c, nil
	}
	transport := newTransport()
	c.http = noRedirects(&http.Client{Transport: transport})
	c.close = func() {
		cancel()
		transport.CloseIdleConnections()
	}
	return c, nil
}

// Close ends what goes on beside requests and closes the idle connections to the
// server, but those of Config.HTTPClient. What needs the server is ErrUnavailable
// from then on.
func (c *Client) Close() { c.close() }
