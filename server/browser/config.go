package browser

import (
	"fmt"
	"time"

	"gatehouse/errors"
)

// Config is how long people stay signed in in a browser. Zero values stand for the
// defaults.
type Config struct {
	Idle     time.Duration // unused for longer, nobody is signed in any more; 12 h
	Life     time.Duration // absolute: however much it is used; 7 days
	Remember time.Duration // both of them, where people want to be remembered; 30 days; negative: nobody is
}

// WithDefaults returns c with its zero values replaced.
func (c Config) WithDefaults() Config {
	orElse := func(d *time.Duration, fallback time.Duration) {
		if *d == 0 {
			*d = fallback
		}
	}
	orElse(&c.Idle, 12*time.Hour)
	orElse(&c.Life, 7*24*time.Hour)
	orElse(&c.Remember, 30*24*time.Hour)
	return c
}

// Validate says everything that is wrong with c, defaults applied.
func (c Config) Validate() error {
	c = c.WithDefaults()
	const year = 365 * 24 * time.Hour
	var errs []error
	for _, one := range []struct {
		name string
		d    time.Duration
	}{{"idle life", c.Idle}, {"life", c.Life}, {"remembered life", c.Remember}} {
		if one.d == c.Remember && c.Remember < 0 {
			continue
		}
		if one.d < time.Minute || one.d > year {
			errs = append(errs, fmt.Errorf("%s is %s: it must be between 1m and a year", one.name, one.d))
		}
	}
	return errors.Join(errs...)
}

func (c Config) idle(remembered bool) time.Duration {
	if remembered {
		return c.Remember
	}
	return c.Idle
}

func (c Config) life(remembered bool) time.Duration {
	if remembered {
		return c.Remember
	}
	return c.Life
}
