package throttle_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/throttle"
)

// refused checks that an attempt got the one answer that all refusals get.
func refused(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, errors.InvalidCredentials) {
		t.Errorf("%s: %v, want %v", what, err, errors.InvalidCredentials)
	}
}

func accepted(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v, want success", what, err)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	got, err := d.try(t, "Ada", home, right)
	accepted(t, "right password", err)
	if got.User == nil || got.User.ID != "ada-id" || got.Device != home {
		t.Errorf("SignIn() = %+v, want ada and a device to be stored", got)
	}
	for _, refusal := range []struct{ what, username, password string }{
		{"wrong password", "ada", wrong},
		{"unknown user", "eve", right},
		{"disabled user", "bob", right},
		{"disabled user, wrong password", "bob", wrong},
		{"no name at all", "", right},
		{"no text", "a\x00\xff", right},
		{"a very long name", strings.Repeat("a", 1<<20), right},
	} {
		before := d.verified.Load()
		got, err := d.try(t, refusal.username, home, refusal.password)
		refused(t, refusal.what, err)
		if got.User != nil {
			t.Errorf("%s: SignIn() gave out user %s", refusal.what, got.User.ID)
		}
		if n := d.verified.Load() - before; n != 1 {
			t.Errorf("%s: verified %d times, want once, for the time it takes", refusal.what, n)
		}
	}
}

func TestSignInCannotSucceedForNobody(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	yes := func(context.Context, *identity.User) (bool, error) { return true, nil }
	for _, username := range []string{"eve", "bob"} {
		_, err := d.SignIn(t.Context(), throttle.Attempt{Username: username}, yes)
		refused(t, username, err)
	}
}

func TestSignInCostsStatements(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	for _, step := range []struct {
		what, password string
		reads, writes  int32
	}{
		{"success", right, 1, 0},
		{"failure", wrong, 1, 1},
		{"success after a failure", right, 1, 1},
		{"success after that", right, 1, 0},
	} {
		reads, writes := d.calls.reads.Load(), d.calls.writes.Load()
		_, _ = d.try(t, "ada", home, step.password)
		reads, writes = d.calls.reads.Load()-reads, d.calls.writes.Load()-writes
		if reads != step.reads || writes != step.writes {
			t.Errorf("%s cost %d reads and %d writes, want %d and %d", step.what, reads, writes, step.reads, step.writes)
		}
	}
}

func TestFailuresFreezeAnAccount(t *testing.T) {
	t.Parallel()
	for _, username := range []string{"ada", "bob", "eve"} { // somebody, a disabled user, nobody
		t.Run(username, func(t *testing.T) {
			t.Parallel()
			d := newDoor(t, throttle.Defaults())
			for range 5 {
				_, err := d.try(t, username, home, wrong)
				refused(t, "guess", err)
			}
			writes := d.calls.writes.Load()
			_, err := d.try(t, strings.ToUpper(username), abroad, right)
			refused(t, "right password while frozen", err)
			if n := d.verified.Load(); n != 5 {
				t.Errorf("verified %d times, want 5: none while frozen", n)
			}
			if d.calls.writes.Load() != writes {
				t.Error("an attempt while frozen was written down, so the freeze need never end")
			}
			d.advance(15*time.Minute - time.Second)
			_, err = d.try(t, username, home, right)
			refused(t, "right password just before the end of the freeze", err)

			d.advance(time.Second)
			_, err = d.try(t, username, home, right)
			if username == "ada" {
				accepted(t, "right password after the freeze", err)
			}
			if n := d.verified.Load(); n != 6 {
				t.Errorf("verified %d times, want 6: once more after the freeze", n)
			}
		})
	}
}

func TestFailuresAreForgotten(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	for range 2 { // by time
		for range 4 {
			_, err := d.try(t, "ada", home, wrong)
			refused(t, "guess", err)
		}
		d.advance(15 * time.Minute)
	}
	for range 3 { // by success
		_, err := d.try(t, "ada", home, right)
		accepted(t, "right password", err)
		for range 4 {
			_, err := d.try(t, "ada", home, wrong)
			refused(t, "guess", err)
		}
	}
	_, err := d.try(t, "ada", home, right)
	accepted(t, "right password", err)
}

func TestDelaysGrow(t *testing.T) {
	t.Parallel()
	config := throttle.Defaults()
	config.Failures = 9
	d := newDoor(t, config)
	for range 9 {
		_, err := d.try(t, "ada", home, wrong)
		refused(t, "guess", err)
	}
	ms := time.Millisecond
	want := []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 2000 * ms, 2000 * ms, 2000 * ms}
	if diff := cmp.Diff(want, d.slept); diff != "" {
		t.Errorf("delays (-want +got):\n%s", diff)
	}
	d.advance(15 * time.Minute)
	_, err := d.try(t, "ada", home, right)
	accepted(t, "right password later", err)
	if len(d.slept) != len(want) {
		t.Errorf("slept %v after the failures were forgotten", d.slept[len(want):])
	}
}

func TestFailuresFreezeAnAddress(t *testing.T) {
	t.Parallel()
	config := throttle.Defaults()
	config.AddressFailures = 3
	d := newDoor(t, config)
	d.know(t, further)
	for _, username := range []string{"one", "two", "three"} {
		_, err := d.try(t, username, "2001:db8::1", wrong)
		refused(t, "guess", err)
	}
	_, err := d.try(t, "ada", "2001:db8::ffff", right)
	refused(t, "another address of the same network", err)
	if n := d.verified.Load(); n != 3 {
		t.Errorf("verified %d times, want 3: none while frozen", n)
	}
	_, err = d.try(t, "ada", "2001:db8:0:1::1", right)
	accepted(t, "another network", err)

	_, err = d.SignIn(t.Context(), throttle.Attempt{Username: "ada", Address: "2001:db8::2", Device: further}, d.verify(right))
	accepted(t, "a known device behind the frozen address", err)

	d.advance(15 * time.Minute)
	_, err = d.try(t, "ada", "2001:db8::1", right)
	accepted(t, "after the freeze", err)
}

