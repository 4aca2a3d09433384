package throttle

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/quota"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// Deps is all a Guard takes from the rest of the program; every field is required.
type Deps struct {
	Store storage.SignIns
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error // waits, or returns the context's error
}

// Guard stands before every check of a password.
type Guard struct {
	Deps
	config   Config
	gates    gates
	failures *quota.Failures // how many rows of them there may be
}

// New returns a Guard for a configuration that is valid.
func New(d Deps, c Config) *Guard {
	c = c.withDefaults()
	failures := quota.NewFailures(max(c.Freeze, c.Window)+remembered, d.Now)
	return &Guard{Deps: d, config: c, gates: gates{open: make(map[string]*gate)}, failures: failures}
}

// Result is a sign-in that succeeded.
type Result struct {
	User   *identity.User
	Device string // id of the device that the user is known to sign in from; empty: it is none
}

// Verify says whether the password is the user's. It is given nil for a username
// that nobody has, must then take as long as for a wrong password, and cannot
// make the sign-in succeed.
type Verify func(ctx context.Context, user *identity.User) (bool, error)

// SignIn lets the attempt have its password verified, unless there were too many
// wrong ones. It costs one read of the database, two where attempts meet, and
// one write when the password was wrong or had been before.
//
// It returns errors.InvalidCredentials for every refusal: an unknown or disabled
// user, a wrong password, a freeze; errors.TooManyRequests where so many failures
// are remembered that this one could not be; errors.Unavailable when too many attempts
// wait for their turn or ctx ends; and whatever verify returns, which then
// counts as no attempt.
func (g *Guard) SignIn(ctx context.Context, a Attempt, verify Verify) (Result, error) {
	in, gate, err := g.admit(ctx, a)
	if err != nil {
		return Result{}, err
	}
	wrote := false
	defer func() {
		g.gates.finish(gate, wrote)
		g.gates.forget(gate)
	}()
	counts := g.countsOf(a, in)
	noteUser(web.Trail(ctx), in)
	if counts.frozen(g.Now()) {
		web.Trail(ctx).Fail(explain.NotFrozen, counts.describe(), "now "+explain.At(g.Now()))
		return Result{}, errors.InvalidCredentials
	}
	web.Trail(ctx).Pass(explain.NotFrozen)
	if d := g.config.delay(counts.slow.recent(g.Now(), g.config.Window)); d > 0 {
		if err := g.Sleep(ctx, d); err != nil {
			return Result{}, busy().Because(err)
		}
	}
	held, err := g.hold(ctx, a, counts)
	if err != nil {
		return Result{}, err
	}
	ok, err := verify(ctx, in.User)
	if err != nil {
		g.failures.Release(held)
		return Result{}, err
	}
	g.notePassword(web.Trail(ctx), in, counts, ok)
	if wrote, err = g.settle(ctx, in.User, counts, ok && in.User != nil && !in.User.Disabled); err != nil {
		return Result{}, err
	}
	g.failures.Release(slices.Concat(held, counts.toClear()))
	return Result{User: in.User, Device: counts.device}, nil
}

// admit reads what is known of the account and waits until the attempt may run, at
// the gate of what it is counted by. The attempt is at all gates that it may have
// to wait at before it reads, so that none of those it will have to wait for can
// write without its noticing.
func (g *Guard) admit(ctx context.Context, a Attempt) (storage.SignIn, *gate, error) {
	read := func() (storage.SignIn, error) { return g.read(ctx, a) }
	joined := g.gates.join(a.gates()...)
	in, err := read()
	own := g.gates.stay(joined, g.countsOf(a, in).gate)
	if err == nil {
		in, err = g.gates.enter(ctx, own.gate, pass{in: in, writes: own.writes, read: read, most: g.most(a)})
	}
	if err != nil {
		g.gates.forget(own.gate)
		return storage.SignIn{}, nil, err
	}
	return in, own.gate, nil
}

// gates are the keys of those that the attempt may have to wait at.
func (a Attempt) gates() []string {
	if a.Session != "" {
		return []string{a.sessionKey()}
	}
	keys := []string{a.gateKey()}
	for _, d := range a.Devices {
		keys = append(keys, deviceKey(d))
	}
	return keys
}

func (g *Guard) read(ctx context.Context, a Attempt) (storage.SignIn, error) {
	in, err := g.Store.SignIn(ctx, storage.SignInQuery{Username: a.Username, Keys: g.keys(a)})
	if err != nil {
		return storage.SignIn{}, fmt.Errorf("read sign-in: %w", err)
	}
	return in, nil
}

// keys are what the attempt may be counted by.
func (g *Guard) keys(a Attempt) []string {
	var keys []string
	if g.config.Failures > 0 {
		keys = append(keys, a.slowKey())
		if a.Session != "" {
			return append(keys, a.sessionKey())
		}
		for _, n := range a.networks() {
			keys = append(keys, a.pairKey(n))
		}
		for _, d := range a.Devices {
			keys = append(keys, deviceKey(d))
		}
	}
	if key := a.addressKey(); key != "" && g.config.AddressFailures > 0 && a.Session == "" {
		keys = append(keys, key)
	}
	return keys
}

// most is how many attempts may run at once: as many as there are failures left.
// What is frozen is refused at once.
func (g *Guard) most(a Attempt) func(storage.SignIn) int {
	return func(in storage.SignIn) int {
		counts := g.countsOf(a, in)
		if g.config.Failures == 0 || counts.frozen(g.Now()) {
			return math.MaxInt
		}
		return max(1, counts.left(g.Now(), g.config.Window))
	}
}

// settle writes down how the attempt ended. It does not let go of that when the
// client has gone: else guesses would be free for whoever hangs up in time.
func (g *Guard) settle(ctx context.Context, user *identity.User, c counts, success bool) (wrote bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if !success {
		if err := g.record(ctx, user, c); err != nil {
			return true, err
		}
		return true, errors.InvalidCredentials
	}
	keys := c.toClear()
	if keys == nil {
		return false, nil
	}
	if err := g.Store.ClearFailures(ctx, keys); err != nil {
		return true, fmt.Errorf("clear failures: %w", err)
	}
	return true, nil
}

// toClear are the keys whose failures a success forgives. A known device says
// nothing of those that strangers are delayed by.
func (c counts) toClear() []string {
	var keys []string
	for _, one := range append(c.own, c.slow) {
		if one.key != "" && one.failures.Count > 0 {
			keys = append(keys, one.key)
		}
	}
	return keys
}

// nobody is no user's id. It has the failures of unknown usernames written down in the
// same way as others, and in the same time.
const nobody = "nobody"

func (g *Guard) record(ctx context.Context, user *identity.User, c counts) error {
	var failures []storage.Failure
	add := func(one count, since time.Time, userID string) {
		if one.key != "" && one.limit > 0 {
			failures = append(failures, storage.Failure{
				Key: one.key, At: g.Now(), Limit: one.limit, Freeze: g.config.Freeze, Window: g.config.Window, Since: since, UserID: userID,
			})
		}
	}
	since, userID := time.Time{}, nobody
	if user != nil {
		since, userID = user.UnlockedAt, user.ID
	}
	if c.session { // whoever has the token froze no sign-in
		userID = ""
	}
	for _, own := range c.own {
		add(own, since, userID)
	}
	add(c.slow, since, "")
	add(c.shared, time.Time{}, "")
	if len(failures) == 0 {
		return nil
	}
	if err := g.Store.RecordFailures(ctx, failures); err != nil {
		return fmt.Errorf("record failures: %w", err)
	}
	return nil
}
