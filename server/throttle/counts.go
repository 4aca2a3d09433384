package throttle

import (
	"time"

	"gatehouse/identity"
	"gatehouse/server/device"
	"gatehouse/storage"
)

// counts are the failures that an attempt is judged by and counted under.
type counts struct {
	gate    string  // the attempt waits for others with the same
	device  string  // id of the known device; empty: it is none
	session bool    // it is no sign-in: see Attempt.Session
	own     []count // freeze the attempt, and no other user's
	slow    count   // delays it; without a key or a limit nothing is written to it
	shared  count   // freezes it and all other strangers of its address; see Attempt.addressKey
}

// count is one key and its failures.
type count struct {
	key      string
	limit    int
	failures storage.Failures
}

// never is a limit that failures do not reach.
const never = 1 << 30

// knownDevice returns the device among those of the attempt that is the user's.
func (a Attempt) knownDevice(user *identity.User) (device.Device, bool) {
	for _, d := range a.Devices {
		if d.Of(user) {
			return d, true
		}
	}
	return device.Device{}, false
}

// countsOf says what counts for the attempt, given what was read of the account.
func (g *Guard) countsOf(a Attempt, in storage.SignIn) counts {
	known, isKnown := a.knownDevice(in.User)
	since := time.Time{}
	if in.User != nil {
		since = in.User.UnlockedAt
	}
	of := func(key string, limit int) count {
		c := count{key, limit, in.Failures[key]}
		if !c.failures.LastAt.After(since) {
			c.failures = storage.Failures{}
		}
		return c
	}
	slow := never
	if g.config.Failures == 0 {
		slow = 0
	}
	switch {
	case a.Session != "":
		key := a.sessionKey()
		return counts{gate: key, session: true, own: []count{of(key, g.config.Failures)}, slow: of(a.slowKey(), slow)}
	case isKnown:
		key := deviceKey(known)
		own := of(key, g.config.Failures)
		return counts{gate: key, device: known.ID, own: []count{own}, slow: count{failures: own.failures}}
	}
	c := counts{gate: a.gateKey(), slow: of(a.slowKey(), slow)}
	for _, n := range a.networks() {
		c.own = append(c.own, of(a.pairKey(n), n.factor*g.config.Failures))
	}
	if key := a.addressKey(); key != "" {
		c.shared = count{key, g.config.AddressFailures, in.Failures[key]} // no user's unlock lets it go
	}
	return c
}

// frozen says whether the attempt is refused unheard.
func (c counts) frozen(now time.Time) bool {
	for _, own := range c.own {
		if own.failures.FrozenUntil.After(now) {
			return true
		}
	}
	return c.shared.failures.FrozenUntil.After(now)
}

// left is how many failures it takes until the attempt is frozen.
func (c counts) left(now time.Time, window time.Duration) int {
	left := never
	for _, own := range c.own {
		left = min(left, own.limit-own.recent(now, window))
	}
	return left
}

// recent is how many failures still count.
func (c count) recent(now time.Time, window time.Duration) int {
	if now.Before(c.failures.LastAt.Add(window)) {
		return c.failures.Count
	}
	return 0
}
