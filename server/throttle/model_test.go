package throttle_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gatehouse/errors"
	"gatehouse/server/throttle"
)

// tally is what is to be expected of one key.
type tally struct {
	failures     int
	last, frozen time.Time
}

func (c *tally) fail(now time.Time, limit int, config throttle.Config) {
	if !now.Before(c.last.Add(config.Window)) {
		c.failures = 0
	}
	c.failures++
	c.last = now
	if c.failures >= limit {
		c.frozen = now.Add(config.Freeze)
	}
}

// TestLockOutModel signs in from two addresses, with or without a token of ada's
// laptop, in any order and at any time, and compares with a model of the rules.
func TestLockOutModel(t *testing.T) {
	t.Parallel()
	config := throttle.Config{Failures: 3, AddressFailures: 7, Freeze: 10 * time.Minute, Window: 15 * time.Minute}
	d := newDoor(t, config)
	d.know(t, "laptop")
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		d.advance(time.Hour) // all is forgotten
		tallies := map[string]*tally{}
		of := func(key string) *tally {
			if tallies[key] == nil {
				tallies[key] = &tally{}
			}
			return tallies[key]
		}
		attempt := func(r *rapid.T) {
			a := throttle.Attempt{
				Username: rapid.SampledFrom([]string{"ada", "eve"}).Draw(r, "username"),
				Address:  fmt.Sprintf("192.0.%d.%d", round%256, rapid.IntRange(1, 2).Draw(r, "host")),
			}
			if rapid.Bool().Draw(r, "on the laptop") {
				a.Devices = d.devices["laptop"]
			}
			password := rapid.SampledFrom([]string{right, wrong, wrong, wrong}).Draw(r, "password")

			own, address := of(a.Username+" from "+a.Address), of(a.Address)
			known := a.Username == "ada" && a.Devices != nil
			if known {
				own = of("laptop")
			}
			now := d.Now()
			frozen := now.Before(own.frozen) || !known && now.Before(address.frozen)
			success := !frozen && a.Username == "ada" && password == right

			before := d.verified.Load()
			_, err := d.SignIn(t.Context(), a, d.verify(password))
			if verified := d.verified.Load() > before; verified == frozen {
				r.Fatalf("%+v was verified: %t, want %t", a, verified, !frozen)
			}
			if success != (err == nil) || !success && !errors.Is(err, errors.InvalidCredentials) {
				r.Fatalf("%+v with %q: %v, want success = %t", a, password, err, success)
			}
			switch {
			case frozen:
			case success:
				*own = tally{}
			default:
				own.fail(now, config.Failures, config)
				if !known {
					address.fail(now, config.AddressFailures, config)
				}
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"attempt": attempt,
			"again":   attempt,
			"unlock": func(*rapid.T) {
				d.unlock(t)
				d.advance(time.Microsecond) // a failure of the same moment does not count
				for key, counted := range tallies {
					if key == "laptop" || strings.HasPrefix(key, "ada ") {
						*counted = tally{}
					}
				}
			},
			"wait": func(r *rapid.T) {
				d.advance(time.Duration(rapid.IntRange(1, 16*60).Draw(r, "seconds")) * time.Second)
			},
		})
	})
}
