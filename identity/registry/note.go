package registry

import "context"

// Note appends an event to the audit trail, in the context's transaction if there
// is one, for what is done past the registry: a restored database has to be what
// it was, rules or not.
func (r *Registry) Note(ctx context.Context, action string, subject Subject, after map[string]any) error {
	return r.record(ctx, action, subject, nil, after)
}
