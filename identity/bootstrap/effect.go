package bootstrap

import (
	"context"
	"maps"
	"slices"

	"gatehouse/identity"
	"gatehouse/identity/registry"
)

// Effect is what a file makes of who may do what. What stays as it is is not in it.
type Effect struct {
	Before       *identity.Policy
	Groups       []identity.Group // that are new, or permit something else
	Deleted      []string         // ids of groups
	Users        []Turn[identity.User]
	Applications []Turn[identity.Application]
}

// Turn is what becomes of somebody: a user who is new, in other groups, or no
// longer disabled, or disabled from then on; an application likewise.
type Turn[T any] struct {
	Before, After *T // nil: there is none
}

// EffectOf returns what applying a file would make of who may do what. Whether
// the passwords and secrets in it would do is not looked at. It returns Mistakes
// as Plan does.
func EffectOf(ctx context.Context, there Present, file *File, o Options) (*Effect, error) {
	anything := identity.PasswordPolicy{
		MinLength: 1, MaxLength: mostSecretBytes, AllowNoUpper: true, AllowNoLower: true, AllowNoDigit: true,
		AllowNoSpecial: true, AllowRepeats: true, AllowCommon: true, AllowNames: true,
	}
	b := New(Deps{
		Registry:     registry.New(registry.Deps{Rules: anything}),
		VerifySecret: func(_, _ string) (ok, stale bool) { return true, false },
	})
	p, err := b.plan(ctx, there, file, o)
	if err != nil {
		return nil, err
	}
	p.effect.Before = identity.NewPolicy(inOrder(p.now.groups), slices.Collect(maps.Keys(p.now.products)))
	return &p.effect, nil
}

func (e *Effect) group(now, then identity.Group, there bool) {
	if !there || !maps.EqualFunc(now.Permissions, then.Permissions, slices.Equal) {
		e.Groups = append(e.Groups, then)
	}
}

func (e *Effect) user(now, then *identity.User) {
	if now == nil || now.Disabled != then.Disabled || !slices.Equal(now.Groups, then.Groups) {
		e.Users = append(e.Users, Turn[identity.User]{now, then})
	}
}

func (e *Effect) application(now, then *identity.Application) {
	if now == nil || then == nil || now.Disabled != then.Disabled || !slices.Equal(now.Groups, then.Groups) {
		e.Applications = append(e.Applications, Turn[identity.Application]{now, then})
	}
}
