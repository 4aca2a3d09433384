package throttle_test

import (
	"fmt"
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

// TestLockOutModel signs in from two places, one of which ada is known from, in
// any order and at any time, and compares with a model of the rules.
func TestLockOutModel(t *testing.T) {
	t.Parallel()
	config := throttle.Config{Failures: 3, AddressFailures: 7, Freeze: 10 * time.Minute, Window: 15 * time.Minute}
	d := newDoor(t, config)
	d.know(t, "laptop")
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		d.advance(time.Hour) // all is forgotten
		var account, nobody, laptop tally
		addresses := map[string]*tally{}
		for _, host := range []string{"a", "b"} {
			addresses[fmt.Sprint(host, round)] = &tally{}
		}
		attempt := func(r *rapid.T) {
			host := rapid.SampledFrom([]string{"a", "b"}).Draw(r, "host")
			a := throttle.Attempt{
				Username: rapid.SampledFrom([]string{"ada", "eve"}).Draw(r, "username"),
				Address:  fmt.Sprint(host, round),
				Device:   map[string]string{"a": "laptop", "b": "stranger"}[host],
			}
			password := rapid.SampledFrom([]string{right, wrong, wrong, wrong}).Draw(r, "password")

			own, known := &account, false
			switch {
			case a.Username == "eve":
				own = &nobody
			case a.Device == "laptop":
				own, known = &laptop, true
			}
			address := addresses[a.Address]
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
				address.fail(now, config.AddressFailures, config)
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"attempt": attempt,
			"again":   attempt,
			"wait": func(r *rapid.T) {
				d.advance(time.Duration(rapid.IntRange(1, 16*60).Draw(r, "seconds")) * time.Second)
			},
		})
	})
}
