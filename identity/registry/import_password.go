package registry

import (
	"context"
	"runtime"
	"sync"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
)

// password is what is known of the password that a file gives a user.
type password struct {
	hash  string // of it; empty where it was not hashed
	known string // the hash that the user has, which is of it, too
	err   error  // why it cannot be the user's
}

// mayReset refuses an actor that may not give a user a password.
func (b *importBatch) mayReset(ctx context.Context, user identity.User) error {
	if user.ID != ActorOf(ctx).ID {
		if err := b.mayTouch(ctx, "username", user.Groups...); err != nil {
			return err
		}
	}
	return b.mayResetPasswords(ctx)
}

// mayResetPasswords refuses an actor that may change users, but not their passwords.
func (i *Import) mayResetPasswords(ctx context.Context) error {
	actor := ActorOf(ctx)
	if actor.trusted() {
		return nil
	}
	policy, err := i.policy(ctx)
	if err != nil {
		return err
	}
	if !policy.Administers(actor.Groups, "reset-password", "patch").Allowed {
		return errors.IdentityAccessDenied.On(map[string]string{
			"password": "belongs to a user who is there; the caller does not have the permission reset-password:patch",
		})
	}
	return nil
}

// pretended begins what stands for a hash that a dry run does not make.
const pretended = "$"

// passwords looks at the passwords of users before any transaction begins: it
// takes tens of milliseconds to hash one. As many are hashed at once as there are
// processors.
func (i *Import) passwords(ctx context.Context, users []Imported) ([]password, error) {
	passwords := make([]password, len(users))
	var given []int
	var owners []Imported
	for n, user := range users {
		if user.Password != "" && user.PasswordHash == "" {
			given, owners = append(given, n), append(owners, user)
		}
	}
	if len(given) == 0 {
		return passwords, nil
	}
	there, err := i.named(ctx, owners)
	if err != nil {
		return nil, err
	}
	b := &importBatch{Import: i, roster: newRoster()}
	for _, user := range there {
		b.put(&importee{user: user}, user)
	}
	if actor := ActorOf(ctx); !actor.trusted() {
		if b.powers, err = i.standing(ctx, actor, groupsOf(there)); err != nil {
			return nil, err
		}
	}
	return passwords, b.hashAll(ctx, users, given, passwords)
}

func (b *importBatch) hashAll(ctx context.Context, users []Imported, given []int, passwords []password) error {
	next := make(chan int)
	faults := make([]error, len(users))
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(given)) {
		workers.Go(func() {
			for n := range next {
				passwords[n], faults[n] = b.password(ctx, users[n], b.find(users[n]))
			}
		})
	}
	for _, n := range given {
		next <- n
	}
	close(next)
	workers.Wait()
	return errors.Join(faults...)
}

// password finds out whether a user has a password, and hashes it if not.
func (b *importBatch) password(ctx context.Context, in Imported, owner *importee) (p password, err error) {
	username, email := in.Username, in.Email
	if owner != nil {
		// Whoever may not set the password must not find out by a file of guesses
		// what it is, be it by how long that takes.
		if err := b.mayReset(ctx, owner.user); errors.Is(err, errors.IdentityAccessDenied) {
			return password{err: err}, nil
		} else if err != nil {
			return p, err
		}
		var same bool
		err = patiently(ctx, func() (err error) {
			same, _, err = b.Verify(ctx, owner.user.PasswordHash, in.Password)
			return err
		})
		if err == nil && same {
			return password{known: owner.user.PasswordHash}, nil
		}
		if errors.Is(err, errors.Unavailable) {
			return p, err
		}
		username = owner.user.Username
		if email == "" {
			email = owner.user.Email
		}
	}
	if username == "" {
		username = in.Fallback
	}
	if b.DryRun {
		return password{err: b.Rules.Check(in.Password, username, email)}, nil
	}
	err = patiently(ctx, func() (err error) {
		p.hash, err = b.newHash(ctx, "password", identity.User{Username: username, Email: email}, in.Password)
		return err
	})
	if errors.Is(err, errors.WeakPassword) {
		return password{err: err}, nil
	}
	return p, err
}

// newPassword returns the hash that a user has from now on.
func (b *importBatch) newPassword(c *importee, in Imported, p password) (string, error) {
	switch {
	case in.PasswordHash != "":
		return in.PasswordHash, nil
	case in.Password == "", in.Password == c.password:
		return c.user.PasswordHash, nil
	case p.err != nil:
		return "", p.err
	case p.known != "" && p.known == c.user.PasswordHash:
		return p.known, nil
	case b.DryRun:
		return pretended + in.Password, nil
	case p.hash == "": // it was the user's, and is no longer
		return "", ours(errRaced)
	}
	return p.hash, nil
}

// How long hashing waits for its turn behind those who sign in.
const (
	turnsTried = 50
	turnWait   = 100 * time.Millisecond
)

// patiently tries again what is told to come back.
func patiently(ctx context.Context, try func() error) error {
	for n := 1; ; n++ {
		err := try()
		if !errors.Is(err, errors.Unavailable) || n == turnsTried || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(turnWait):
		}
	}
}
