package outbound

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"gatehouse/errors"
)

// ErrPrivate is why no connection was made to an address. It has the address with it.
var ErrPrivate = errors.New("not an address of the public internet")

// Config is where requests may go. The zero value is usable.
type Config struct {
	AllowPrivate []netip.Prefix // networks that requests may go to beside the public internet
}

// Limits of a request. Callers set a deadline of their own, which is shorter.
const (
	dialTimeout   = 5 * time.Second
	wholeTimeout  = 30 * time.Second
	idleTimeout   = 30 * time.Second
	mostIdle      = 100      // connections that are kept
	longestHeader = 16 << 10 // bytes of an answer's header
)

// New returns a client that makes no connection but to the public internet and to
// the networks that c allows; otherwise a request fails with ErrPrivate. An answer
// that points elsewhere is returned as it is.
func New(c Config) *http.Client {
	dialer := &net.Dialer{
		Timeout: dialTimeout,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			return c.check(address)
		},
	}
	return &http.Client{
		Timeout:       wholeTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    dialTimeout,
			IdleConnTimeout:        idleTimeout,
			MaxIdleConns:           mostIdle,
			MaxResponseHeaderBytes: longestHeader,
		},
	}
}

// check is called with each address that a connection is about to be made to.
func (c Config) check(address string) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%s: %w", address, ErrPrivate)
	}
	if !c.Allows(to.Addr()) {
		return fmt.Errorf("%s: %w", to.Addr(), ErrPrivate)
	}
	return nil
}
