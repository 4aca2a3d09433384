package throttle

import (
	"fmt"
	"time"

	"gatehouse/errors"
)

// Config says when guessing becomes slow and when it stops. The zero value
// counts nothing; Defaults are what a server should have.
type Config struct {
	Failures        int           // so many freeze an account for one address, or a known device; 0: never
	AddressFailures int           // so many freeze an address for every account; 0: never
	Freeze          time.Duration // how long a freeze lasts; 0: 15 minutes
	Window          time.Duration // a failure is forgotten after so long without another; 0: 15 minutes
	Delay           time.Duration // how long the second attempt at an account is held back, doubled for each further one up to 8 s; 0: not at all
}

// Defaults freezes an account for an address, or a known device, after 5 failures
// and an address after 50, for 15 minutes.
func Defaults() Config {
	return Config{Failures: 5, AddressFailures: 50, Delay: 100 * time.Millisecond}.withDefaults()
}

// maxDelay leaves a request enough of its time to verify the password, and maxFirst
// is the longest delay to begin with.
const (
	maxDelay = 8 * time.Second
	maxFirst = 2 * time.Second
)

// Validate says what is wrong with the configuration, all of it at once.
func (c Config) Validate() error {
	var all []error
	if c.Failures < 0 || c.AddressFailures < 0 {
		all = append(all, errors.New("a number of failures is negative, want 0 to switch it off"))
	}
	for _, d := range []struct {
		name  string
		value time.Duration
		most  time.Duration
	}{
		{"freeze", c.Freeze, 24 * time.Hour},
		{"window", c.Window, 24 * time.Hour},
		{"delay", c.Delay, maxFirst},
	} {
		if d.value < 0 || d.value > d.most {
			all = append(all, fmt.Errorf("%s is %s, want 0 to %s", d.name, d.value, d.most))
		}
	}
	return errors.Join(all...)
}

func (c Config) withDefaults() Config {
	if c.Freeze == 0 {
		c.Freeze = 15 * time.Minute
	}
	if c.Window == 0 {
		c.Window = 15 * time.Minute
	}
	return c
}

// delay is how long an attempt is held back after so many failures.
func (c Config) delay(failures int) time.Duration {
	d := c.Delay
	if failures == 0 {
		return 0
	}
	for ; failures > 1 && d < maxDelay; failures-- {
		d *= 2
	}
	return min(d, maxDelay)
}
