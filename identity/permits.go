package identity

import (
	"cmp"
	"hash/maphash"
	"slices"
)

// permits are the permissions of one group. They are never changed, and groups
// share the names of resources and the sets of actions that are equal: a million
// permissions of ten thousand groups take 7 MiB.
type permits struct {
	all    *[]string // actions for every resource; nil: none
	hashes []uint32  // of named, sorted: what is looked through lies together
	named  []permit
}

// permit is what a group permits to do to one resource, or to Any.
type permit struct {
	resource string
	actions  *[]string // sorted, each once
}

// hashing is how the names of resources are hashed, by a seed that nobody can know.
type hashing maphash.Seed

func (h hashing) of(resource string) uint32 {
	return uint32(maphash.String(maphash.Seed(h), resource)) //nolint:gosec // half of it will do
}

// decide says whether an action is permitted for a resource with this hash, and by
// which permission.
func (p *permits) decide(resource string, hash uint32, action string) Decision {
	first, _ := slices.BinarySearch(p.hashes, hash)
	for i := first; i < len(p.hashes) && p.hashes[i] == hash; i++ {
		if p.named[i].resource != resource {
			continue
		}
		if d := p.named[i].decide(action); d.Allowed {
			return d
		}
	}
	if p.all != nil {
		return permit{Any, p.all}.decide(action)
	}
	return Decision{}
}

func (p permit) decide(action string) Decision {
	for _, a := range [2]string{action, Any} {
		if _, ok := slices.BinarySearch(*p.actions, a); ok {
			return Decision{Allowed: true, Resource: p.resource, Action: a}
		}
	}
	return Decision{}
}

// each yields the resources, Any among them, and the actions for each.
func (p *permits) each(yield func(resource string, actions []string) bool) {
	if p.all != nil && !yield(Any, *p.all) {
		return
	}
	for _, one := range p.named {
		if !yield(one.resource, *one.actions) {
			return
		}
	}
}

// words keeps each name of a resource and each set of actions once.
type words struct {
	hash  hashing
	names map[string]string
	sets  map[string]*[]string
	key   []byte // of a set; used again
}

func newWords(h hashing) *words {
	return &words{hash: h, names: make(map[string]string), sets: make(map[string]*[]string)}
}

func (w *words) permits(permissions map[string][]string) permits {
	p := permits{named: make([]permit, 0, len(permissions))}
	for resource, actions := range permissions {
		if resource == Any {
			p.all = w.set(actions)
			continue
		}
		p.named = append(p.named, permit{w.name(resource), w.set(actions)})
	}
	slices.SortFunc(p.named, func(a, b permit) int { return cmp.Compare(w.hash.of(a.resource), w.hash.of(b.resource)) })
	p.hashes = make([]uint32, len(p.named))
	for i, one := range p.named {
		p.hashes[i] = w.hash.of(one.resource)
	}
	return p
}

func (w *words) name(s string) string {
	kept, ok := w.names[s]
	if !ok {
		kept = s
		w.names[s] = s
	}
	return kept
}

func (w *words) set(actions []string) *[]string {
	w.key = w.key[:0]
	for _, action := range actions {
		w.key = append(append(w.key, action...), ' ') // which is in none
	}
	set, made := w.sets[string(w.key)]
	if !made {
		sorted := slices.Compact(slices.Sorted(slices.Values(actions)))
		set = &sorted
		w.sets[string(w.key)] = set
	}
	return set
}
