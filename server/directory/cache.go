package directory

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/singleflight"
)

// readTimeout is how long a read that several callers wait for may take.
const readTimeout = 5 * time.Second

// cache remembers values by key, the most recently used ones.
type cache[V any] struct {
	read func(ctx context.Context, key string) (V, error)

	mu      sync.Mutex
	epoch   uint64 // how many changes there were
	values  *simplelru.LRU[string, *V]
	flights singleflight.Group

	hits, misses atomic.Uint64
}

func newCache[V any](size int, read func(ctx context.Context, key string) (V, error)) *cache[V] {
	values, _ := simplelru.NewLRU[string, *V](max(size, 1), nil) // only a size below 1 is an error
	return &cache[V]{read: read, values: values}
}

// remembered returns the value from memory, or reads it. Callers that miss the
// same value at the same time share a read.
func (c *cache[V]) remembered(ctx context.Context, key string) (*V, error) {
	value, epoch, ok := c.lookup(key)
	if ok {
		c.hits.Add(1)
		return value, nil
	}
	c.misses.Add(1)
	// The epoch keeps a caller out of a read that began before the last change.
	flight := strconv.FormatUint(epoch, 36) + " " + key
	result := c.flights.DoChan(flight, func() (any, error) {
		// Others wait for this read too, so it must neither end with the first
		// caller's context nor take part in its transaction.
		ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
		defer cancel()
		value, err := c.direct(ctx, key)
		if err == nil {
			c.remember(key, value, epoch)
		}
		return value, err
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-result:
		return r.Val.(*V), r.Err
	}
}

// unremembered reads the value, whatever is in memory, and keeps it out of there.
func (c *cache[V]) unremembered(ctx context.Context, key string) (*V, error) {
	c.misses.Add(1)
	return c.direct(ctx, key)
}

func (c *cache[V]) direct(ctx context.Context, key string) (*V, error) {
	value, err := c.read(ctx, key)
	if err != nil {
		return nil, err
	}
	return &value, nil
}

func (c *cache[V]) lookup(key string) (value *V, epoch uint64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	value, ok = c.values.Get(key)
	return value, c.epoch, ok
}

// now is the epoch for what is about to be read.
func (c *cache[V]) now() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.epoch
}

// remember keeps the value, unless something changed since the epoch.
func (c *cache[V]) remember(key string, value *V, epoch uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if epoch == c.epoch {
		c.values.Add(key, value)
	}
}

// forget drops the value, and those being read.
func (c *cache[V]) forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	c.values.Remove(key)
}

// forgetAll drops all values.
func (c *cache[V]) forgetAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	c.values.Purge()
}

// CacheStats counts what a cache did.
type CacheStats struct {
	Hits    uint64 // answered from memory
	Misses  uint64 // waited for the database
	Entries int    // remembered now
}

func (c *cache[V]) stats() CacheStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return CacheStats{c.hits.Load(), c.misses.Load(), c.values.Len()}
}
