package quota

import (
	"time"

	"gatehouse/errors"
)

// Failures bounds the rows in which failed sign-ins are counted. Who guesses would
// like them to be forgotten, so they are kept: where a network holds all that it may,
// and most of all who share that, it is the new attempt that is refused.
type Failures struct{ bound *Bound[string] }

// failureBytes is what a row of failures takes: its key is stored as a digest.
const failureBytes = 80

// NewFailures returns Failures whose rows are there for so long.
func NewFailures(life time.Duration, now func() time.Time) *Failures {
	return &Failures{New[string](Config{Bytes: 64 << 20, Life: life, Keeps: true}, now)}
}

// Hold makes room for the rows of these keys. It must come before the password is
// looked at, for an attempt that cannot be counted must not be answered. It returns
// those keys that no row was counted for yet, to be given to Release when nothing is
// recorded under them, and those whose failures have to be cleared, also with
// errors.TooManyRequests.
func (f *Failures) Hold(keys []string, givers []Giver) (held, giveWay []string, err error) {
	for _, key := range keys {
		known := f.bound.has(key)
		gone, ok := f.bound.Add(key, key, failureBytes, givers)
		giveWay = append(giveWay, gone...)
		switch {
		case !ok:
			f.Release(held)
			return nil, giveWay, errors.TooManyRequests.After(time.Minute)
		case !known:
			held = append(held, key)
		}
	}
	return held, giveWay, nil
}

// Release says that there are no rows of these keys.
func (f *Failures) Release(keys []string) {
	for _, key := range keys {
		f.bound.Forget(key)
	}
}
