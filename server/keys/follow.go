package keys

import (
	"context"
	"slices"
	"time"

	"gatehouse/storage"
)

// retryEvery is how soon a read that went wrong is tried again.
const retryEvery = time.Second

// Changed has Run read the keys again when they are among what changed.
func (r *Ring) Changed(changes []storage.Change) {
	if slices.ContainsFunc(changes, func(c storage.Change) bool { return c.Kind == storage.KeysChanged }) {
		r.Forget()
	}
}

// Forget has Run read the keys again. Until then they stay in use.
func (r *Ring) Forget() {
	select {
	case r.wake <- struct{}{}:
	default: // it will, already
	}
}

// Run reads the keys again whenever Changed or Forget asked for it, until ctx
// ends. Keys that cannot be read are tried again each second.
func (r *Ring) Run(ctx context.Context) error {
	var retry <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-r.wake:
		case <-retry:
		}
		err := r.Reload(ctx)
		switch {
		case err == nil:
			r.Log.InfoContext(ctx, "signing keys read")
			retry = nil
			continue
		case ctx.Err() == nil && retry == nil:
			r.Log.ErrorContext(ctx, "signing keys cannot be read, the old ones stay in use", "error", err)
		}
		retry = time.After(retryEvery)
	}
}
