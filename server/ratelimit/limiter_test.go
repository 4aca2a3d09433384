package ratelimit_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/errors"
	"gatehouse/server/ratelimit"
	"gatehouse/server/servertest"
	"gatehouse/storage"
	"gatehouse/storage/storagetest"
)

// newClock stands at the start of a window of ten seconds.
func newClock() *servertest.Clock {
	return servertest.ClockAt(time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC))
}

func newLimiter(c *servertest.Clock, store storage.Counters, config ratelimit.Config) *ratelimit.Limiter {
	return ratelimit.New(ratelimit.Deps{Store: store, Now: c.Now, Log: slog.New(slog.DiscardHandler)}, config)
}

// take asks so many times and says how often the answer was yes.
func take(l *ratelimit.Limiter, key string, times int) (allowed int) {
	for range times {
		if _, ok := l.Allow(key); ok {
			allowed++
		}
	}
	return allowed
}

func TestAllow(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLimiter(c, nil, ratelimit.Config{PerMinute: 60, Burst: 10})
	if got := take(l, "a", 20); got != 10 {
		t.Errorf("%d of 20 at once were allowed, want the burst of 10", got)
	}
	if got := take(l, "b", 20); got != 10 {
		t.Errorf("%d of another key's were allowed, want 10", got)
	}
	c.Advance(3500 * time.Millisecond)
	if got := take(l, "a", 20); got != 3 {
		t.Errorf("%d were allowed 3.5 seconds later, want 3", got)
	}
	c.Advance(time.Hour)
	if got := take(l, "a", 20); got != 10 {
		t.Errorf("%d were allowed an hour later, want the burst of 10", got)
	}
}

func TestBurstIsAMinutesWorth(t *testing.T) {
	t.Parallel()
	if got := take(newLimiter(newClock(), nil, ratelimit.Config{PerMinute: 30}), "a", 100); got != 30 {
		t.Errorf("%d were allowed at once, want 30", got)
	}
}

func TestRetryAfterIsExact(t *testing.T) {
	t.Parallel()
	for _, perMinute := range []int{1, 7, 60, 599, 6000} {
		c := newClock()
		l := newLimiter(c, nil, ratelimit.Config{PerMinute: perMinute, Burst: 1})
		take(l, "a", 1)
		for range 5 {
			wait, ok := l.Allow("a")
			if ok || wait <= 0 {
				t.Fatalf("at %d a minute: Allow() = %s, %t, want to wait", perMinute, wait, ok)
			}
			c.Advance(wait - time.Nanosecond)
			if _, ok := l.Allow("a"); ok {
				t.Errorf("at %d a minute: allowed before the %s were over", perMinute, wait)
			}
			c.Advance(time.Nanosecond)
			if again, ok := l.Allow("a"); !ok {
				t.Errorf("at %d a minute: not allowed after %s, but after %s more", perMinute, wait, again)
			}
		}
	}
}

