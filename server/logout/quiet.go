package logout

import (
	"sync"
	"time"

	"gatehouse/errors"
)

// errQuiet is why an attempt was not made.
var errQuiet = errors.New("nobody has answered at the address a moment ago")

// quietFor is how long an address is left alone where nobody answers. The first
// further attempt is due when it is over.
const quietFor = 5 * time.Second

// quiet remembers at which addresses nobody answers. Waiting for one of them takes
// a slot for seconds, and when many sessions end at once they would take all.
type quiet struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// found notes that nobody has answered.
func (q *quiet) found(address string, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for known, until := range q.until {
		if !now.Before(until) {
			delete(q.until, known)
		}
	}
	q.until[address] = now.Add(quietFor)
}

// is says whether nobody has answered lately.
func (q *quiet) is(address string, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return now.Before(q.until[address])
}
