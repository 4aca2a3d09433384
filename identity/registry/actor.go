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
	now, err := r.Policy(ctx)
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
