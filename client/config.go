package client

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config is where the server is, and what this product takes from it. Issuer and
// either Audience or AnyAudience are required; every other zero value is usable.
type Config struct {
	// Issuer is the server's address as its tokens name it, such as
	// https://gatehouse.example.com. It must be https, unless it is on this machine.
	Issuer string

	// Audience lists what a token may be for: it must name at least one of these.
	// A token is for the client id of the application that it was issued to, unless
	// that application asked for a resource (RFC 8707), which it is for then.
	Audience []string

	// AnyAudience takes tokens of the issuer for any audience: those with their user's
	// own authority, those of applications, and of those that rest on a consent the
	// ones whose consent names Product. That is right where many applications call
	// this product and its policy decides for them all.
	AnyAudience bool

	// Product limits decisions to the groups of one product, so that what a user
	// may do elsewhere, and an application of another product, count for nothing
	// here. Empty: all groups count.
	Product string

	// AllowInsecureIssuer takes an issuer by http that is not on this machine.
	// Whoever is on the way there can then allow everything.
	AllowInsecureIssuer bool

	HTTPClient *http.Client     // how the server is asked, but no redirect is followed; nil: one of its own
	Now        func() time.Time // nil: time.Now

	Timeout          time.Duration // for one question, tries included, or one fetch of the keys; 0: 2 seconds
	DecisionLifetime time.Duration // how long a decision is remembered, at most a minute; 0: 5 seconds, negative: not at all
	StaleKeys        time.Duration // how long keys are used after they should have been fetched anew; 0: an hour
	Remember         int           // how many tokens, and how many decisions, are remembered; 0: 10 000

	// OnRefusal is told of each request that the middleware did not let through, and
	// why: ErrTokenMissing, ErrTokenInvalid, ErrDenied, ErrUnavailable, or the end of
	// the request's own context. The request comes without its Authorization header,
	// so that it may be logged. nil: nobody is told.
	OnRefusal func(r *http.Request, why error)
}

const longestDecision = time.Minute

// Validate says everything that is wrong with the configuration.
func (c Config) Validate() error {
	wrong := []error{c.validateIssuer()}
	if (len(c.Audience) > 0) == c.AnyAudience {
		wrong = append(wrong, errors.New("either Audience or AnyAudience must be set"))
	}
	for _, one := range c.Audience {
		if one == "" {
			wrong = append(wrong, errors.New("an Audience is empty"))
		}
	}
	if c.Timeout < 0 || c.StaleKeys < 0 {
		wrong = append(wrong, errors.New("neither Timeout nor StaleKeys may be negative"))
	}
	if c.DecisionLifetime > longestDecision {
		wrong = append(wrong, fmt.Errorf("the DecisionLifetime must be at most %s", longestDecision))
	}
	if c.Remember < 0 {
		wrong = append(wrong, errors.New("the number to Remember must not be negative"))
	}
	if err := errors.Join(wrong...); err != nil {
		return fmt.Errorf("gatehouse client: %w", err)
	}
	return nil
}

func (c Config) validateIssuer() error {
	if c.Issuer == "" {
		return errors.New("an Issuer is required")
	}
	issuer, err := url.Parse(c.Issuer)
	switch {
	case err != nil || issuer.Hostname() == "" || (issuer.Scheme != "https" && issuer.Scheme != "http"):
		return errors.New("the Issuer must be a URL that begins with https://")
	case issuer.User != nil || strings.ContainsAny(c.Issuer, "?#\"\\"):
		return errors.New("the Issuer must have no user, query, fragment, quote or backslash (RFC 8414 §2)")
	case issuer.Scheme == "http" && !c.AllowInsecureIssuer && !onThisMachine(issuer.Hostname()):
		return errors.New("the Issuer must be https, for it is not on this machine; AllowInsecureIssuer takes it as it is")
	default:
		return nil
	}
}

func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Timeout = cmp.Or(c.Timeout, 2*time.Second)
	c.DecisionLifetime = cmp.Or(c.DecisionLifetime, 5*time.Second)
	c.StaleKeys = cmp.Or(c.StaleKeys, time.Hour)
	c.Remember = cmp.Or(c.Remember, 10_000)
	return c
}
