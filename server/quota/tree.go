package quota

import (
	"container/heap"
	"container/list"
)

// giver is a Giver and what it holds: entries of its own, or other givers.
type giver[T any] struct {
	Giver
	parent *giver[T] // nil: the whole
	most   int       // bytes
	held   int       // bytes
	gave   uint64    // when it last added something, in turns
	place  int       // in parent.ranked

	children map[string]*giver[T]
	ranked   ranking[T]
	entries  *list.List // of *entry, the oldest first
}

func newGiver[T any](parent *giver[T], g Giver, whole int) *giver[T] {
	return &giver[T]{Giver: g, parent: parent, most: whole / g.Share, children: make(map[string]*giver[T]), entries: list.New()}
}

// grow adds bytes to a giver and all that it is within.
func (g *giver[T]) grow(bytes int, turn uint64) {
	for ; g != nil; g = g.parent {
		g.held += bytes
		g.gave = turn
		g.rank()
	}
}

// shrink takes bytes away, and forgets those who hold nothing any more.
func (g *giver[T]) shrink(bytes int) {
	for ; g != nil; g = g.parent {
		g.held -= bytes
		switch {
		case g.parent == nil:
		case g.held == 0:
			heap.Remove(&g.parent.ranked, g.place)
			delete(g.parent.children, g.Name)
		default:
			g.rank()
		}
	}
}

func (g *giver[T]) rank() {
	if g.parent != nil {
		heap.Fix(&g.parent.ranked, g.place)
	}
}

// largest returns whom within g something is taken from: anybody but one, who is
// directly within g or nil.
func (g *giver[T]) largest(but *giver[T]) *giver[T] {
	if but != nil && g.ranked[0] == but {
		g = g.ranked.second()
	}
	for len(g.ranked) > 0 {
		g = g.ranked[0]
	}
	return g
}

// used is how much of its share a giver has used, to be compared with others'.
func (g *giver[T]) used() int { return g.held * g.Share }

// bytes are what a giver holds; nil holds nothing.
func (g *giver[T]) bytes() int {
	if g == nil {
		return 0
	}
	return g.held
}

func (g *giver[T]) oldest() *entry[T] { return g.entries.Front().Value.(*entry[T]) }

// ranking has the giver first who has used most of its share; of equal ones, whoever
// has added nothing for longest. It implements heap.Interface.
type ranking[T any] []*giver[T]

func (r ranking[T]) Len() int { return len(r) }

func (r ranking[T]) Less(i, j int) bool {
	used, other := r[i].used(), r[j].used()
	return used > other || used == other && r[i].gave < r[j].gave
}

func (r ranking[T]) Swap(i, j int) {
	r[i], r[j] = r[j], r[i]
	r[i].place, r[j].place = i, j
}

// second is the first without the first. There are always two: none has a share as
// large as that of all.
func (r ranking[T]) second() *giver[T] {
	if len(r) > 2 && r.Less(2, 1) {
		return r[2]
	}
	return r[1]
}

// Push implements heap.Interface.
func (r *ranking[T]) Push(g any) {
	added := g.(*giver[T])
	added.place = len(*r)
	*r = append(*r, added)
}

// Pop implements heap.Interface.
func (r *ranking[T]) Pop() any {
	last := (*r)[len(*r)-1]
	(*r)[len(*r)-1] = nil
	*r = (*r)[:len(*r)-1]
	return last
}
