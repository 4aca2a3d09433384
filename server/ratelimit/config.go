package ratelimit

import (
	"fmt"

	"gatehouse/errors"
)

// Config is a limit on the requests of each key. The zero value sets none.
type Config struct {
	PerMinute int // requests of a key per minute, in the long run, at all nodes together; 0: any number
	Burst     int // requests of a key at once, after a while without; 0: as many as PerMinute
	Keys      int // keys remembered, the least recently seen is forgotten; 0: 32768
}

// Validate says what is wrong with the configuration.
func (c Config) Validate() error {
	const most = 10_000_000
	if min(c.PerMinute, c.Burst, c.Keys) < 0 || max(c.PerMinute, c.Burst, c.Keys) > most {
		return fmt.Errorf("a rate limit, burst or number of keys is not between 0 and %d", most)
	}
	if c.PerMinute == 0 && c.Burst > 0 {
		return errors.New("burst is set without a rate per minute")
	}
	return nil
}

func (c Config) withDefaults() Config {
	if c.Burst == 0 {
		c.Burst = c.PerMinute
	}
	if c.Keys == 0 {
		c.Keys = 32768
	}
	return c
}
