package throttle

import (
	"context"
	"fmt"
	"math"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/explain"
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
	config Config
	gates  gates
}

// New returns a Guard for a configuration that is valid.
func New(d Deps, c Config) *Guard {
	return &Guard{Deps: d, config: c.withDefaults(), gates: gates{open: make(map[string]*gate)}}
}

// Result is a sign-in that succeeded.
type Result struct {
	User   *identity.User
	Device string // to be stored with the session as seen; empty when that was done lately
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
// user, a wrong password, a freeze; errors.Unavailable when too many attempts
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
	if d := g.config.delay(counts.recent(g.Now(), g.config.Window)); d > 0 {
		if err := g.Sleep(ctx, d); err != nil {
			return Result{}, busy().Because(err)
		}
	}
	ok, err := verify(ctx, in.User)
	if err != nil {
		return Result{}, err
	}
	g.notePassword(web.Trail(ctx), in, counts, ok)
	if wrote, err = g.settle(ctx, counts, ok && in.User != nil && !in.User.Disabled); err != nil {
		return Result{}, err
	}
	return Result{User: in.User, Device: g.unseen(a, in)}, nil
}

// admit reads what is known of the account and waits until the attempt may run,
// at the gate of the device if the user knows it, else at the account's. The
// attempt is at both gates before it reads, so that none of those it will have
// to wait for can write without its noticing.
func (g *Guard) admit(ctx context.Context, a Attempt) (storage.SignIn, *gate, error) {
	read := func() (storage.SignIn, error) { return g.read(ctx, a) }
	own, writes := g.gates.join(a.accountKey())
	other, otherWrites := g.gates.join(a.deviceKey())
	in, err := read()
	if in.KnownDevice {
		own, writes, other = other, otherWrites, own
	}
	g.gates.forget(other)
	if err == nil {
		in, err = g.gates.enter(ctx, own, pass{in: in, writes: writes, read: read, most: g.most(a, in.KnownDevice)})
	}
	if err != nil {
		g.gates.forget(own)
		return storage.SignIn{}, nil, err
	}
	return in, own, nil
}

func (g *Guard) read(ctx context.Context, a Attempt) (storage.SignIn, error) {
	q := storage.SignInQuery{Username: a.Username, Device: a.Device}
	if g.config.Failures > 0 {
		q.Keys = append(q.Keys, a.accountKey(), a.deviceKey())
	}
	if g.config.AddressFailures > 0 {
		q.Keys = append(q.Keys, a.addressKey())
	}
	in, err := g.Store.SignIn(ctx, q)
	if err != nil {
		return storage.SignIn{}, fmt.Errorf("read sign-in: %w", err)
	}
	return in, nil
}

// most is how many attempts may run at once. A stranger has to wait for the one
// before. A known device, which may be a service that signs in a lot, has as
// many at once as it has failures left. What is frozen is refused at once.
func (g *Guard) most(a Attempt, known bool) func(storage.SignIn) int {
	return func(in storage.SignIn) int {
		counts := g.countsOf(a, in)
		switch {
		case g.config.Failures == 0 || counts.frozen(g.Now()):
			return math.MaxInt
		case known:
			return max(1, g.config.Failures-counts.recent(g.Now(), g.config.Window))
		}
		return 1
	}
}

// settle writes down how the attempt ended. It does not let go of that when the
// client has gone: else guesses would be free for whoever hangs up in time.
func (g *Guard) settle(ctx context.Context, c counts, success bool) (wrote bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if !success {
		if err := g.record(ctx, c); err != nil {
			return true, err
		}
		return true, errors.InvalidCredentials
	}
	if c.own.failures.Count == 0 {
		return false, nil
	}
	if err := g.Store.ClearFailures(ctx, []string{c.own.key}); err != nil {
		return true, fmt.Errorf("clear failures: %w", err)
	}
	return true, nil
}

func (g *Guard) record(ctx context.Context, c counts) error {
	var failures []storage.Failure
	for _, k := range []struct {
		key   string
		limit int
	}{{c.own.key, g.config.Failures}, {c.address.key, g.config.AddressFailures}} {
		if k.key != "" && k.limit > 0 {
			failures = append(failures, storage.Failure{
				Key: k.key, At: g.Now(), Limit: k.limit, Freeze: g.config.Freeze, Window: g.config.Window,
			})
		}
	}
	if len(failures) == 0 {
		return nil
	}
	if err := g.Store.RecordFailures(ctx, failures); err != nil {
		return fmt.Errorf("record failures: %w", err)
	}
	return nil
}

// deviceSeenEvery is how often a device is written down again, which keeps it known.
const deviceSeenEvery = 24 * time.Hour

func (g *Guard) unseen(a Attempt, in storage.SignIn) string {
	if in.KnownDevice && g.Now().Before(in.DeviceSeen.Add(deviceSeenEvery)) {
		return ""
	}
	return a.Device
}
