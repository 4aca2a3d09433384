package registry

import (
	"context"
	"slices"

	"gatehouse/errors"
	"gatehouse/identity"
)

// NewUser is a user to be created.
type NewUser struct {
	Username, Email     string
	EmailVerified       bool
	FirstName, LastName string
	Password            string // has to follow the rules
	PasswordHash        string // instead of Password; see identity.CheckPasswordHash
	Groups              []string
	Metadata            map[string]any
}

// UserChange is what to change of a user; nil fields stay as they are.
type UserChange struct {
	Email, FirstName, LastName *string
	Groups                     *[]string
	Disabled                   *bool
	Metadata                   *map[string]any
}

func subjectOf(u identity.User) Subject { return Subject{"user", u.ID, u.Username} }

func userFacts(u identity.User) facts {
	return facts{
		"username": u.Username, "email": u.Email, "emailVerified": u.EmailVerified, "firstName": u.FirstName, "lastName": u.LastName,
		"groups": u.Groups, "disabled": u.Disabled, "metadata": u.Metadata,
	}
}

// CreateUser creates a user. It returns what User.Validate, the password policy
// and the store have to say.
func (r *Registry) CreateUser(ctx context.Context, in NewUser) (identity.User, error) {
	user := identity.User{
		ID: newID(), Username: in.Username, Email: in.Email, EmailVerified: in.EmailVerified, FirstName: in.FirstName, LastName: in.LastName,
		Groups: slices.Sorted(slices.Values(in.Groups)), Metadata: in.Metadata, Version: 1, Credentials: 1,
	}
	if err := user.ValidateNew(); err != nil {
		return user, err
	}
	if err := r.mayJoin(ctx, "groups", user.Groups...); err != nil {
		return user, unknownGroup(err)
	}
	var err error
	if user.PasswordHash, err = r.firstHash(ctx, user, in); err != nil {
		return user, err
	}
	user.CreatedAt = r.now()
	user.UpdatedAt = user.CreatedAt
	return user, r.InTx(ctx, func(ctx context.Context) error {
		if err := r.mayJoin(ctx, "groups", user.Groups...); err != nil { // again: hashing takes its time
			return unknownGroup(err)
		}
		if err := r.Store.CreateUser(ctx, user); err != nil {
			return unknownGroup(err)
		}
		return r.record(ctx, "user.create", subjectOf(user), nil, userFacts(user))
	})
}

// UpdateUser changes a user. Disabling ends the user's sessions.
func (r *Registry) UpdateUser(ctx context.Context, id string, change UserChange, versions Versions) (user identity.User, err error) {
	err = r.InTx(ctx, func(ctx context.Context) error {
		before, err := r.userToChange(ctx, id, versions)
		if err != nil {
			return err
		}
		user = before
		change.apply(&user)
		if err := user.Validate(); err != nil {
			return err
		}
		if err := r.mayJoin(ctx, "groups", user.Groups...); err != nil {
			return unknownGroup(err)
		}
		field := "groups"
		if user.Disabled {
			field = "disabled"
		}
		if err := r.keepsAnAdmin(ctx, field, before, user); err != nil {
			return err
		}
		if user.Disabled && !before.Disabled {
			if user.ID == ActorOf(ctx).ID {
				return errors.Protected.On(map[string]string{"disabled": "the caller's own account cannot be disabled"})
			}
			if err := r.endSessions(ctx, id, ""); err != nil {
				return err
			}
		}
		user.Version, user.UpdatedAt = before.Version+1, r.now()
		if err := r.Store.UpdateUser(ctx, user); err != nil {
			return unknownGroup(err)
		}
		return r.record(ctx, "user.update", subjectOf(user), userFacts(before), userFacts(user))
	})
	return user, err
}

func (c UserChange) apply(u *identity.User) {
	if c.Email != nil && identity.EmailKey(*c.Email) != identity.EmailKey(u.Email) {
		u.EmailVerified = false // nobody has shown that the new one is theirs
	}
	set(&u.Email, c.Email)
	set(&u.FirstName, c.FirstName)
	set(&u.LastName, c.LastName)
	set(&u.Disabled, c.Disabled)
	set(&u.Metadata, c.Metadata)
	if c.Groups != nil {
		u.Groups = slices.Sorted(slices.Values(*c.Groups))
	}
}

// DeleteUser removes a user; their sessions and tokens die with them.
func (r *Registry) DeleteUser(ctx context.Context, id string, versions Versions) error {
	return r.InTx(ctx, func(ctx context.Context) error {
		user, err := r.userToChange(ctx, id, versions)
		if err != nil {
			return err
		}
		if user.ID == ActorOf(ctx).ID {
			return errors.Protected.On(map[string]string{"id": "the caller's own account cannot be deleted"})
		}
		if err := r.keepsAnAdmin(ctx, "id", user, identity.User{}); err != nil {
			return err
		}
		if err := r.endSessions(ctx, id, ""); err != nil {
			return err
		}
		if err := r.Store.DeleteUser(ctx, id, r.now()); err != nil {
			return err
		}
		return r.record(ctx, "user.delete", subjectOf(user), userFacts(user), nil)
	})
}

// unknownGroup names the field where a group is at fault that a user is to be in.
func unknownGroup(err error) error {
	if !errors.Is(err, errors.GroupNotFound) {
		return err
	}
	return errors.From(err).On(map[string]string{"groups": "names a group that does not exist"})
}

// userToChange reads a user that the actor may change, in a version that it
// expects. Everybody may change themselves as far as their permissions go.
func (r *Registry) userToChange(ctx context.Context, id string, versions Versions) (identity.User, error) {
	user, err := r.Store.UserToChange(ctx, id)
	if err != nil {
		return user, err
	}
	if err := versions.check(user.Version); err != nil {
		return user, err
	}
	if user.ID == ActorOf(ctx).ID {
		return user, nil
	}
	return user, r.mayTouch(ctx, "id", user.Groups...)
}

// keepsAnAdmin refuses a change that would leave no enabled member of
// identity.AdminGroup. The field is what the change is told it cannot do.
func (r *Registry) keepsAnAdmin(ctx context.Context, field string, before, after identity.User) error {
	if !isAdmin(before) || isAdmin(after) {
		return nil
	}
	another, err := r.Store.AnotherAdmin(ctx, before.ID)
	if err != nil || another {
		return err
	}
	return lastAdmin(field, before)
}

func lastAdmin(field string, user identity.User) error {
	return errors.Protected.On(map[string]string{field: user.Username + " is the last enabled member of " + identity.AdminGroup})
}

func isAdmin(u identity.User) bool {
	return !u.Disabled && slices.Contains(u.Groups, identity.AdminGroup)
}
