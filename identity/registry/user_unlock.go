package registry

import "context"

// UnlockUser lets a user's failed sign-ins until now count for nothing, so that
// whatever they froze of the user thaws.
func (r *Registry) UnlockUser(ctx context.Context, id string) error {
	return r.ofUser(ctx, "user.unlock", id, func(ctx context.Context) (facts, error) {
		user, err := r.Store.User(ctx, id)
		if err != nil {
			return nil, err
		}
		var before facts
		if until := user.FrozenAt(r.now()); !until.IsZero() {
			before = facts{"frozenUntil": until}
		}
		return before, r.Store.UnlockUser(ctx, id, r.now())
	})
}
