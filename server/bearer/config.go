package bearer

import (
	"cmp"
	"time"

	"gatehouse/errors"
)

// Config is how tokens are checked. The zero value is usable.
type Config struct {
	Remember     int           // how many verified tokens are remembered, about 1 KiB each; 0: 10 000
	ExpiryLeeway time.Duration // a token lives on for so long after exp; 0: no longer
	FutureLeeway time.Duration // nbf and iat may be so far ahead; 0: 30 seconds
}

// Validate says what is wrong with the configuration.
func (c Config) Validate() error {
	var wrong []error
	if c.Remember < 0 {
		wrong = append(wrong, errors.New("access tokens: the number to remember is negative"))
	}
	if c.ExpiryLeeway < 0 || c.FutureLeeway < 0 {
		wrong = append(wrong, errors.New("access tokens: a leeway is negative"))
	}
	return errors.Join(wrong...)
}

func (c Config) withDefaults() Config {
	c.Remember = max(cmp.Or(c.Remember, 10_000), 1)
	c.FutureLeeway = cmp.Or(c.FutureLeeway, 30*time.Second)
	return c
}
