package throttle

import (
	"time"

	"gatehouse/storage"
)

// counts are the failures that an attempt is judged by and counted under.
type counts struct {
	own     count // of the account or, in its place, of the known device
	address count
	known   bool
}

// count is one key and its failures.
type count struct {
	key      string
	failures storage.Failures
}

func (g *Guard) countsOf(a Attempt, in storage.SignIn) counts {
	of := func(key string) count { return count{key, in.Failures[key]} }
	c := counts{own: of(a.accountKey()), known: in.KnownDevice}
	if in.KnownDevice {
		c.own = of(a.deviceKey())
	}
	if a.Address != "" {
		c.address = of(a.addressKey())
	}
	return c
}

// frozen says whether the attempt is refused unheard. A known device does not
// pay for its address: strangers may share that.
func (c counts) frozen(now time.Time) bool {
	return c.own.failures.FrozenUntil.After(now) ||
		!c.known && c.address.failures.FrozenUntil.After(now)
}

// recent is how many failures still count.
func (c counts) recent(now time.Time, window time.Duration) int {
	if now.Before(c.own.failures.LastAt.Add(window)) {
		return c.own.failures.Count
	}
	return 0
}
