package bootstrap

import (
	"context"
	"maps"
	"slices"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/identity/wire"
)

func (p *plan) planUsers() error {
	groups := make(map[string]bool, len(p.now.groups)+len(p.file.groups))
	for id := range p.now.groups {
		groups[id] = true
	}
	for _, declared := range p.file.groups {
		groups[declared.id] = true
	}
	for _, declared := range p.file.users {
		for _, id := range value(declared.change.Groups) {
			if !groups[id] {
				m := declared.wrong("groups", id+" is no group, neither in the file nor in the database")
				m.Written, m.Names = id, slices.Sorted(maps.Keys(groups))
				p.wrong = append(p.wrong, m)
			}
		}
		now, there := p.now.users[identity.UsernameKey(declared.username)]
		if other, taken := p.now.emails[identity.EmailKey(*declared.change.Email)]; taken && other.ID != now.ID {
			p.wrong = append(p.wrong, declared.wrong("email", "is in use by "+other.Username+" already"))
		}
		plan := p.planNewUser
		if there {
			plan = p.planUser
		}
		if err := plan(declared); err != nil {
			return err
		}
	}
	return nil
}

// planUser compares a declared user with what they are now. What the file does
// not say stays.
func (p *plan) planUser(declared user) error {
	now := p.now.users[identity.UsernameKey(declared.username)]
	user, change := now, declared.change
	set(&user.Email, change.Email)
	set(&user.FirstName, change.FirstName)
	set(&user.LastName, change.LastName)
	set(&user.Disabled, change.Disabled)
	if change.Groups != nil {
		user.Groups = slices.Sorted(slices.Values(*change.Groups))
	}
	fields, err := diff("username", wire.FromUser(now), wire.FromUser(user))
	if err != nil || fields == nil {
		return err
	}
	p.effect.user(&now, &user)
	p.add(Change{
		Action: Update, Kind: KindUser, Name: now.Username, Fields: fields, place: declared.place,
		run: func(ctx context.Context) error {
			_, err := p.Registry.UpdateUser(ctx, now.ID, change, registry.Versions{now.Version})
			return err
		},
	})
	return nil
}

func (p *plan) planNewUser(declared user) error {
	in := registry.NewUser{
		Username: declared.username, Email: *declared.change.Email, Password: declared.password, PasswordHash: declared.passwordHash,
		FirstName: value(declared.change.FirstName), LastName: value(declared.change.LastName),
		Groups: slices.Sorted(slices.Values(value(declared.change.Groups))),
	}
	user := identity.User{
		Username: in.Username, Email: in.Email, FirstName: in.FirstName, LastName: in.LastName, Groups: in.Groups,
		Disabled: value(declared.change.Disabled),
	}
	p.notARole(declared.place, "username", user.ValidateNew())
	fields, err := diff("username", nil, wire.FromUser(user))
	if err != nil {
		return err
	}
	p.effect.user(nil, &user)
	c := Change{Action: Create, Kind: KindUser, Name: in.Username, place: declared.place}
	c.Fields = append(fields, Field{"password", nil, p.passwordOf(declared)})
	c.prepare = func(ctx context.Context) error { return p.hash(ctx, &in) }
	c.run = func(ctx context.Context) error {
		made, err := p.Registry.CreateUser(ctx, in)
		if err == nil && value(declared.change.Disabled) {
			_, err = p.Registry.UpdateUser(ctx, made.ID, registry.UserChange{Disabled: declared.change.Disabled}, nil)
		}
		return err
	}
	p.add(c)
	return nil
}

// passwordOf says what becomes of a new user's password.
func (p *plan) passwordOf(declared user) Unseen {
	switch {
	case declared.passwordHash != "":
		return Set
	case declared.password != "":
		field := "password"
		if declared.lines[field] == 0 {
			field += fileSuffix
		}
		if err := p.Registry.Rules.Check(declared.password, declared.username, *declared.change.Email); err != nil {
			p.wrong = append(p.wrong, declared.wrong(field, errors.From(err).Fields["password"]))
		}
		return Set
	case p.Closed:
		p.wrong = append(p.wrong, declared.wrong("password", "is not given, and there is nobody to show one to that is made up: "+
			"give passwordFile, or run gatehouse apply once"))
	}
	return MadeUp
}

// hash hashes the password of a new user before the transaction, which it would
// hold up.
func (p *plan) hash(ctx context.Context, in *registry.NewUser) error {
	if in.PasswordHash != "" {
		return nil
	}
	password := in.Password
	if password == "" {
		password = identity.GeneratePassword()
		p.made = append(p.made, Credential{KindUser, in.Username, "password", password})
	}
	hash, err := p.Registry.Hash(ctx, password)
	in.PasswordHash = hash
	return err
}

// set puts a value into a field that is declared.
func set[T any](field *T, declared *T) {
	if declared != nil {
		*field = *declared
	}
}