func TestSwitchedOff(t *testing.T) {
	t.Parallel()
	l := newLimiter(newClock(), nil, ratelimit.Config{})
	if got := take(l, "a", 10_000); got != 10_000 {
		t.Errorf("%d of 10000 were allowed without a limit", got)
	}
	if err := l.Share(t.Context()); err != nil {
		t.Errorf("Share() without a limit = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Run(ctx); err != nil {
		t.Errorf("Run() = %v, want nil when its context has ended", err)
	}
}

// An address that nobody has seen lately makes room; it is never refused for
// want of room.
func TestKeysAreBounded(t *testing.T) {
	t.Parallel()
	l := newLimiter(newClock(), nil, ratelimit.Config{PerMinute: 60, Burst: 1, Keys: 100})
	take(l, "regular", 1)
	for i := range 1000 {
		if _, ok := l.Allow(fmt.Sprint("passing by ", i)); !ok {
			t.Fatalf("key %d was refused at its first request", i)
		}
		if _, ok := l.Allow("regular"); ok {
			t.Fatalf("the regular's count was forgotten after %d other keys", i)
		}
	}
	if _, ok := l.Allow("passing by 0"); !ok {
		t.Error("the least recently seen key was remembered past the bound")
	}
}

func TestNodesShareALimit(t *testing.T) {
	t.Parallel()
	c, store := newClock(), storagetest.Open(t, storagetest.SQLite(t))
	config := ratelimit.Config{PerMinute: 60, Burst: 10}
	one, two := newLimiter(c, store, config), newLimiter(c, store, config)
	share := func() {
		t.Helper()
		for _, l := range []*ratelimit.Limiter{one, two, one} {
			if err := l.Share(t.Context()); err != nil {
				t.Fatalf("Share() = %v", err)
			}
		}
	}
	// Before they have talked, each gives out its own; then both know of 16.
	if a, b := take(one, "k", 8), take(two, "k", 8); a != 8 || b != 8 {
		t.Fatalf("%d and %d were allowed at first, want 8 and 8", a, b)
	}
	share()
	take(one, "k", 1)
	share()
	if a, b := take(one, "k", 5), take(two, "k", 5); a != 0 || b != 0 {
		t.Errorf("%d and %d were allowed once the nodes had talked, want none", a, b)
	}
	// 17 went out of 10. Seven seconds pay that back, the eighth is for a request.
	c.Advance(6 * time.Second)
	if a, b := take(one, "k", 5), take(two, "k", 5); a != 0 || b != 0 {
		t.Errorf("%d and %d were allowed after six seconds, want none", a, b)
	}
	c.Advance(2 * time.Second)
	if a := take(one, "k", 5); a != 1 {
		t.Errorf("%d were allowed after two more, want 1", a)
	}
	if _, ok := two.Allow("of nobody else"); !ok {
		t.Error("another key was refused")
	}
}

// A client that sends all it can to three nodes gets what one node would give.
func TestNodesTogetherStayNearTheLimit(t *testing.T) {
	t.Parallel()
	c, store := newClock(), storagetest.Open(t, storagetest.SQLite(t))
	var nodes []*ratelimit.Limiter
	for range 3 {
		nodes = append(nodes, newLimiter(c, store, ratelimit.Config{PerMinute: 600, Burst: 50}))
	}
	allowed := 0
	const seconds = 300
	for range seconds {
		for range 10 {
			for _, node := range nodes {
				allowed += take(node, "k", 20)
			}
			c.Advance(100 * time.Millisecond)
		}
		for _, node := range nodes {
			if err := node.Share(t.Context()); err != nil {
				t.Fatalf("Share() = %v", err)
			}
		}
	}
	const want = 10*seconds + 50
	if allowed < want*9/10 || allowed > want*11/10 {
		t.Errorf("%d were allowed in %d seconds, want %d or a tenth more or less", allowed, seconds, want)
	}
}

// A node that has not seen a client for a while does not hold against it what it
// was allowed elsewhere meanwhile.
func TestWhatOthersAllowedIsNotHeldAgainstAClient(t *testing.T) {
	t.Parallel()
	c, store := newClock(), storagetest.Open(t, storagetest.SQLite(t))
	config := ratelimit.Config{PerMinute: 60, Burst: 10}
	one, two := newLimiter(c, store, config), newLimiter(c, store, config)
	for range 45 { // one a second, which is the limit
		if take(one, "k", 1) != 1 {
			t.Fatal("refused within the limit")
		}
		if err := one.Share(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Second)
	}
	take(two, "k", 1)
	if err := two.Share(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := take(two, "k", 20); got != 9 {
		t.Errorf("the other node allowed %d more, want the rest of the burst: 9", got)
	}
}

// flaky is a store that can be cut off.
type flaky struct {
	storage.Counters
	down  atomic.Bool
	calls atomic.Int32 // statements
	keys  atomic.Int32 // in them
}

func (f *flaky) AddCounts(ctx context.Context, window, until time.Time, counts map[string]int) (map[string]int, error) {
	f.calls.Add(1)
	f.keys.Add(int32(len(counts)))
	if f.down.Load() {
		return nil, errors.New("no route to host")
	}
	return f.Counters.AddCounts(ctx, window, until, counts)
}

func TestCountsOutliveAnOutage(t *testing.T) {
	t.Parallel()
	c := newClock()
	store := &flaky{Counters: storagetest.Open(t, storagetest.SQLite(t))}
	config := ratelimit.Config{PerMinute: 60, Burst: 10}
	one, two := newLimiter(c, store, config), newLimiter(c, store, config)
	store.down.Store(true)
	if got := take(one, "k", 20); got != 10 {
		t.Errorf("%d were allowed without a database, want the node's own 10", got)
	}
	if err := one.Share(t.Context()); err == nil {
		t.Error("Share() = nil without a database")
	}
	store.down.Store(false)
	if err := one.Share(t.Context()); err != nil {
		t.Fatal(err)
	}
	take(two, "k", 1)
	if err := two.Share(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := take(two, "k", 20); got != 0 {
		t.Errorf("the other node allowed %d, want none: 10 were taken during the outage", got)
	}
}

func TestAnOutageDoesNotFillTheMemory(t *testing.T) {
	t.Parallel()
	store := &flaky{Counters: storagetest.Open(t, storagetest.SQLite(t))}
	l := newLimiter(newClock(), store, ratelimit.Config{PerMinute: 60, Keys: 100})
	store.down.Store(true)
	for i := range 1000 {
		take(l, fmt.Sprint("key ", i), 1)
		if i%300 == 0 {
			if err := l.Share(t.Context()); err == nil {
				t.Fatal("Share() = nil without a database")
			}
		}
	}
	store.down.Store(false)
	store.keys.Store(0)
	if err := l.Share(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := store.keys.Load(); got != 100 {
		t.Errorf("%d keys were kept for the others, want the 100 that are remembered", got)
	}
}

func TestShareCostsNothingWhenNothingHappened(t *testing.T) {
	t.Parallel()
	store := &flaky{Counters: storagetest.Open(t, storagetest.SQLite(t))}
	l := newLimiter(newClock(), store, ratelimit.Config{PerMinute: 60})
	for i := range 1200 {
		take(l, fmt.Sprint("key ", i), 1)
	}
	for _, want := range []int32{3, 3} { // 500 keys a statement, then none
		if err := l.Share(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := store.calls.Load(); got != want {
			t.Errorf("%d statements so far, want %d", got, want)
		}
	}
}

// totals answers with what it was told, as a lone node's database would. It
// stands in for one where synctest's clock runs, which a real one cannot be in.
type totals struct{}

func (totals) AddCounts(_ context.Context, _, _ time.Time, counts map[string]int) (map[string]int, error) {
	return counts, nil
}

func TestRunReportsAnOutageOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		store := &flaky{Counters: totals{}}
		l := ratelimit.New(ratelimit.Deps{Store: store, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil))},
			ratelimit.Config{PerMinute: 60_000})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- l.Run(ctx) }()
		for second := range 9 {
			store.down.Store(second >= 3 && second < 6)
			l.Allow("k")
			time.Sleep(time.Second)
			synctest.Wait()
		}
		if got := store.calls.Load(); got != 9 {
			t.Errorf("shared %d times in nine seconds, want 9", got)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run() = %v", err)
		}
		if warned, again := strings.Count(log.String(), "level=WARN"), strings.Count(log.String(), "shared with other nodes again"); warned != 1 || again != 1 {
			t.Errorf("logged %d warnings and %d recoveries, want one each:\n%s", warned, again, log.String())
		}
	})
}

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		config ratelimit.Config
		ok     bool
	}{
		{"zero", ratelimit.Config{}, true},
		{"rate", ratelimit.Config{PerMinute: 60}, true},
		{"all", ratelimit.Config{PerMinute: 60, Burst: 10, Keys: 10}, true},
		{"negative rate", ratelimit.Config{PerMinute: -1}, false},
		{"negative burst", ratelimit.Config{PerMinute: 1, Burst: -1}, false},
		{"negative keys", ratelimit.Config{PerMinute: 1, Keys: -1}, false},
		{"burst alone", ratelimit.Config{Burst: 1}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := tt.config.Validate(); (err == nil) != tt.ok {
				t.Errorf("Validate() = %v, want ok = %t", err, tt.ok)
			}
		})
	}
}

