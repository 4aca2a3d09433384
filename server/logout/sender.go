package logout

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"gatehouse/identity"
	"gatehouse/storage"
)

// Deps is all this package takes from the rest of the program; every field is required.
type Deps struct {
	Issuer      string
	Store       Store
	Application func(ctx context.Context, clientID string) (*identity.Application, error) // see directory.Directory
	Sign        func(alg, typ string, claims any) (string, error)                         // see keys.Ring
	Client      *http.Client                                                              // see package outbound
	Told        func(result string)                                                       // counts attempts by what came of them
	Now         func() time.Time
	Log         *slog.Logger
}

// Store is what a Sender asks of the database: see storage.Deliveries.
type Store interface {
	TakeDeliveries(ctx context.Context, now, until time.Time, limit int, except ...string) ([]storage.Delivery, error)
	EndDelivery(ctx context.Context, id string) error
	RetryDelivery(ctx context.Context, id string, at time.Time) error
}

// Sender delivers what there is to tell.
type Sender struct {
	Deps
	wake  chan struct{}
	quiet quiet
	busy  busy
}

// New returns a Sender.
func New(d Deps) *Sender {
	return &Sender{Deps: d, wake: make(chan struct{}, 1), quiet: quiet{until: map[string]time.Time{}}, busy: busy{on: map[string]int{}}}
}

const (
	atOnce    = 16          // deliveries that are on their way
	takenFor  = time.Minute // more than an attempt takes
	pollEvery = time.Second // whether or not anything has ended: for what is to be tried again
	pause     = 20 * time.Millisecond
)

// Changed has the Sender look for deliveries if a session has ended. It is for
// the feed of changes.
func (s *Sender) Changed(lines []storage.Change) {
	if slices.ContainsFunc(lines, func(c storage.Change) bool { return c.Kind == storage.SessionEnded }) {
		s.Wake()
	}
}

// Wake has the Sender look for deliveries.
func (s *Sender) Wake() {
	select {
	case s.wake <- struct{}{}:
	default: // it will
	}
}

// Run delivers until ctx ends. What is on its way by then it still brings to an end.
func (s *Sender) Run(ctx context.Context) error {
	slots := make(chan struct{}, atOnce)
	var running sync.WaitGroup
	defer running.Wait()
	failing := false
	for ctx.Err() == nil {
		free := take(ctx, slots)
		now, most := s.Now(), min(free, mostPerClient)
		due, err := s.Store.TakeDeliveries(ctx, now, now.Add(takenFor), most, s.busy.clients()...)
		if ctx.Err() == nil {
			failing = s.report(ctx, failing, err)
		}
		for range free - len(due) {
			<-slots
		}
		for _, d := range due {
			s.busy.begin(d.ClientID)
			running.Go(func() {
				defer func() { <-slots }()
				s.deliver(context.WithoutCancel(ctx), d)
				if s.busy.end(d.ClientID) {
					s.Wake()
				}
			})
		}
		if len(due) < most {
			s.rest(ctx, err)
		}
	}
	return nil
}

// take waits for a free slot, takes all that are free, and says how many.
func take(ctx context.Context, slots chan struct{}) int {
	select {
	case <-ctx.Done():
		return 0
	case slots <- struct{}{}:
	}
	for n := 1; ; n++ {
		select {
		case slots <- struct{}{}:
		default:
			return n
		}
	}
}

// rest waits until there may be something to do.
func (s *Sender) rest(ctx context.Context, err error) {
	wake := s.wake
	if err != nil {
		wake = nil
	}
	select {
	case <-ctx.Done():
	case <-time.After(pollEvery):
	case <-wake:
		select {
		case <-ctx.Done():
		case <-time.After(pause): // sessions often end together
		}
	}
}

// report logs the beginning and the end of an outage, and says whether there is one.
func (s *Sender) report(ctx context.Context, lost bool, err error) bool {
	switch {
	case err != nil && !lost:
		s.Log.ErrorContext(ctx, "applications cannot be told of ended sessions", "error", err)
	case err == nil && lost:
		s.Log.InfoContext(ctx, "applications are told of ended sessions again")
	}
	return err != nil
}
