package password

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/device"
	"gatehouse/server/explain"
	"gatehouse/server/throttle"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// Deps is all this package takes from the rest of the program; every field is required.
type Deps struct {
	Users     Users
	Guard     *throttle.Guard
	Passwords *identity.Passwords
	Event     func(ctx context.Context, user identity.User, address, requestID string, after map[string]any) storage.AuditEvent // see registry.Registry.SignInEvent
	Emit      func(storage.AuditEvent)                                                                                          // told of each such event once it is stored
	Refused   func(ctx context.Context, user identity.User, address, requestID string, code errors.Code) error                  // see registry.Registry.SignInRefused
	Now       func() time.Time
	Log       *slog.Logger
}

// Users is what this package asks of identity.Store.
type Users interface {
	RenewPasswordHash(ctx context.Context, id, old, renewed string, at time.Time) (bool, error)
}

// Checker checks usernames and passwords.
type Checker struct{ Deps }

// New returns a Checker.
func New(d Deps) *Checker { return &Checker{d} }

// Attempt is what somebody claims.
type Attempt struct {
	Username string
	Password string
	Only     string          // id of the user who has to sign in, nobody else may; empty: anybody
	Address  string          // of the client
	Client   string          // see throttle.Attempt
	Devices  []device.Device // see throttle.Attempt
}

// Proven is somebody who has proved who they are.
type Proven struct {
	User   *identity.User
	Hash   string // that the password was checked against; a new one, if that was old
	Device string // see throttle.Result
}

// longestUsername is in bytes. A longer one is nobody's, and not worth counting
// failures under.
const longestUsername = 255

// Check returns who has proved who they are. It returns what throttle.Guard.SignIn
// does, and errors.AnotherAccount for somebody else than who has to sign in. That is
// no failure: the password was right, and whoever asked for another may be a link
// that somebody was sent. It forgives no failures either, and leaves an audit event:
// the password is known to whoever sent it.
func (c *Checker) Check(ctx context.Context, a Attempt) (Proven, error) {
	if len(a.Username) > longestUsername {
		web.Trail(ctx).Fail(explain.UserKnown, fmt.Sprintf("%d bytes", len(a.Username)), fmt.Sprintf("at most %d", longestUsername))
		return Proven{}, errors.InvalidCredentials
	}
	stale := false
	verify := func(ctx context.Context, user *identity.User) (bool, error) {
		hash := "" // nobody's: it takes as long
		if user != nil {
			hash = user.PasswordHash
		}
		ok, old, err := c.Passwords.Verify(ctx, hash, a.Password)
		stale = old
		if err == nil && ok && user != nil && !user.Disabled && a.Only != "" && user.ID != a.Only {
			return false, c.another(ctx, a, *user) // counts as no attempt
		}
		return ok, err
	}
	in, err := c.Guard.SignIn(ctx, throttle.Attempt{Username: a.Username, Address: a.Address, Client: a.Client, Devices: a.Devices}, verify)
	if err != nil {
		return Proven{}, err
	}
	out := Proven{User: in.User, Hash: in.User.PasswordHash, Device: in.Device}
	if stale {
		out.Hash = c.rehash(ctx, in.User, a.Password)
	}
	return out, nil
}

// another returns errors.AnotherAccount for somebody else than who has to sign in,
// once the event is stored, also for a client that has gone.
func (c *Checker) another(ctx context.Context, a Attempt, user identity.User) error {
	web.Trail(ctx).Pass(explain.Password)
	web.Trail(ctx).Fail(explain.UserWanted, "another user", a.Only)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := c.Refused(ctx, user, a.Address, web.RequestID(ctx), errors.AnotherAccount); err != nil {
		return fmt.Errorf("record refused sign-in: %w", err)
	}
	return errors.AnotherAccount
}

// SignedIn is what is to be stored with the sign-in of somebody who has proved who
// they are: the day, unless it is known, and the audit event. Pass it to Noted once stored.
func (c *Checker) SignedIn(ctx context.Context, p Proven, after map[string]any) *storage.SignedIn {
	after["deviceKnown"] = p.Device != ""
	in := &storage.SignedIn{Event: c.Event(ctx, *p.User, web.ClientAddress(ctx), web.RequestID(ctx), after)}
	if day := c.Now().UTC().Truncate(24 * time.Hour); day.After(p.User.LastSignIn) {
		in.Day = day
	}
	return in
}

// Noted passes on the event of a sign-in that is stored.
func (c *Checker) Noted(in *storage.SignedIn) { c.Emit(in.Event) }

// rehash brings an old password hash up to today's parameters, and returns the
// hash that the user then has. The sign-in does not depend on it.
func (c *Checker) rehash(ctx context.Context, user *identity.User, password string) string {
	hash, err := c.Passwords.Hash(ctx, password)
	renewed := false
	if err == nil {
		renewed, err = c.Users.RenewPasswordHash(ctx, user.ID, user.PasswordHash, hash, c.Now())
	}
	if err != nil {
		c.Log.WarnContext(ctx, "password not re-hashed", "user", user.ID, "error", err)
	}
	if !renewed {
		return user.PasswordHash
	}
	return hash
}
