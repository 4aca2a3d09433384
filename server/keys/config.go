package keys

import (
	"cmp"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

// Config is how long signing keys are used. The zero value is usable.
type Config struct {
	RotateEvery   time.Duration // a key signs for so long; 0: 90 days
	PublishBefore time.Duration // a key is in the JWKS for so long before it signs; 0: an hour
	RetainFor     time.Duration // and for so long after, which must exceed every token's life; 0: 25 hours
}

// Validate says what is wrong with the configuration.
func (c Config) Validate() error {
	var wrong []error
	if c.RotateEvery < 0 || c.PublishBefore < 0 || c.RetainFor < 0 {
		wrong = append(wrong, errors.New("signing keys: a duration is negative"))
	}
	if d := c.withDefaults(); d.PublishBefore >= d.RotateEvery {
		wrong = append(wrong, errors.New("signing keys: they are published for longer than they sign"))
	}
	return errors.Join(wrong...)
}

func (c Config) withDefaults() Config {
	return Config{
		RotateEvery:   cmp.Or(c.RotateEvery, 90*24*time.Hour),
		PublishBefore: cmp.Or(c.PublishBefore, time.Hour),
		RetainFor:     cmp.Or(c.RetainFor, storage.MaxAccessLifetime+time.Hour),
	}
}
