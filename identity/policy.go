package identity

import (
	"hash/maphash"
	"maps"
	"slices"
)

// Policy is what the groups of a moment permit. It is never changed, so any
// number of goroutines may decide by it, all of them by the same rules.
type Policy struct {
	groups   map[string]*rules
	products map[string]struct{}
	hash     hashing
}

// rules are what one group permits, and for which product.
type rules struct {
	product string // that the group belongs to, by ProductOf; empty: none
	written string // Group.Product
	permits permits
}

// reach says which groups count: all, or those of one product (empty: of none).
// Unsaid: those that say no product count, too, whatever their names say.
type reach struct {
	all     bool
	product string
	unsaid  bool
}

func reachOf(product string) reach { return reach{all: product == "", product: product} }

func (r *rules) counts(in reach) bool {
	return in.all || r.product == in.product || in.unsaid && r.written == ""
}

// NewPolicy returns the policy of these groups, where these products are registered.
func NewPolicy(groups []Group, products []string) *Policy {
	p := &Policy{
		groups: make(map[string]*rules, len(groups)), products: make(map[string]struct{}, len(products)), hash: hashing(maphash.MakeSeed()),
	}
	for _, name := range products {
		p.products[name] = struct{}{}
	}
	p.set(groups)
	return p
}

// With returns a policy in which these groups are as they are here, and all
// others as they were.
func (p *Policy) With(groups ...Group) *Policy {
	next := &Policy{maps.Clone(p.groups), p.products, p.hash}
	next.set(groups)
	return next
}

// Of returns the policy of these groups alone, among the same products.
func (p *Policy) Of(groups []Group) *Policy {
	next := &Policy{make(map[string]*rules, len(groups)), p.products, p.hash}
	next.set(groups)
	return next
}

// Without returns a policy that does not know these groups.
func (p *Policy) Without(groupIDs ...string) *Policy {
	next := &Policy{maps.Clone(p.groups), p.products, p.hash}
	for _, id := range groupIDs {
		delete(next.groups, id)
	}
	return next
}

// Among returns the policy of the same groups where other products are registered.
func (p *Policy) Among(products []string) *Policy {
	next := NewPolicy(nil, products)
	next.hash = p.hash
	for id, r := range p.groups {
		next.groups[id] = &rules{ProductOf(Group{ID: id, Product: r.written}, next.KnowsProduct), r.written, r.permits}
	}
	return next
}

// Knows says whether the policy has a group.
func (p *Policy) Knows(groupID string) bool {
	_, known := p.groups[groupID]
	return known
}

// KnowsProduct says whether a product is registered.
func (p *Policy) KnowsProduct(name string) bool {
	_, known := p.products[name]
	return known
}

// Product returns the product that a group belongs to. Empty: it belongs to none,
// or is not known.
func (p *Policy) Product(groupID string) string {
	if g, known := p.groups[groupID]; known {
		return g.product
	}
	return ""
}

func (p *Policy) groupIDs() []string { return slices.Sorted(maps.Keys(p.groups)) }

// set makes the groups what they are here, while nobody has the policy yet.
func (p *Policy) set(groups []Group) {
	known := newWords(p.hash)
	for _, g := range groups {
		p.groups[g.ID] = &rules{ProductOf(g, p.KnowsProduct), g.Product, known.permits(g.Permissions)}
	}
}
