package registry

import (
	"context"

	"gatehouse/errors"
	"gatehouse/identity"
)

// The types of actors.
const (
	ActorUser        = "user"
	ActorApplication = "application"
	ActorCommand     = "command"   // somebody at a shell who can write to the database
	ActorBootstrap   = "bootstrap" // a file of what there should be
	ActorUnknown     = "unknown"   // a caller without a sound token
)

// Actor is who changes something.
type Actor struct {
	Type      string
	ID        string   // user id, client id, or the name of a system's account
	Name      string   // what people know it by
	Groups    []string // whose permissions it has
	Address   string   // IP address; empty for none
	RequestID string   // empty for none
}

// trusted says whether the actor needs no permission: it has the database.
func (a Actor) trusted() bool { return a.Type == ActorCommand || a.Type == ActorBootstrap }

type actorKey struct{}

// WithActor returns a context in which the actor is who changes something.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf is who changes something in this context.
func ActorOf(ctx context.Context) Actor {
	if a, ok := ctx.Value(actorKey{}).(Actor); ok {
		return a
	}
	return Actor{Type: ActorUnknown}
}

// mayTouch refuses to change somebody or something that has more power over
// the identity API than the actor: who resets an administrator's password, or
// gets the secret of their application, is one. The field is what would be refused.
func (r *Registry) mayTouch(ctx context.Context, field string, groupIDs ...string) error {
	return r.within(ctx, field, groupIDs, func(p *identity.Policy) *identity.Policy { return p })
}

// mayJoin is mayTouch for the groups that a user is to be in. They must be there
// now: one that comes up between this and the change would not have been looked at.
func (r *Registry) mayJoin(ctx context.Context, groupIDs ...string) error {
	if ActorOf(ctx).trusted() {
		return nil
	}
	policy, err := r.policy(ctx)
	if err != nil {
		return err
	}
	for _, id := range groupIDs {
		if policy.Knows(id) {
			continue
		}
		if _, err := r.Store.Group(ctx, id); err != nil {
			return unknownGroup(err)
		}
	}
	return r.mayTouch(ctx, "groups", groupIDs...)
}

// mayGive refuses to let a group have permissions over the identity API that
// the actor has not got itself.
func (r *Registry) mayGive(ctx context.Context, group identity.Group) error {
	return r.within(ctx, "permissions", []string{group.ID}, func(p *identity.Policy) *identity.Policy { return p.With(group) })
}

// within refuses if the groups exceed what the actor has now, in the policy that
// the change leads to.
func (r *Registry) within(ctx context.Context, field string, groupIDs []string, led func(*identity.Policy) *identity.Policy) error {
	actor := ActorOf(ctx)
	if actor.trusted() {
		return nil
	}
	now, err := r.policyWith(ctx, groupIDs)
	if err != nil {
		return err
	}
	resource, action, exceeds := led(now).Exceeds(groupIDs, now, actor.Groups)
	if !exceeds {
		return nil
	}
	return errors.IdentityAccessDenied.On(map[string]string{
		field: "involves the permission " + resource + ":" + action + ", which the caller does not have",
	})
}

// policyWith is the policy, with these groups even if the node has not heard of
// them yet: whoever knows the name of a new one beforehand could else join it
// until then. Those that are not there permit nothing.
func (r *Registry) policyWith(ctx context.Context, groupIDs []string) (*identity.Policy, error) {
	policy, err := r.policy(ctx)
	if err != nil {
		return nil, err
	}
	var unheard []identity.Group
	for _, id := range groupIDs {
		if policy.Knows(id) {
			continue
		}
		group, err := r.Store.Group(ctx, id)
		switch {
		case err == nil:
			unheard = append(unheard, group)
		case !errors.Is(err, errors.GroupNotFound):
			return nil, err
		}
	}
	if unheard == nil {
		return policy, nil
	}
	return policy.With(unheard...), nil
}
