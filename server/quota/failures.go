package quota

import (
	"time"

	"gatehouse/errors"
)

// Failures bounds the rows in which failed sign-ins are counted. Who guesses would
// like them to be forgotten, so they are kept. A network whose share is full, or
// that is the largest when there is no room left among strangers, is refused its
// next attempt, and a refusal changes nothing: no network makes room for itself. Behind
// an application there are many people, so it is never refused: the oldest of its own
// rows gives way.
type Failures struct{ bound *Bound[string] }

// failureBytes is what a row of failures takes: its key is stored as a digest.
const failureBytes = 80

// NewFailures returns Failures whose rows are there for so long.
func NewFailures(life time.Duration, now func() time.Time) *Failures {
	return &Failures{New[string](Config{Bytes: 64 << 20, Life: life}, now)}
}

// Hold makes room for the rows of these keys. It must come before the password is
// looked at, for an attempt that cannot be counted must not be answered. A row that
// is there stays its first giver's. Hold returns those keys that no row was counted for
// yet, to be given to Release when nothing is recorded under them, and those whose
// failures have to be cleared; or errors.TooManyRequests, and then nothing has changed.
func (f *Failures) Hold(keys []string, givers []Giver) (held, giveWay []string, err error) {
	b := f.bound
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expire()
	for _, key := range keys {
		if b.entries[key] == nil {
			held = append(held, key)
		}
	}
	more := len(held) * (failureBytes + RowBytes)
	if !b.admits(more, givers) {
		return nil, nil, errors.TooManyRequests.After(time.Minute)
	}
	for _, key := range keys {
		b.renew(key)
	}
	giveWay = b.makeRoom(more, givers)
	for _, key := range held {
		b.insert(key, key, failureBytes, givers)
	}
	return held, giveWay, nil
}

// Release says that there are no rows of these keys.
func (f *Failures) Release(keys []string) {
	for _, key := range keys {
		f.bound.Forget(key)
	}
}
