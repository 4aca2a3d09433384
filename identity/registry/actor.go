package registry

import (
	"context"
	"slices"

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
	actor := ActorOf(ctx)
	if actor.trusted() {
		return nil
	}
	now, err := r.standing(ctx, actor, groupIDs)
	if err != nil {
		return err
	}
	return actor.within(field, groupIDs, now, now)
}

// mayJoin is mayTouch for the groups that a user is to be in. They must be there
// now: one that comes up between this and the change would not have been looked at.
func (r *Registry) mayJoin(ctx context.Context, field string, groupIDs ...string) error {
	actor := ActorOf(ctx)
	if actor.trusted() {
		return nil
	}
	now, err := r.standing(ctx, actor, groupIDs)
	if err != nil {
		return err
	}
	for _, id := range groupIDs {
		if !now.Knows(id) {
			return errors.GroupNotFound
		}
	}
	return actor.within(field, groupIDs, now, now)
}

// mayGive refuses to let a group have permissions over the identity API that
// the actor has not got itself.
func (r *Registry) mayGive(ctx context.Context, group identity.Group) error {
	actor := ActorOf(ctx)
	if actor.trusted() {
		return nil
	}
	now, err := r.standing(ctx, actor, nil)
	if err != nil {
		return err
	}
	return actor.within("permissions", []string{group.ID}, now.With(group), now)
}

// within refuses if the groups exceed, in the policy that a change leads to, what
// the actor has now.
func (a Actor) within(field string, groupIDs []string, led, now *identity.Policy) error {
	resource, action, exceeds := led.Exceeds(groupIDs, now, a.Groups)
	if !exceeds {
		return nil
	}
	return errors.IdentityAccessDenied.On(map[string]string{
		field: "involves the permission " + resource + ":" + action + ", which the caller does not have",
	})
}

// standing is the policy of the actor's groups and of these as the database has
// them, for the node's policy may be older: a group may have come up or be another
// one by now. In a transaction they also stay until it ends, since whoever joined
// one could otherwise find themselves in another one of the same id.
func (r *Registry) standing(ctx context.Context, actor Actor, groupIDs []string) (*identity.Policy, error) {
	policy, err := r.policy(ctx)
	if err != nil {
		return nil, err
	}
	read := r.Store.GroupsNamed
	if r.inside(ctx) {
		read = r.Store.GroupsToUse
	}
	ids := slices.Concat(actor.Groups, groupIDs)
	slices.Sort(ids)
	groups, err := read(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	return policy.Of(groups), nil
}
