package throttle_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/throttle"
)

func TestParallelGuessesStayWithinTheLimit(t *testing.T) {
	t.Parallel()
	for _, from := range []struct {
		name  string
		known bool
	}{{"stranger", false}, {"known device", true}} {
		t.Run(from.name, func(t *testing.T) {
			t.Parallel()
			d := newDoor(t, throttle.Defaults())
			if from.known {
				d.know(t, home)
			}
			var all sync.WaitGroup
			for range 32 {
				all.Go(func() {
					_, err := d.try(t, "ada", home, wrong)
					refused(t, "guess", err)
				})
			}
			all.Wait()
			if n := d.verified.Load(); n != 5 {
				t.Errorf("%d of 32 guesses were verified, want 5", n)
			}
			_, err := d.try(t, "ada", home, right)
			refused(t, "right password", err)
		})
	}
}

// So many subnets cannot outrun the count of their network either.
func TestParallelGuessesFromANetworkStayWithinTheLimit(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	var all sync.WaitGroup
	for i := range 60 { // a queue holds no more
		all.Go(func() { _, _ = d.try(t, "ada", fmt.Sprintf("2001:db8:0:%x::1", i), wrong) })
	}
	all.Wait()
	if n := d.verified.Load(); n != 20 {
		t.Errorf("%d of 60 guesses from a /56 were verified, want 20", n)
	}
}

// A service that signs in a lot need not wait for itself.
func TestSignInsRunSideBySide(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	var inside, most atomic.Int32
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			_, err := d.SignIn(t.Context(), throttle.Attempt{Username: "ada", Address: home},
				func(context.Context, *identity.User) (bool, error) {
					if n := inside.Add(1); n > most.Load() {
						most.Store(n)
					}
					defer inside.Add(-1)
					time.Sleep(5 * time.Millisecond)
					return true, nil
				})
			accepted(t, "right password", err)
		})
	}
	all.Wait()
	if n := most.Load(); n < 2 || n > 5 {
		t.Errorf("at most %d ran at once, want 2 to 5", n)
	}
	if n := d.calls.reads.Load(); n != 32 {
		t.Errorf("%d reads for 32 sign-ins, want one each", n)
	}
}

// occupy keeps ada's gate for an address busy with as many attempts as may run at
// once, until the returned function is called.
func occupy(t *testing.T, d *door, address string) (leave func()) {
	t.Helper()
	inside, done := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			_, err := d.SignIn(t.Context(), throttle.Attempt{Username: "ada", Address: address},
				func(context.Context, *identity.User) (bool, error) {
					inside <- struct{}{}
					<-done
					return true, nil
				})
			accepted(t, "who was first", err)
		})
	}
	for range 5 {
		<-inside
	}
	return func() {
		close(done)
		all.Wait()
	}
}

func TestStrangersQueueIsBounded(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	d.know(t, home)
	leave := occupy(t, d, abroad)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	var turnedAway, gaveUp atomic.Int32
	for range 70 {
		all.Go(func() {
			_, err := d.SignIn(ctx, throttle.Attempt{Username: "ada", Address: abroad}, d.verify(wrong))
			switch {
			case !errors.Is(err, errors.Unavailable):
				t.Errorf("SignIn() = %v, want %v", err, errors.Unavailable)
			case errors.Is(err, context.Canceled):
				gaveUp.Add(1)
			case errors.From(err).RetryAfter == time.Second:
				turnedAway.Add(1)
			}
		})
	}
	for turnedAway.Load() < 5 {
		time.Sleep(time.Millisecond)
	}
	_, err := d.try(t, "ada", home, right)
	accepted(t, "a known device past the queue", err)
	_, err = d.try(t, "ada", further, right)
	accepted(t, "another address past the queue", err)
	_, err = d.try(t, "eve", abroad, right)
	refused(t, "another account", err)

	cancel()
	all.Wait()
	// One stands at the head and 64 wait behind it.
	if turnedAway.Load() != 5 || gaveUp.Load() != 65 {
		t.Errorf("%d were turned away and %d gave up, want 5 and 65", turnedAway.Load(), gaveUp.Load())
	}
	leave()
	_, err = d.try(t, "ada", abroad, right)
	accepted(t, "when the queue has gone", err)
}

func TestAPanicLeavesTheGateOpen(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	func() {
		defer func() { _ = recover() }()
		_, _ = d.SignIn(t.Context(), throttle.Attempt{Username: "ada"}, func(context.Context, *identity.User) (bool, error) {
			panic("in verify")
		})
	}()
	_, err := d.try(t, "ada", home, right)
	accepted(t, "right password", err)
}
