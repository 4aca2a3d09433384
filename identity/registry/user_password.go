package registry

import (
	"context"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
)

// ChangePassword gives a user the password that they chose themselves, after
// they have shown that they know the one whose hash is known. All sessions but
// the one that is kept end.
func (r *Registry) ChangePassword(ctx context.Context, id, known, password, keepSession string) error {
	return r.setPassword(ctx, newPassword{
		action: "user.update-password", id: id, password: password, keepSession: keepSession,
		check: func(_ context.Context, user identity.User) error {
			if user.PasswordHash != known { // it was changed, or hashed anew, in between
				return errors.Unavailable.After(time.Second)
			}
			return nil
		},
	})
}

// ResetPassword gives a user a password that an administrator chose, and unlocks
// them. All their sessions end, but the caller's own if it is their own account.
func (r *Registry) ResetPassword(ctx context.Context, id, password, keepSession string, versions Versions) error {
	return r.setPassword(ctx, newPassword{
		action: "user.reset-password", id: id, password: password, keepSession: keepSession, unlock: true,
		check: func(ctx context.Context, user identity.User) error {
			if err := versions.check(user.Version); err != nil {
				return err
			}
			if user.ID == ActorOf(ctx).ID {
				return nil
			}
			return r.mayTouch(ctx, "id", user.Groups...)
		},
	})
}

// newPassword is a password that a user is to have, if they pass the check.
type newPassword struct {
	action, id, password, keepSession string
	unlock                            bool
	check                             func(context.Context, identity.User) error
}

func (r *Registry) setPassword(ctx context.Context, p newPassword) error {
	user, err := r.Store.User(ctx, p.id)
	if err != nil {
		return err
	}
	if err := p.check(ctx, user); err != nil {
		return err
	}
	hash, err := r.newHash(ctx, "newPassword", user, p.password)
	if err != nil {
		return err
	}
	return r.InTx(ctx, func(ctx context.Context) error {
		user, err := r.Store.UserToChange(ctx, p.id)
		if err != nil {
			return err
		}
		if err := p.check(ctx, user); err != nil {
			return err
		}
		if err := r.Store.SetPasswordHash(ctx, p.id, hash, r.now()); err != nil {
			return err
		}
		if p.unlock {
			if err := r.Store.UnlockUser(ctx, p.id, r.now()); err != nil {
				return err
			}
		}
		if err := r.endSessions(ctx, p.id, p.keepSession); err != nil {
			return err
		}
		return r.record(ctx, p.action, subjectOf(user), nil, nil)
	})
}

// newHash hashes a new password that follows the rules. The field is where it
// came in.
func (r *Registry) newHash(ctx context.Context, field string, user identity.User, password string) (string, error) {
	err := r.Rules.Check(password, user.Username, user.Email)
	if err != nil {
		fault := errors.From(err)
		return "", fault.Code.On(map[string]string{field: fault.Fields["password"]})
	}
	return r.Hash(ctx, password)
}

// firstHash is the hash of a new user's password.
func (r *Registry) firstHash(ctx context.Context, user identity.User, in NewUser) (string, error) {
	if in.PasswordHash == "" {
		return r.newHash(ctx, "password", user, in.Password)
	}
	return in.PasswordHash, identity.CheckPasswordHash(in.PasswordHash)
}
