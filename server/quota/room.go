package quota

// admits says whether the givers may add so many bytes without any of those that
// close making room for itself.
func (b *Bound[T]) admits(more int, givers []Giver) bool {
	path := b.path(givers)
	for i, g := range givers {
		if at := path[i+1]; g.closes && at.bytes()+more > b.config.Bytes/g.Share {
			return false
		}
	}
	class, widest := path[1], givers[1]
	if more == 0 || !widest.closes || class.bytes()+more <= b.config.Bytes/givers[0].Share {
		return true
	}
	return (path[2].bytes()+more)*widest.Share <= class.ranked[0].used()
}

// makeRoom removes what gives way to so many bytes of givers that are admitted, and
// returns it.
func (b *Bound[T]) makeRoom(more int, givers []Giver) (giveWay []T) {
	path := b.path(givers)
	for i := len(givers); i > 0; i-- {
		var but *giver[T]
		if i == 1 && givers[1].closes {
			but = path[2]
		}
		for at := path[i]; at != nil && at.held+more > at.most; {
			victim := at.largest(but).oldest()
			b.remove(victim)
			giveWay = append(giveWay, victim.what)
		}
	}
	return giveWay
}

// path is the whole and what is known of the givers: nil for one that holds nothing.
func (b *Bound[T]) path(givers []Giver) []*giver[T] {
	path := make([]*giver[T], 1+len(givers))
	path[0] = b.root
	for i, g := range givers {
		if path[i] != nil {
			path[i+1] = path[i].children[g.Name]
		}
	}
	return path
}

// renew has an entry be there for another Life, if it is there.
func (b *Bound[T]) renew(key string) {
	known := b.entries[key]
	if known == nil {
		return
	}
	known.until = b.now().Add(b.config.Life)
	b.order.MoveToBack(known.ordered)
	known.of.entries.MoveToBack(known.own)
}