func TestSuccessDoesNotClearTheAddress(t *testing.T) {
	t.Parallel()
	config := throttle.Defaults()
	config.AddressFailures = 3
	d := newDoor(t, config)
	for _, username := range []string{"one", "two"} {
		_, err := d.try(t, username, abroad, wrong)
		refused(t, "guess", err)
	}
	_, err := d.try(t, "ada", abroad, right)
	accepted(t, "own password", err)
	_, err = d.try(t, "three", abroad, wrong)
	refused(t, "third guess", err)
	_, err = d.try(t, "ada", abroad, right)
	refused(t, "own password from the frozen address", err)
}

func TestStrangersCannotLockOutAKnownDevice(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	d.know(t, home)
	for range 6 {
		_, err := d.try(t, "ada", abroad, wrong)
		refused(t, "guess from abroad", err)
	}
	if n := d.verified.Load(); n != 5 {
		t.Errorf("verified %d guesses, want 5", n)
	}
	_, err := d.try(t, "ada", home, right)
	accepted(t, "right password at home", err)
	_, err = d.try(t, "ada", further, right)
	refused(t, "right password from a third place", err)
}

func TestAKnownDeviceFreezesItselfAlone(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	d.know(t, home)
	d.know(t, further)
	for range 5 {
		_, err := d.try(t, "ada", home, wrong)
		refused(t, "guess at home", err)
	}
	_, err := d.try(t, "ada", home, right)
	refused(t, "right password at home", err)
	_, err = d.try(t, "ada", further, right)
	accepted(t, "right password on the other device", err)
	_, err = d.try(t, "ada", abroad, right)
	accepted(t, "right password from abroad", err)
}

func TestSuccessElsewhereDoesNotHelpStrangers(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	d.know(t, home)
	for range 5 {
		_, err := d.try(t, "ada", abroad, wrong)
		refused(t, "guess from abroad", err)
		_, err = d.try(t, "ada", home, right)
		accepted(t, "right password at home", err)
	}
	_, err := d.try(t, "ada", abroad, right)
	refused(t, "right password from abroad", err)
}

func TestDeviceIsStoredOnceADay(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	signIn := func(want string) {
		t.Helper()
		got, err := d.try(t, "ada", home, right)
		accepted(t, "right password", err)
		if got.Device != want {
			t.Errorf("device to store = %q, want %q", got.Device, want)
		}
	}
	signIn(home)
	d.know(t, home)
	signIn("")
	d.advance(24*time.Hour - time.Second)
	signIn("")
	d.advance(time.Second)
	signIn(home)
}

func TestNoAddressNoDevice(t *testing.T) {
	t.Parallel()
	config := throttle.Defaults()
	config.AddressFailures = 2
	d := newDoor(t, config)
	for _, username := range []string{"one", "two", "three"} {
		_, err := d.try(t, username, "", wrong)
		refused(t, "guess", err)
	}
	got, err := d.try(t, "ada", "", right)
	accepted(t, "right password", err)
	if got.Device != "" {
		t.Errorf("device to store = %q, want none", got.Device)
	}
}

func TestSwitchedOff(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Config{})
	for range 20 {
		_, err := d.try(t, "ada", home, wrong)
		refused(t, "guess", err)
	}
	_, err := d.try(t, "ada", home, right)
	accepted(t, "right password", err)
	if d.calls.writes.Load() != 0 || len(d.slept) != 0 {
		t.Errorf("%d writes, delays %v, want none", d.calls.writes.Load(), d.slept)
	}
}

func TestFaultsAreNoFailures(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	busy := errors.Unavailable.After(time.Second)
	for range 6 {
		_, err := d.SignIn(t.Context(), throttle.Attempt{Username: "ada"}, func(context.Context, *identity.User) (bool, error) {
			return false, busy
		})
		if !errors.Is(err, errors.Unavailable) {
			t.Errorf("SignIn() = %v, want %v", err, errors.Unavailable)
		}
	}
	_, err := d.try(t, "ada", home, right)
	accepted(t, "right password", err)
}

func TestHangingUpDoesNotMakeGuessesFree(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	for range 5 {
		ctx, hangUp := context.WithCancel(t.Context())
		_, err := d.SignIn(ctx, throttle.Attempt{Username: "ada"}, func(context.Context, *identity.User) (bool, error) {
			hangUp()
			return false, nil
		})
		refused(t, "guess", err)
	}
	_, err := d.try(t, "ada", home, right)
	refused(t, "right password", err)
}

func TestNoDatabaseNoSignIn(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	_, err := d.SignIn(t.Context(), throttle.Attempt{Username: "ada"}, func(context.Context, *identity.User) (bool, error) {
		return false, d.db.Close()
	})
	if err == nil || errors.Is(err, errors.InvalidCredentials) {
		t.Errorf("SignIn() when the failure cannot be recorded = %v, want the fault", err)
	}
	if _, err := d.try(t, "ada", home, right); err == nil || errors.Is(err, errors.InvalidCredentials) {
		t.Errorf("SignIn() when nothing can be read = %v, want the fault", err)
	}
}
