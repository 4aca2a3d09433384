package quota

import (
	"container/heap"
	"container/list"
	"sync"
	"time"
)

// Config is a bound.
type Config struct {
	Bytes int           // of all entries together, RowBytes for each included
	Life  time.Duration // how long an entry is there, until cleanup at the latest
}

// RowBytes is what a row counts for besides what is in it: keys, indexes, versions.
const RowBytes = 512

// Bound knows what is stored of one kind. T is what the caller needs to know of a
// entry to remove it. A Bound may be used by several goroutines at once; adding and
// forgetting take time that grows with the logarithm of the number of givers.
type Bound[T any] struct {
	config Config
	now    func() time.Time

	mu      sync.Mutex
	root    *giver[T]
	entries map[string]*entry[T]
	order   *list.List // of *entry, the oldest first
	turn    uint64     // counts what was added
}

// entry is something that is stored.
type entry[T any] struct {
	key     string
	what    T
	bytes   int
	until   time.Time
	of      *giver[T]     // the narrowest of its givers
	own     *list.Element // in of.entries
	ordered *list.Element // in Bound.order
}

// New returns a Bound that holds nothing.
func New[T any](c Config, now func() time.Time) *Bound[T] {
	return &Bound[T]{config: c, now: now, root: newGiver[T](nil, Giver{Share: 1}, c.Bytes), entries: make(map[string]*entry[T]), order: list.New()}
}

// Add notes an entry of so many bytes before it is stored. An entry that had the same
// key is replaced. It returns what has to be removed in its place; false means that
// the entry itself must not be stored.
func (b *Bound[T]) Add(key string, what T, bytes int, givers []Giver) (giveWay []T, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	if old := b.entries[key]; old != nil {
		b.remove(old)
	}
	added := b.insert(key, what, bytes, givers)
	for g := added.of; g != nil; g = g.parent {
		for g.held > g.most {
			victim := g.largest(nil).oldest()
			b.remove(victim)
			if victim == added {
				return giveWay, false
			}
			giveWay = append(giveWay, victim.what)
		}
	}
	return giveWay, true
}

// Forget says that an entry is no longer there, or no longer counted here.
func (b *Bound[T]) Forget(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if old := b.entries[key]; old != nil {
		b.remove(old)
	}
}

// Held returns how many entries there are, and their bytes.
func (b *Bound[T]) Held() (entries, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	return len(b.entries), b.root.held
}

func (b *Bound[T]) expire() {
	for front := b.order.Front(); front != nil; front = b.order.Front() {
		oldest := front.Value.(*entry[T])
		if b.now().Before(oldest.until) {
			return
		}
		b.remove(oldest)
	}
}

func (b *Bound[T]) insert(key string, what T, bytes int, givers []Giver) *entry[T] {
	b.turn++
	added := &entry[T]{key: key, what: what, bytes: bytes + RowBytes, until: b.now().Add(b.config.Life), of: b.find(givers)}
	b.entries[key] = added
	added.own, added.ordered = added.of.entries.PushBack(added), b.order.PushBack(added)
	added.of.grow(added.bytes, b.turn)
	return added
}

func (b *Bound[T]) remove(t *entry[T]) {
	delete(b.entries, t.key)
	b.order.Remove(t.ordered)
	t.of.entries.Remove(t.own)
	t.of.shrink(t.bytes)
}

// find returns the narrowest of the givers, made known where it was not.
func (b *Bound[T]) find(givers []Giver) *giver[T] {
	at := b.root
	for _, g := range givers {
		child := at.children[g.Name]
		if child == nil {
			child = newGiver(at, g, b.config.Bytes)
			at.children[g.Name] = child
			heap.Push(&at.ranked, child)
		}
		at = child
	}
	return at
}
