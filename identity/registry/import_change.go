package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"gatehouse/errors"
	"gatehouse/identity"
)

// errRaced: somebody else has changed a user since it was read.
var errRaced = errors.Unavailable.On(nil)

// change decides on a user that is there, and changes it.
func (b *importBatch) change(ctx context.Context, c *importee, in Imported, password password) (ImportOutcome, error) {
	before, after := c.user, c.user
	if fixed := in.fixed(before); len(fixed) > 0 {
		return 0, errors.FieldImmutable.On(fixed)
	}
	in.apply(&after)
	hash, err := b.newPassword(c, in, password)
	if err != nil {
		return 0, err
	}
	after.PasswordHash = hash
	if same(before, after) {
		return ImportUnchanged, nil
	}
	if err := b.check(after, c); err != nil {
		return 0, err
	}
	if c.stored && !c.held && !b.DryRun {
		if err := b.holdUser(ctx, c); err != nil {
			return 0, err
		}
		return b.change(ctx, c, in, password)
	}
	if err := b.mayChange(ctx, before, after); err != nil {
		return 0, err
	}
	if err := b.write(ctx, c, before, &after); err != nil {
		return 0, ours(err)
	}
	if before.PasswordHash != after.PasswordHash {
		c.password = in.Password
	}
	b.put(c, after)
	return ImportUpdated, nil
}

// fixed names what the file says of a user and cannot be changed.
func (in Imported) fixed(u identity.User) map[string]string {
	fixed := make(map[string]string)
	if in.Username != "" && identity.UsernameKey(in.Username) != identity.UsernameKey(u.Username) {
		fixed["username"] = "is not the user's with this e-mail address, and cannot be changed"
	}
	if in.ID != "" && in.ID != u.ID {
		fixed["id"] = "is not the user's with this name, and cannot be changed"
	}
	return fixed
}

// same says whether two states of a user are alike. Metadata is compared as the
// database gives it back.
func same(a, b identity.User) bool {
	return a.Email == b.Email && a.EmailVerified == b.EmailVerified && a.FirstName == b.FirstName && a.LastName == b.LastName &&
		a.Disabled == b.Disabled && a.PasswordHash == b.PasswordHash && slices.Equal(a.Groups, b.Groups) &&
		bytes.Equal(canonical(a.Metadata), canonical(b.Metadata))
}

// canonical is the one text of metadata.
func canonical(metadata map[string]any) []byte {
	if len(metadata) == 0 {
		return nil
	}
	text, _ := json.Marshal(metadata) // User.Validate is what refuses the rest
	var back map[string]any
	_ = json.Unmarshal(text, &back)
	text, _ = json.Marshal(back)
	return text
}

// holdUser reads a user again, for a change.
func (b *importBatch) holdUser(ctx context.Context, c *importee) error {
	held, err := b.Store.UserToChange(ctx, c.user.ID)
	if errors.Is(err, errors.UserNotFound) {
		return ours(errRaced)
	}
	if err != nil {
		return ours(err)
	}
	c.held = true
	if held.Version != c.user.Version && (identity.EmailKey(held.Email) != identity.EmailKey(c.user.Email)) {
		return ours(errRaced) // whom the names belong to is not what it was
	}
	for _, id := range held.Groups {
		if !b.groups[id] {
			return ours(errRaced) // the batch has not read what that group permits
		}
	}
	b.put(c, held)
	return nil
}

// mayChange holds a change to the rules of Registry.UpdateUser and
// Registry.ResetPassword.
func (b *importBatch) mayChange(ctx context.Context, before, after identity.User) error {
	own := before.ID == ActorOf(ctx).ID
	if !own {
		if err := b.mayTouch(ctx, "username", before.Groups...); err != nil {
			return err
		}
	}
	if err := b.mayTouch(ctx, "groups", after.Groups...); err != nil {
		return err
	}
	if before.PasswordHash != after.PasswordHash {
		if err := b.mayResetPasswords(ctx); err != nil {
			return err
		}
	}
	if own && after.Disabled && !before.Disabled {
		return errors.Protected.On(map[string]string{"disabled": "the caller's own account cannot be disabled"})
	}
	return b.leavesAnAdmin(ctx, before, after)
}

// leavesAnAdmin is keepsAnAdmin, which counts the new administrators too.
func (b *importBatch) leavesAnAdmin(ctx context.Context, before, after identity.User) error {
	for id, c := range b.admins {
		if id != before.ID && (!c.stored || b.DryRun) {
			return nil
		}
	}
	field := "groups"
	if after.Disabled {
		field = "disabled"
	}
	if !b.DryRun {
		err := b.keepsAnAdmin(ctx, field, before, after)
		if err != nil && !errors.Is(err, errors.Protected) {
			return ours(err)
		}
		return err
	}
	if !isAdmin(before) || isAdmin(after) {
		return nil
	}
	another, err := b.anotherAdmin(ctx)
	if err != nil || another {
		return ours(err)
	}
	return lastAdmin(field, before)
}

// anotherAdmin looks, for a dry run, for an administrator in the database that
// the file has said nothing of.
func (b *importBatch) anotherAdmin(ctx context.Context) (bool, error) {
	for page := (identity.Page{Number: 1, Limit: 100}); ; page.Number++ {
		users, _, err := b.Store.Users(ctx, identity.UserQuery{Page: page, Group: identity.AdminGroup})
		if err != nil || len(users) == 0 {
			return false, err
		}
		for _, user := range users {
			if !user.Disabled && b.byID[user.ID] == nil {
				return true, nil
			}
		}
	}
}

// write stores what a user has become, ends the sessions that must not outlive
// it, and records it. A user that is not stored yet is created with the batch.
func (b *importBatch) write(ctx context.Context, c *importee, before identity.User, after *identity.User) error {
	if !c.stored || b.DryRun {
		return nil
	}
	now := b.now()
	after.UpdatedAt, after.Version = now, before.Version+1
	hash := after.PasswordHash
	after.PasswordHash = before.PasswordHash
	if !same(before, *after) {
		if err := b.Store.UpdateUser(ctx, *after); err != nil {
			return err
		}
		if err := b.record(ctx, "user.update", subjectOf(*after), userFacts(before), userFacts(*after)); err != nil {
			return err
		}
		before.Version++
	}
	if hash != before.PasswordHash {
		if err := b.Store.SetPasswordHash(ctx, after.ID, hash, now); err != nil {
			return err
		}
		if err := b.Store.UnlockUser(ctx, after.ID, now); err != nil {
			return err
		}
		if err := b.record(ctx, "user.reset-password", subjectOf(*after), nil, nil); err != nil {
			return err
		}
		after.PasswordHash, after.Version = hash, before.Version+1
	}
	if hash != before.PasswordHash || after.Disabled && !before.Disabled {
		return b.endSessions(ctx, after.ID, "")
	}
	return nil
}