func BenchmarkAllow(b *testing.B) {
	for _, keys := range []int{1, 10_000} {
		b.Run(fmt.Sprint(keys, " keys"), func(b *testing.B) {
			l := ratelimit.New(ratelimit.Deps{Now: time.Now, Log: slog.New(slog.DiscardHandler)}, ratelimit.Config{PerMinute: 600})
			names := make([]string, keys)
			for i := range names {
				names[i] = fmt.Sprint("2001:db8::", i)
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					l.Allow(names[i%keys])
				}
			})
		})
	}
}

// TestNetworks: whoever has many addresses may not ask many times as often.
func TestNetworks(t *testing.T) {
	t.Parallel()
	c := newClock()
	l := newLimiter(c, nil, ratelimit.Config{PerMinute: 60, Burst: 10})
	flood := func(site, networks, times int) (allowed int) {
		for i := range networks {
			for range times {
				small, large := fmt.Sprintf("%d:%d/56", site, i%16), fmt.Sprintf("%d/48", site)
				if _, ok := l.Allow(fmt.Sprintf("%d:%d/64", site, i), small, large); ok {
					allowed++
				}
			}
		}
		return allowed
	}
	if got := flood(1, 1, 100); got != 10 {
		t.Errorf("%d of one network were allowed, want 10", got)
	}
	if got := flood(2, 1000, 1); got != 160 {
		t.Errorf("%d of a thousand networks were allowed, want 16 times the burst", got)
	}
	if got := flood(3, 1, 1); got != 1 {
		t.Error("somebody else was refused")
	}
	c.Advance(time.Second)
	if wait, ok := l.Allow("2:2000/64", "2:0/56", "2/48"); !ok {
		t.Errorf("16 requests have refilled a second later: the next in %v", wait)
	}
	if got := flood(2, 1000, 1); got != 15 {
		t.Errorf("%d were allowed a second later, want 15 more", got)
	}
	for i := range 5 {
		if got := take(l, fmt.Sprintf("4:%d/64", i), 1); got != 1 {
			t.Error("an address was refused")
		}
	}
}
