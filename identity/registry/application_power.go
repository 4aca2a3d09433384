package registry

import (
	"context"
	"reflect"
	"slices"
	"strconv"

	"gatehouse/errors"
	"gatehouse/identity"
)

// powersOver are the groups whose powers over the identity API are gained by whoever
// decides what an application does: those that it is a member of, and all where every
// user may sign in with their own authority, administrators too.
func powersOver(app identity.Application) []string {
	powers := slices.Clone(app.Groups)
	if app.SpeaksForUsers() {
		powers = append(powers, identity.AdminGroup)
	}
	return powers
}

// mayMake refuses to make an application what it is to be, or to leave it so, unless
// the actor has all that could be gained by it, and may see what it is to be told of
// users. Whether the actor may touch it as it was is applicationToChange's question.
func (r *Registry) mayMake(ctx context.Context, before, after identity.Application) error {
	field := "grantTypes"
	if after.Trusted {
		field = "trusted"
	}
	if err := r.mayTouch(ctx, field, powersOver(after)...); err != nil {
		return err
	}
	known := func(c identity.Claim) bool { return slices.Contains(before.Claims, c) }
	if slices.IndexFunc(after.Claims, func(c identity.Claim) bool { return !known(c) }) < 0 {
		return nil
	}
	return r.may(ctx, "claims", "tells of users", "users", "get")
}

// may refuses the change of a field that takes a permission, and says why it does.
func (r *Registry) may(ctx context.Context, field, why, resource, action string) error {
	actor := ActorOf(ctx)
	if actor.trusted() {
		return nil
	}
	policy, err := r.policy(ctx)
	if err != nil {
		return err
	}
	if policy.Administers(actor.Groups, resource, action).Allowed {
		return nil
	}
	return errors.IdentityAccessDenied.On(map[string]string{
		field: why + "; the caller does not have the permission " + resource + ":" + action,
	})
}

// namesProducts refuses scopes and audiences that name products which are not
// registered: whoever registered one later would decide what its users consented to.
// What is named stays registered until the transaction ends.
func (r *Registry) namesProducts(ctx context.Context, before, after identity.Application) error {
	for _, list := range []struct {
		field     string
		was, will []string
	}{{"scopes", before.Scopes, after.Scopes}, {"audiences", before.Audiences, after.Audiences}} {
		named := identity.ScopedProducts(list.will, nil)
		known := identity.ScopedProducts(list.was, nil)
		named = slices.DeleteFunc(named, func(name string) bool { return slices.Contains(known, name) })
		if len(named) == 0 {
			continue
		}
		registered, err := r.registered(ctx)
		if err != nil {
			return err
		}
		for _, name := range named {
			if !registered(name) {
				return errors.IdentityMalformed.On(map[string]string{list.field: "names " + strconv.Quote(name) + ", which is no product"})
			}
		}
	}
	return nil
}

// asksAnew says whether users have to consent anew: the application is another one
// to them, it knows them by another name, answers go elsewhere, or it proves itself in
// another way. A new secret is no other way: it is changed often, by whoever may.
func asksAnew(before, after identity.Application) bool {
	identityOf := func(a identity.Application) []any {
		return []any{a.ShownName(), slices.Sorted(slices.Values(a.RedirectURIs)), a.JWKS, a.JWKSURI, a.TokenEndpointAuthMethod, a.Public, a.Pairwise(), a.Sector()}
	}
	return !reflect.DeepEqual(identityOf(before), identityOf(after))
}
