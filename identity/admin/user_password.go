package admin

import (
	"cmp"
	"context"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/wire"
	"gatehouse/server/explain"
	"gatehouse/server/throttle"
	"gatehouse/server/web"
)

// updatePassword handles PATCH /v1/users/{id}/update-password, for one's own
// account alone. The session that it is called from goes on, all others end.
func (a *API) updatePassword(c *call) error {
	id, err := c.uuid("id")
	if err != nil {
		return err
	}
	if !c.isOwn() {
		c.trail().Fail(explain.TokenOfUser, "a token of "+c.token.Subject, "one of user "+id)
		return errors.UserNotTokenOwner.On(map[string]string{"id": "is not the token's user"})
	}
	in, err := body(c, parsePasswords)
	if err != nil {
		return err
	}
	hash, err := a.prove(c, in.old)
	if err != nil {
		return err
	}
	if err := a.Registry.ChangePassword(c.ctx, id, hash, in.chosen, c.token.SessionID); err != nil {
		return err
	}
	return c.done()
}

// passwords are the present one and the next.
type passwords struct{ old, chosen string }

func parsePasswords(object map[string]any) (in passwords, err error) {
	in.old, in.chosen, err = wire.ParsePasswordChange(object)
	return in, err
}

// prove returns the hash that the caller's password was found right by. A wrong
// one gets the answer that a freeze gets: else who has found a token could find the
// password, too. It is counted by the token's session, so that they keep nobody from
// signing in, or from changing the password elsewhere.
func (a *API) prove(c *call, password string) (hash string, err error) {
	attempt := throttle.Attempt{Username: c.token.User.Username, Address: web.ClientAddress(c.ctx), Session: cmp.Or(c.token.SessionID, c.token.User.ID)}
	result, err := a.Guard.SignIn(c.ctx, attempt, func(ctx context.Context, user *identity.User) (bool, error) {
		hash := "" // nobody's: it takes as long
		if user != nil && user.ID == c.token.User.ID {
			hash = user.PasswordHash
		}
		ok, _, err := a.Passwords.Verify(ctx, hash, password)
		return ok, err
	})
	if errors.Is(err, errors.InvalidCredentials) {
		return "", errors.WrongCurrentPassword.On(map[string]string{"oldPassword": "is wrong"})
	}
	if err != nil {
		return "", err
	}
	return result.User.PasswordHash, nil
}

// unlockUser handles POST /v1/users/{id}/unlock.
func (a *API) unlockUser(c *call) error {
	id, err := c.uuid("id")
	if err != nil {
		return err
	}
	if err := a.Registry.UnlockUser(c.ctx, id); err != nil {
		return err
	}
	return c.done()
}

// resetPassword handles PATCH /v1/users/{id}/reset-password.
func (a *API) resetPassword(c *call) error {
	id, versions, err := c.target((*call).uuid)
	if err != nil {
		return err
	}
	password, err := body(c, wire.ParsePasswordReset)
	if err != nil {
		return err
	}
	keep := ""
	if c.isOwn() {
		keep = c.token.SessionID
	}
	if err := a.Registry.ResetPassword(c.ctx, id, password, keep, versions); err != nil {
		return err
	}
	return c.done()
}
