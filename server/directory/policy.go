package directory

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"golang.org/x/sync/singleflight"

	"gatehouse/errors"
	"gatehouse/identity"
)

// policies remembers what the groups permit. A group that changes is read again
// by itself, however many others there are.
type policies struct {
	from Identity

	mu      sync.Mutex
	epoch   uint64            // how many changes there were
	resets  uint64            // how many of them were of everything
	current *identity.Policy  // nil: to be read as a whole
	stale   map[string]uint64 // groups to be read again, and the epoch of their last change
	flights singleflight.Group
}

func newPolicies(from Identity) *policies {
	return &policies{from: from, stale: make(map[string]uint64)}
}

// remembered returns the policy from memory, after it has read what changed.
// Callers that miss the same change share a read.
func (p *policies) remembered(ctx context.Context) (*identity.Policy, error) {
	p.mu.Lock()
	current, epoch, fresh := p.current, p.epoch, p.current != nil && len(p.stale) == 0
	p.mu.Unlock()
	if fresh {
		return current, nil
	}
	// The epoch keeps a caller out of a read that began before the last change.
	result := p.flights.DoChan(strconv.FormatUint(epoch, 36), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
		defer cancel()
		return p.renew(ctx)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-result:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*identity.Policy), nil
	}
}

// unremembered reads the policy, whatever is in memory.
func (p *policies) unremembered(ctx context.Context) (*identity.Policy, error) {
	groups, err := p.from.AllGroups(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	return identity.NewPolicy(groups), nil
}

// renew reads what changed and remembers the result.
func (p *policies) renew(ctx context.Context) (*identity.Policy, error) {
	p.mu.Lock()
	base, epoch, resets := p.current, p.epoch, p.resets
	ids := make([]string, 0, len(p.stale))
	for id := range p.stale {
		ids = append(ids, id)
	}
	p.mu.Unlock()

	next, err := p.read(ctx, base, ids)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current != base || p.resets != resets { // another read was faster, or everything is to be read again
		return next, nil
	}
	p.current = next
	for id, changed := range p.stale {
		if changed <= epoch {
			delete(p.stale, id)
		}
	}
	return next, nil
}

// mostByThemselves is how many changed groups are read one by one. More, as after
// a bootstrap file, are read faster with all the others.
const mostByThemselves = 32

// read returns the policy base with these groups as they are now.
func (p *policies) read(ctx context.Context, base *identity.Policy, ids []string) (*identity.Policy, error) {
	if base == nil || len(ids) > mostByThemselves {
		return p.unremembered(ctx)
	}
	var there []identity.Group
	var gone []string
	for _, id := range ids {
		group, err := p.from.Group(ctx, id)
		switch {
		case errors.Is(err, errors.GroupNotFound):
			gone = append(gone, id)
		case err != nil:
			return nil, fmt.Errorf("read the policy: %w", err)
		default:
			there = append(there, group)
		}
	}
	return base.With(there...).Without(gone...), nil
}

// forget has a group read again.
func (p *policies) forget(groupID string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epoch++
	p.stale[groupID] = p.epoch
}

// forgetAll has every group read again.
func (p *policies) forgetAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epoch++
	p.resets++
	p.current = nil
	clear(p.stale)
}
