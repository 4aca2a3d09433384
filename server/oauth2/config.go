package oauth2

import (
	"fmt"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

// Config is how tokens are made. Zero values stand for the defaults.
type Config struct {
	Issuer          string        // iss; no default
	Owner           string        // the owner claim of users' tokens; "lerian"
	AccessLifetime  time.Duration // of access tokens; 1 h
	IDLifetime      time.Duration // of id tokens; 1 h
	RefreshLifetime time.Duration // of a refresh token that is not used; 24 h
	SessionLifetime time.Duration // of a session, however often refreshed; 30 days
	RefreshGrace    time.Duration // a spent refresh token may be repeated for so long; 10 s, negative: never

	// AcceptEndpointAudience takes client assertions whose aud is the address of an
	// endpoint, too: ones made for a dishonest server that names our endpoint.
	AcceptEndpointAudience bool
}

// MaxRefreshGrace is the longest grace that can be set: a repeated refresh token
// is a risk for as long as it is accepted.
const MaxRefreshGrace = time.Minute

// WithDefaults returns c with its zero values replaced.
func (c Config) WithDefaults() Config {
	orElse := func(d *time.Duration, fallback time.Duration) {
		if *d == 0 {
			*d = fallback
		}
	}
	orElse(&c.AccessLifetime, time.Hour)
	orElse(&c.IDLifetime, time.Hour)
	orElse(&c.RefreshLifetime, 24*time.Hour)
	orElse(&c.SessionLifetime, 30*24*time.Hour)
	orElse(&c.RefreshGrace, 10*time.Second)
	if c.Owner == "" {
		c.Owner = "lerian"
	}
	return c
}

// Validate says everything that is wrong with c, defaults applied.
func (c Config) Validate() error {
	c = c.WithDefaults()
	var errs []error
	positive := func(name string, d, most time.Duration) {
		if d < time.Second || d > most {
			errs = append(errs, fmt.Errorf("%s is %s: it must be between 1s and %s", name, d, most))
		}
	}
	const year = 365 * 24 * time.Hour
	positive("access token lifetime", c.AccessLifetime, storage.MaxAccessLifetime)
	positive("id token lifetime", c.IDLifetime, storage.MaxAccessLifetime)
	positive("refresh token lifetime", c.RefreshLifetime, year)
	positive("session lifetime", c.SessionLifetime, year)
	if c.RefreshGrace > MaxRefreshGrace {
		errs = append(errs, fmt.Errorf("refresh grace is %s: it must be at most %s", c.RefreshGrace, MaxRefreshGrace))
	}
	if c.Issuer == "" {
		errs = append(errs, errors.New("the issuer is missing"))
	}
	return errors.Join(errs...)
}
