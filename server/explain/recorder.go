package explain

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"gatehouse/errors"
	"gatehouse/server/keys"
	"gatehouse/server/quota"
	"gatehouse/storage"
)

// Deps is all a Recorder takes from the rest of the program; every field is required.
type Deps struct {
	Store interface {
		AddRefusals(ctx context.Context, refusals []storage.Refusal) error
		DeleteRefusals(ctx context.Context, refusals []storage.Refusal) error
	}
	Master   *keys.Master // makes fingerprints
	Recorded func(records int)
	Dropped  func(reason string, records int)
	Busy     func() bool // the server has more to do than is good for it
	Now      func() time.Time
	Log      *slog.Logger
}

// Why a record was dropped.
const (
	DroppedAddress  = "address"  // its address, or a network around it, had enough of them
	DroppedLoad     = "load"     // there was no room
	DroppedDatabase = "database" // it could not be written
)

// How records are kept. Once a second one statement writes what has come up,
// so that a flood of refusals is no flood of writes: a node writes no more than a
// hundred a second, and drops the rest.
const (
	keptFor      = 24 * time.Hour
	mostBytes    = 64 << 20 // of all records of a node: see package quota
	cleanedUp    = 10 * time.Minute
	writeEvery   = time.Second
	mostAtOnce   = 100
	mostWaiting  = 1024
	writeTimeout = 5 * time.Second
)

// Recorder writes records of refusals. No method of it waits for the database.
type Recorder struct {
	Deps
	queue  chan refusal
	shares *shares
	bound  *quota.Bound[storage.Refusal]
	away   bool // the database did not take the last records; Run's alone
}

// New returns a Recorder, whose Run has to be called.
func New(d Deps) *Recorder {
	bound := quota.New[storage.Refusal](quota.Config{Bytes: mostBytes, Life: keptFor + cleanedUp}, d.Now)
	return &Recorder{Deps: d, queue: make(chan refusal, mostWaiting), shares: newShares(), bound: bound}
}

// Refused is a request that was refused, as the gate knows it.
type Refused struct {
	RequestID string
	Method    string
	Route     string
	Status    int
	Fault     *errors.Fault
	Address   string
	Source    string   // the address, or its network, that it is counted under
	Around    []string // larger networks that it is counted under as well, smallest first
	UserAgent string
	Trail     *Trail
}

// refusal is what waits to be written: nothing in it belongs to the request
// still, and it is of bounded size.
type refusal struct {
	record Record
	trail  Trail
}

// Add takes a refusal, or drops it. Under load an address has a tenth of its share.
func (r *Recorder) Add(e Refused) {
	now, share := r.Now(), sharePerMinute
	if loaded := len(r.queue) > mostWaiting/2 || r.Busy(); loaded {
		share = shareUnderLoad
	}
	if !r.shares.take(e.Source, e.Around, share, now) {
		r.Dropped(DroppedAddress, 1)
		return
	}
	select {
	case r.queue <- e.refusal(now):
	default:
		r.Dropped(DroppedLoad, 1)
	}
}

// The most that is kept of what clients make up, in bytes.
const (
	longestMethod = 16
	longestAgent  = 200
)

func (e Refused) refusal(now time.Time) refusal {
	out := refusal{record: Record{
		RequestID: strings.Clone(e.RequestID),
		Time:      now,
		Method:    strings.Clone(e.Method[:min(len(e.Method), longestMethod)]),
		Route:     e.Route,
		Status:    e.Status,
		Code:      e.Fault.ID,
		Fields:    namesOf(e.Fault.Fields),
		Address:   strings.Clone(e.Address),
		UserAgent: strings.Clone(cut(e.UserAgent, longestAgent)),
	}}
	if cause := e.Fault.Cause(); cause != nil {
		out.record.Cause = keep(cause.Error())
	}
	if e.Trail != nil {
		out.trail = *e.Trail
	}
	return out
}

// namesOf keeps of the fields at fault what may be shown: a client that sends
// JSON as a form has a password in the name of its field.
func namesOf(fields map[string]string) map[string]string {
	if len(fields) == 0 {
		return nil
	}
	kept := make(map[string]string, len(fields))
	for name, reason := range fields {
		kept[strings.Clone(Name(name))] = keep(reason)
	}
	return kept
}
