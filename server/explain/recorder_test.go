package explain_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/server/explain"
)

func TestAnAddressHasItsShare(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for range 100 {
		f.refuse("192.0.2.1")
	}
	f.refuse("192.0.2.2")
	f.now = f.now.Add(time.Minute)
	f.refuse("192.0.2.1")
	f.stop(t)
	if f.recorded != 62 || f.dropped[explain.DroppedAddress] != 40 {
		t.Errorf("%d recorded, %v dropped, want 62 and 40 for their address", f.recorded, f.dropped)
	}
}

func TestUnderLoadAnAddressHasLess(t *testing.T) {
	t.Parallel()
	for name, load := range map[string]func(f *fixture) int{
		"the server is busy": func(f *fixture) int { f.busy = true; return 0 },
		"many wait": func(f *fixture) int {
			for i := range 513 {
				f.refuse(fmt.Sprint(i))
			}
			return 513
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			before := load(f)
			for range 100 {
				f.refuse("192.0.2.1")
			}
			f.stop(t)
			if got := f.recorded - before; got != 6 {
				t.Errorf("%d recorded, want 6", got)
			}
		})
	}
}

// Addresses are remembered up to a number: the first of many is new again.
func TestAddressesAreForgotten(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for range 61 {
		f.refuse("192.0.2.1")
	}
	f.stop(t)
	f.busy = true
	for i := range 4096 {
		f.refuse(fmt.Sprint(i))
	}
	f.stop(t)
	recorded := f.recorded
	f.refuse("192.0.2.1")
	f.stop(t)
	if f.recorded != recorded+1 {
		t.Error("an address is remembered after 4096 others")
	}
}

// With a database that hangs, a flood fills the queue and no more, and nobody waits.
func TestAFloodDelaysNobody(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	hangs, over := make(chan struct{}, 1), make(chan struct{})
	f.database.instead = func(ctx context.Context) error {
		select {
		case hangs <- struct{}{}:
		default:
		}
		<-over
		return ctx.Err()
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	f.refuse("first")
	<-hangs

	const flood = 50_000
	body := strings.Repeat("x", 1<<20)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var slowest time.Duration
	for i := range flood {
		var trail explain.Trail
		trail.FailToken(explain.TokenForm, body[:4096], body, body)
		start := time.Now()
		f.Add(explain.Refused{
			RequestID: body[:128], Method: body, Status: 400, Source: fmt.Sprint(i % 10_000), UserAgent: body,
			Fault: errors.Malformed.On(map[string]string{body[:100]: body}).Because(errors.New(body)), Trail: &trail,
		})
		slowest = max(slowest, time.Since(start))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 12<<20 {
		t.Errorf("memory has grown by %d KiB", grown>>10)
	}
	if slowest > 200*time.Millisecond { // but for whoever else uses the processor, microseconds
		t.Errorf("an Add took %s", slowest)
	}
	if dropped := f.dropped[explain.DroppedLoad] + f.dropped[explain.DroppedAddress]; dropped != flood-1024 {
		t.Errorf("%d dropped, want all but 1024", dropped)
	}
	close(over)
	cancel()
	if err := <-ended; err != nil || f.recorded != 1+1024 {
		t.Errorf("Run() = %v, %d recorded, want 1025", err, f.recorded)
	}
}

func TestRunWritesOnceASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.Run(ctx) }()
		for i := range 250 {
			f.refuse(fmt.Sprint(i))
		}
		time.Sleep(2100 * time.Millisecond)
		if got, want := f.database.sizes(), []int{100, 100}; !slices.Equal(got, want) {
			t.Errorf("batches after two seconds = %v, want %v", got, want)
		}
		for i := range 130 {
			f.refuse(fmt.Sprint(1000 + i))
		}
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if got, want := f.database.sizes(), []int{100, 100, 100, 80}; !slices.Equal(got, want) || f.recorded != 380 {
			t.Errorf("batches in the end = %v, want %v", got, want)
		}
	})
}

func TestWhatTheDatabaseDoesNotTakeIsDropped(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.database.instead = func(context.Context) error { return errors.New("it is away") }
	for i := range 250 {
		f.refuse(fmt.Sprint(i))
	}
	f.stop(t)
	if f.recorded != 0 || f.dropped[explain.DroppedDatabase] != 250 {
		t.Errorf("%d recorded, %v dropped, want 250 for the database", f.recorded, f.dropped)
	}
	f.database.instead = nil
	f.refuse("192.0.2.1")
	f.refuse("192.0.2.1")
	f.stop(t)
	if f.recorded != 2 {
		t.Errorf("%d recorded after it was back, want 2", f.recorded)
	}
	if log := f.log.String(); strings.Count(log, "not recorded") != 1 || strings.Count(log, "recorded again") != 1 {
		t.Errorf("log = %s", log)
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	cause := errors.New("no route to host")
	got := f.record(t, explain.Refused{
		RequestID: "r-7", Method: "POST", Route: "/v1/logout", Status: 400, Address: "192.0.2.1", UserAgent: "curl/8\x1b[31m",
		Fault: errors.Malformed.On(map[string]string{"state": "is not a field", `{"password":"hunter2"}`: "is not a field"}).Because(cause),
	})
	want := explain.Record{
		ID: f.database.kept[0].ID, RequestID: "r-7", Time: f.now, Method: "POST", Route: "/v1/logout", Status: 400, Code: "AUT-0009",
		Fields: map[string]string{"state": "is not a field", "(a text of 22 bytes)": "is not a field"}, Cause: "no route to host",
		Address: "192.0.2.1", UserAgent: "curl/8[31m", Checks: []explain.Outcome{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if until := f.database.kept[0].ExpiresAt; !until.Equal(f.now.Add(24 * time.Hour)) {
		t.Errorf("it is kept until %s", until)
	}
}

// TestASiteHasItsShare: 300 networks of one site have as many records a minute as the
// larger networks around them may, and keep as many bytes as a site may; others keep
// theirs.
func TestASiteHasItsShare(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	refuse := func(address, network string, around ...string) {
		f.Add(explain.Refused{
			RequestID: address, Method: "POST", Route: "/oauth2/token", Status: 401, UserAgent: strings.Repeat("x", 200),
			Fault: errors.From(errors.InvalidClient), Address: address, Source: network, Around: around, Trail: &explain.Trail{},
		})
	}
	refuse("2001:db8:1:ffff::1", "2001:db8:1:ffff::/64", "2001:db8:1:ff00::/56", "2001:db8:1::/48")
	refuse("192.0.2.1", "192.0.2.1")
	for minute := range 4 {
		for i := range 3000 {
			network := fmt.Sprintf("2001:db8:1:%x::", i%300)
			refuse(network+"1", network+"/64", fmt.Sprintf("2001:db8:1:%x::/56", i%300&^0xff), "2001:db8:1::/48")
			if i%500 == 0 {
				f.stop(t)
			}
		}
		f.stop(t)
		if want := 2 + 480*(minute+1); f.recorded > want { // of two /56s, with four times an address's share each
			t.Fatalf("%d recorded by minute %d, want %d at most", f.recorded, minute+1, want)
		}
		f.now = f.now.Add(time.Minute)
	}
	var bytes int
	there := map[string]bool{}
	for _, r := range f.database.kept {
		bytes += len(r.Record) + 512
		there[r.RequestID] = true
	}
	if bytes > 1<<20+2000 || bytes < 1<<19 {
		t.Errorf("%d bytes are kept, want the share of a site", bytes)
	}
	if !there["2001:db8:1:ffff::1"] || !there["192.0.2.1"] {
		t.Error("somebody who holds less was pushed out")
	}
}
