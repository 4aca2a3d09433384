package client

import (
	"errors"
	"sync"
	"time"
)

const (
	enoughFailures = 3           // in a row, and the circuit is open
	circuitPause   = time.Second // between questions while it is
)

var errCircuit = errors.New("the last questions failed, and one at a time finds out whether it is back")

// circuit spares requests the wait for a server that is away: after some failures
// in a row, one question a second goes out, and all others fail at once.
type circuit struct {
	now      func() time.Time
	mu       sync.Mutex
	failures int
	next     time.Time // a question may go out, while the circuit is open
}

// enter says whether a question may go out.
func (c *circuit) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failures < enoughFailures {
		return true
	}
	now := c.now()
	if now.Before(c.next) {
		return false
	}
	c.next = now.Add(circuitPause)
	return true
}

// succeeded notes that the server answers.
func (c *circuit) succeeded() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures = 0
}

// failed notes that it did not.
func (c *circuit) failed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures = min(c.failures+1, enoughFailures)
	c.next = c.now().Add(circuitPause)
}
