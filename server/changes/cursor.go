package changes

import (
	"sync"
	"time"

	"gatehouse/storage"
)

const (
	// patience is how long a line may become visible after one with a higher
	// number: the transaction that drew its number is then over, or failed.
	patience = 10 * time.Second
	// overlap is how many numbers below the newest line are looked at again
	// after the first load, which cannot tell gaps from lines cleaned up long ago.
	overlap = 1000
)

// cursor knows which lines have been handed on. Numbers without a gap leave
// nothing to read again; above a gap lines are read again until it is filled or
// patience is over.
type cursor struct {
	mu   sync.Mutex
	low  int64               // every line up to here is done with
	seen map[int64]time.Time // lines above it, and when each was first read
}

func newCursor() *cursor { return &cursor{seen: map[int64]time.Time{}} }

// fresh returns the lines that were not seen before, and marks them.
func (c *cursor) fresh(lines []storage.Change, now time.Time) []storage.Change {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []storage.Change
	for _, line := range lines {
		if _, known := c.seen[line.Seq]; known || line.Seq <= c.low {
			continue
		}
		c.seen[line.Seq] = now
		list = append(list, line)
	}
	return list
}

// advance moves low up to what need not be read again, now that everything up to
// top has been read. What this process announced may be above it.
func (c *cursor) advance(top int64, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	low := c.low
	for seq, at := range c.seen {
		if seq <= top && now.Sub(at) >= patience {
			low = max(low, seq)
		}
	}
	for c.has(low + 1) {
		low++
	}
	c.drop(low)
}

// skip moves low up to the given number.
func (c *cursor) skip(low int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(low)
}

func (c *cursor) drop(low int64) {
	c.low = max(c.low, low)
	for seq := range c.seen {
		if seq <= c.low {
			delete(c.seen, seq)
		}
	}
}

func (c *cursor) has(seq int64) bool {
	_, ok := c.seen[seq]
	return ok
}
