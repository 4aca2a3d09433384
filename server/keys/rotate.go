package keys

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/storage"
)

// settle is how long all nodes have to learn of a key that is wanted at once.
const settle = 2 * time.Second

// Rotate makes a new key for each of the algorithms, for all of them when none
// is given. It is published now and signs once it was published for as long as
// Config says; what signed so far then retires.
func (r *Ring) Rotate(ctx context.Context, algs ...string) error {
	return r.rotate(ctx, r.config.PublishBefore, algs)
}

// RotateNow is Rotate with no time to publish the key first, for when the old
// one may have leaked: it signs two seconds from now, when every node knows it.
// Tokens of the old key stay good until they expire.
func (r *Ring) RotateNow(ctx context.Context, algs ...string) error {
	return r.rotate(ctx, settle, algs)
}

// RotateDue rotates the algorithms whose newest key will have signed for as
// long as Config says by the time that a new one may sign.
func (r *Ring) RotateDue(ctx context.Context) error {
	err := r.revise(ctx, func(stored []storage.Key, now time.Time) (revision, error) {
		from := now.Add(r.config.PublishBefore)
		return r.rotation(stored, slices.DeleteFunc(algorithms(), func(alg string) bool {
			return !r.due(stored, alg, now, from)
		}), from), nil
	})
	if err != nil {
		return fmt.Errorf("rotate signing keys that are due: %w", err)
	}
	return nil
}

func (r *Ring) rotate(ctx context.Context, publish time.Duration, algs []string) error {
	for _, alg := range algs {
		if !slices.Contains(algorithms(), alg) {
			return fmt.Errorf("rotate signing keys: %q is %w", alg, errNotAlgorithm)
		}
	}
	if len(algs) == 0 {
		algs = algorithms()
	}
	err := r.revise(ctx, func(stored []storage.Key, now time.Time) (revision, error) {
		return r.rotation(stored, algs, now.Add(publish)), nil
	})
	if err != nil {
		return fmt.Errorf("rotate signing keys: %w", err)
	}
	return nil
}

// due says whether no key of the algorithm may sign at from any more.
func (r *Ring) due(stored []storage.Key, alg string, now, from time.Time) bool {
	return !slices.ContainsFunc(unretired(stored, alg, now), func(k storage.Key) bool {
		return from.Before(k.ActiveFrom.Add(r.config.RotateEvery))
	})
}

// rotation plans a new key for each of the algorithms that signs from the given
// time on, when all others of the algorithm retire.
func (r *Ring) rotation(stored []storage.Key, algs []string, from time.Time) revision {
	var rev revision
	for _, alg := range algs {
		rev.create = append(rev.create, draft{alg, from})
		for _, k := range unretired(stored, alg, from) {
			k.RetiredAt, k.ExpiresAt = from, from.Add(r.config.RetainFor)
			rev.change = append(rev.change, k)
		}
	}
	return rev
}

// unretired returns the keys of the algorithm that sign at the given time or later.
func unretired(stored []storage.Key, alg string, at time.Time) []storage.Key {
	var list []storage.Key
	for _, k := range stored {
		if k.Algorithm == alg && !retired(k, at) {
			list = append(list, k)
		}
	}
	return list
}
