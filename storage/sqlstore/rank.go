package sqlstore

const (
	// rankBlock is about how many keys a block of a list has. One that has twice
	// as many of a kind is split.
	rankBlock = 1024
	// maxKind is the last kind of key: it stands for all greater ones too.
	maxKind = 255
)

// place is a key in a list; see migration 0004.
type place struct {
	list string
	key  string
	kind int // of a term: how much it shares; else 0
}

// ranks is what a transaction adds to lists and takes from them. It is applied
// just before the commit: everybody changes the same rows.
type ranks struct {
	dropped []string // lists
	changed map[place]int
}

// add puts keys into their lists, or takes them out with a number below zero.
func (r *ranks) add(n int, places ...place) {
	if r.changed == nil {
		r.changed = make(map[place]int)
	}
	for _, p := range places {
		r.changed[p] += n
		if r.changed[p] == 0 {
			delete(r.changed, p)
		}
	}
}

// drop removes a list with what the transaction did to it.
func (r *ranks) drop(list string) {
	r.dropped = append(r.dropped, list)
	for p := range r.changed {
		if p.list == list {
			delete(r.changed, p)
		}
	}
}

func (r *ranks) empty() bool { return len(r.dropped) == 0 && len(r.changed) == 0 }
