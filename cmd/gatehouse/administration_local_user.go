package main

import (
	"context"
	"time"

	"github.com/google/uuid"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/identity/wire"
)

// localUsers are the users in a database.
type localUsers struct{ local }

// userNow is a user as they stand now.
func userNow(u identity.User) wire.User { return wire.UserAt(u, time.Now()) }

func userForm(u identity.User) versioned[wire.User] {
	return versioned[wire.User]{userNow(u), u.Version}
}

func (l localUsers) list(ctx context.Context, query identity.UserQuery) (listing[wire.User], error) {
	users, total, err := l.store.Users(ctx, query)
	return pageOf(mapped(users, userNow), query.Page, total), err
}

func (l localUsers) find(ctx context.Context, name string) (string, error) {
	if id, err := uuid.Parse(name); err == nil {
		return id.String(), nil
	}
	user, err := l.store.UserByUsername(ctx, name)
	if errors.Is(err, errors.UserNotFound) {
		return "", nobody("user", name)
	}
	return user.ID, err
}

func (l localUsers) read(ctx context.Context, id string) (versioned[wire.User], error) {
	user, err := l.store.User(ctx, id)
	return userForm(user), err
}

func (l localUsers) create(ctx context.Context, body map[string]any) (versioned[wire.User], error) {
	return changed(l.local, userForm, func(r *registry.Registry) (user identity.User, err error) {
		if body, err = received(body); err != nil {
			return user, err
		}
		in, err := wire.ParseNewUser(body)
		if err != nil {
			return user, err
		}
		return r.CreateUser(ctx, in)
	})
}

func (l localUsers) update(ctx context.Context, id string, body map[string]any, versions registry.Versions) (versioned[wire.User], error) {
	return changed(l.local, userForm, func(r *registry.Registry) (user identity.User, err error) {
		if body, err = received(body); err != nil {
			return user, err
		}
		change, err := wire.ParseUserChange(body)
		if err != nil {
			return user, err
		}
		return r.UpdateUser(ctx, id, change, versions)
	})
}

func (l localUsers) remove(ctx context.Context, id string, versions registry.Versions) error {
	return l.change(func(r *registry.Registry) error { return r.DeleteUser(ctx, id, versions) })
}
