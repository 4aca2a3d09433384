package throttle

import (
	"context"
	"strconv"
	"sync"
	"time"

	"gatehouse/errors"
	"gatehouse/server/explain"
	"gatehouse/server/web"
	"gatehouse/storage"
)

// maxWaiting is how many attempts may wait at one gate; the next is turned away.
const maxWaiting = 64

// gates are where attempts on one account from one address, or from one known
// device, wait for each other. There is a gate for a key only as long as somebody is at it.
type gates struct {
	mu   sync.Mutex
	open map[string]*gate
}

// gate lets attempts through one after the other. It knows how many are running
// and how often failures were written, so that the one at its head can tell
// whether what it read of the database is still so.
type gate struct {
	key  string
	turn chan struct{} // holds an entry while somebody stands at the head
	left chan struct{} // gets an entry when somebody has left

	// Under gates.mu:
	present int // attempts that know of the gate
	waiting int // for the turn
	running int // let through, and not finished
	writes  int // finished attempts that changed the failures in the database
}

// joined is a gate that an attempt knows of, and how often failures had been
// written when it came there.
type joined struct {
	gate   *gate
	writes int
}

// join makes the keys' gates known to an attempt.
func (s *gates) join(keys ...string) []joined {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]joined, len(keys))
	for i, key := range keys {
		g := s.open[key]
		if g == nil {
			g = &gate{key: key, turn: make(chan struct{}, 1), left: make(chan struct{}, 1)}
			s.open[key] = g
		}
		g.present++
		all[i] = joined{g, g.writes}
	}
	return all
}

// stay forgets all gates but that of a key, which is one of them, and returns it.
func (s *gates) stay(all []joined, key string) (own joined) {
	for _, j := range all {
		if own.gate == nil && j.gate.key == key {
			own = j
			continue
		}
		s.forget(j.gate)
	}
	return own
}

// forget is the opposite of join.
func (s *gates) forget(g *gate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g.present--
	if g.present == 0 {
		delete(s.open, g.key)
	}
}

// pass is one attempt's way through a gate.
type pass struct {
	in     storage.SignIn // what the attempt has read
	writes int            // how often failures had been written before it read that
	read   func() (storage.SignIn, error)
	most   func(storage.SignIn) int // how many may run at once, as things stand
}

// enter waits until the attempt may run, and returns what is then true of the
// account. It reads again only if failures were written meanwhile.
func (s *gates) enter(ctx context.Context, g *gate, p pass) (storage.SignIn, error) {
	if err := s.takeTurn(ctx, g); err != nil {
		return storage.SignIn{}, err
	}
	defer func() { <-g.turn }()
	for {
		running, writes := s.state(g)
		switch {
		case writes != p.writes:
			in, err := p.read()
			if err != nil {
				return storage.SignIn{}, err
			}
			p.in, p.writes = in, writes
		case running >= p.most(p.in):
			select {
			case <-g.left:
			case <-ctx.Done():
				web.Trail(ctx).Fail(explain.AttemptsInTurn, "waited too long", "")
				return storage.SignIn{}, busy().Because(ctx.Err())
			}
		default:
			s.run(g)
			return p.in, nil
		}
	}
}

func (s *gates) takeTurn(ctx context.Context, g *gate) error {
	if !s.queue(g) {
		web.Trail(ctx).Fail(explain.AttemptsInTurn, strconv.Itoa(maxWaiting)+" wait", "fewer")
		return busy()
	}
	defer s.unqueue(g)
	select {
	case g.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		web.Trail(ctx).Fail(explain.AttemptsInTurn, "waited too long", "")
		return busy().Because(ctx.Err())
	}
}

func (s *gates) queue(g *gate) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g.waiting == maxWaiting {
		return false
	}
	g.waiting++
	return true
}

func (s *gates) unqueue(g *gate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g.waiting--
}

func (s *gates) state(g *gate) (running, writes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return g.running, g.writes
}

func (s *gates) run(g *gate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g.running++
}

// finish ends a run. What it wrote must be in the database by now.
func (s *gates) finish(g *gate, wrote bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g.running--
	if wrote {
		g.writes++
	}
	select {
	case g.left <- struct{}{}:
	default:
	}
}

func busy() *errors.Fault { return errors.Unavailable.After(time.Second) }
