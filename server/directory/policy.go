package directory

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"golang.org/x/sync/singleflight"

	"gatehouse/identity"
)

// policies remembers what the groups permit. A group that changes is read again
// by itself, however many others there are. What is remembered is always the
// policy of one moment: of a transaction that changes several groups, all is
// seen or nothing.
type policies struct {
	from    Identity
	catchUp func(ctx context.Context) error // see changes.Feed.Sync

	mu      sync.Mutex
	epoch   uint64              // how many changes there were
	current *identity.Policy    // nil: to be read as a whole
	stale   map[string]struct{} // groups to be read again
	moved   bool                // other products may be registered
	flights singleflight.Group
}

func newPolicies(from Identity, catchUp func(ctx context.Context) error) *policies {
	return &policies{from: from, catchUp: catchUp, stale: make(map[string]struct{})}
}

// remembered returns the policy from memory, after it has read what changed.
// Callers that miss the same change share a read.
func (p *policies) remembered(ctx context.Context) (*identity.Policy, error) {
	todo := p.todo()
	if todo.nothing() {
		return todo.base, nil
	}
	// The epoch keeps a caller out of a read that began before the last change.
	result := p.flights.DoChan(strconv.FormatUint(todo.epoch, 36), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
		defer cancel()
		return p.renew(ctx)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-result:
		if r.Err != nil {
			return nil, fmt.Errorf("read the policy: %w", r.Err)
		}
		return r.Val.(*identity.Policy), nil
	}
}

// todo is what has to be read so that base is the policy again.
type todo struct {
	base   *identity.Policy // nil: everything
	groups []string
	moved  bool
	epoch  uint64
}

func (t todo) nothing() bool { return t.base != nil && len(t.groups) == 0 && !t.moved }

func (p *policies) todo() todo {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := todo{base: p.current, moved: p.moved, epoch: p.epoch}
	for id := range p.stale {
		t.groups = append(t.groups, id)
	}
	return t
}

// mostRenewals is how often what changed meanwhile is read once more before
// everything is read in one statement.
const mostRenewals = 5

// renew reads what changed and remembers the result. What is remembered and what
// was read belong together only if nothing changed in between, so it asks for the
// changes up to now and begins again when there were any.
func (p *policies) renew(ctx context.Context) (*identity.Policy, error) {
	for attempt := 1; ; attempt++ {
		todo := p.todo()
		if attempt == mostRenewals {
			todo.base = nil
		}
		next, err := p.read(ctx, todo)
		if err != nil {
			return nil, err
		}
		if err := p.catchUp(ctx); err != nil {
			return nil, err
		}
		if p.keep(next, todo.epoch) || attempt == mostRenewals {
			return next, nil
		}
	}
}

// keep remembers the policy, unless something changed since the epoch.
func (p *policies) keep(next *identity.Policy, epoch uint64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.epoch != epoch {
		return false
	}
	p.current, p.moved = next, false
	clear(p.stale)
	return true
}

// mostByThemselves is how many changed groups are read apart from the others.
// More, as after a bootstrap file, are read faster with all of them.
const mostByThemselves = 500

// read returns the policy with what changed as it is now.
func (p *policies) read(ctx context.Context, t todo) (*identity.Policy, error) {
	if t.base == nil || len(t.groups) > mostByThemselves {
		return p.readAll(ctx)
	}
	next := t.base
	if len(t.groups) > 0 {
		there, err := p.from.GroupsNamed(ctx, t.groups)
		if err != nil {
			return nil, err
		}
		gone := slices.DeleteFunc(t.groups, func(id string) bool {
			return slices.ContainsFunc(there, func(g identity.Group) bool { return g.ID == id })
		})
		next = next.With(there...).Without(gone...)
	}
	if t.moved {
		products, err := p.products(ctx)
		if err != nil {
			return nil, err
		}
		next = next.Among(products)
	}
	return next, nil
}

func (p *policies) readAll(ctx context.Context) (*identity.Policy, error) {
	products, err := p.products(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := p.from.AllGroups(ctx)
	if err != nil {
		return nil, err
	}
	return identity.NewPolicy(groups, products), nil
}

func (p *policies) products(ctx context.Context) ([]string, error) {
	products, err := p.from.Products(ctx)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(products))
	for i, product := range products {
		names[i] = product.Name
	}
	return names, nil
}

// forget has groups read again.
func (p *policies) forget(groupIDs ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epoch++
	for _, id := range groupIDs {
		p.stale[id] = struct{}{}
	}
}

// forgetProducts has the products read again.
func (p *policies) forgetProducts() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epoch++
	p.moved = true
}

// forgetAll has everything read again.
func (p *policies) forgetAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epoch++
	p.current, p.moved = nil, false
	clear(p.stale)
}
