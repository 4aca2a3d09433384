package throttle_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/device"
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
	if got.User == nil || got.User.ID != "ada-id" || got.Device != "" {
		t.Errorf("SignIn() = %+v, want ada on a device that is not known", got)
	}
	d.know(t, further)
	got, err = d.try(t, "Ada", further, right)
	accepted(t, "right password on the known device", err)
	if got.Device != "device at "+further {
		t.Errorf("SignIn() = %+v, want ada on the known device", got)
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

func TestFailuresFreezeAnAccountForAnAddress(t *testing.T) {
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
			_, err := d.try(t, strings.ToUpper(username), home, right)
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
			_, err = d.try(t, username, abroad, right)
			if username == "ada" {
				accepted(t, "right password from another address meanwhile", err)
			}

			d.advance(time.Second)
			_, err = d.try(t, username, home, right)
			if username == "ada" {
				accepted(t, "right password after the freeze", err)
			}
			if n := d.verified.Load(); n != 7 {
				t.Errorf("verified %d times, want 7: once elsewhere, and once more after the freeze", n)
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
	d := newDoor(t, throttle.Defaults())
	d.know(t, further)
	for i := range 10 { // each from another address
		_, err := d.try(t, "ada", fmt.Sprintf("198.51.100.%d", i), wrong)
		refused(t, "guess", err)
	}
	_, err := d.try(t, "ada", further, right)
	accepted(t, "right password on the known device, undelayed", err)
	ms := time.Millisecond
	want := []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 6400 * ms, 8000 * ms, 8000 * ms}
	if diff := cmp.Diff(want, d.slept); diff != "" {
		t.Errorf("delays (-want +got):\n%s", diff)
	}
	d.advance(15 * time.Minute)
	_, err = d.try(t, "ada", home, right)
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

	_, err = d.SignIn(t.Context(), throttle.Attempt{Username: "ada", Address: "2001:db8::2", Devices: d.devices[further]}, d.verify(right))
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
	accepted(t, "right password from a third place", err)
	_, err = d.try(t, "ada", abroad, right)
	refused(t, "right password from where the guesses came from", err)
}

// A device is known by what it shows, not by where it is.
func TestNeighboursOfAKnownDeviceAreStrangers(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	d.know(t, "laptop")
	laptop := d.devices["laptop"]
	for range 5 {
		_, err := d.try(t, "ada", home, wrong)
		refused(t, "guess of a neighbour", err)
	}
	_, err := d.try(t, "ada", home, right)
	refused(t, "right guess of a neighbour", err)
	for _, address := range []string{home, abroad} {
		in, err := d.SignIn(t.Context(), throttle.Attempt{Username: "ada", Address: address, Devices: laptop}, d.verify(right))
		accepted(t, "the laptop at "+address, err)
		if in.Device != laptop[0].ID {
			t.Errorf("device = %q, want %q", in.Device, laptop[0].ID)
		}
	}
}

func TestADeviceIsKnownForItsUserAndTheirCredentials(t *testing.T) {
	t.Parallel()
	for name, device := range map[string]device.Device{
		"of another user":            {ID: "d", UserID: "bob-id", Credentials: 1},
		"from before a new password": {ID: "d", UserID: "ada-id", Credentials: 0},
	} {
		d := newDoor(t, throttle.Defaults())
		d.devices[home] = append(d.devices[home], device)
		for range 5 {
			_, err := d.try(t, "ada", home, wrong)
			refused(t, "guess on a device "+name, err)
		}
		_, err := d.try(t, "ada", home, right)
		refused(t, "right password on a device "+name, err)
		delete(d.devices, home)
		_, err = d.try(t, "ada", home, right)
		refused(t, "right password without the device "+name, err)
	}
}

// An IPv6 network counts as a whole, too, or its owner would have five guesses
// for each of its 65 536 subnets.
func TestFailuresFreezeWiderNetworks(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	guess := func(subnet int) { _, _ = d.try(t, "ada", fmt.Sprintf("2001:db8:0:%x::1", subnet), wrong) }
	for i := range 100 { // one from each /64 of one /56
		guess(i)
	}
	if n := d.verified.Load(); n != 20 {
		t.Errorf("%d guesses from a /56 were verified, want 20", n)
	}
	for i := range 600 { // and of the whole /48
		guess(i * 97 % 65536)
	}
	if n := d.verified.Load(); n != 80 {
		t.Errorf("%d guesses from a /48 were verified, want 80", n)
	}
	_, err := d.try(t, "ada", "2001:db8:1::1", right)
	accepted(t, "another /48", err)
}

func TestAnApplicationCountsAsAnAddressOfItsOwn(t *testing.T) {
	t.Parallel()
	config := throttle.Defaults()
	config.AddressFailures = 3
	d := newDoor(t, config)
	from := func(client, username, password string) error {
		a := throttle.Attempt{Username: username, Address: home, Client: client}
		_, err := d.SignIn(t.Context(), a, d.verify(password))
		return err
	}
	for _, username := range []string{"one", "two", "three", "four"} {
		refused(t, "guess at the console", from("console", username, wrong))
	}
	accepted(t, "after many failures at other accounts", from("console", "ada", right))
	for range 5 {
		refused(t, "guess at the console", from("console", "ada", wrong))
	}
	refused(t, "right password at the console", from("console", "ada", right))
	accepted(t, "at another application", from("portal", "ada", right))
	_, err := d.try(t, "ada", home, right)
	accepted(t, "from the address itself", err)
}

// Who has found a token cannot guess the password by changing it, nor keep its
// owner from signing in or from changing it in another session.
func TestASessionIsCountedByItself(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	change := func(session, password string) error {
		_, err := d.SignIn(t.Context(), throttle.Attempt{Username: "ada", Address: home, Session: session}, d.verify(password))
		return err
	}
	for range 5 {
		refused(t, "guess", change("stolen", wrong))
	}
	refused(t, "right password in the stolen session", change("stolen", right))
	accepted(t, "in another session", change("own", right))
	_, err := d.try(t, "ada", home, right)
	accepted(t, "signing in", err)
	if !d.frozenUntil(t).IsZero() || len(d.slept) != 5 {
		t.Errorf("frozen until %s, delays %v: want no freeze, and the change delayed", d.frozenUntil(t), d.slept)
	}
}

func TestUnlock(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Defaults())
	d.know(t, home)
	for _, address := range []string{home, abroad} {
		for range 5 {
			_, err := d.try(t, "ada", address, wrong)
			refused(t, "guess", err)
		}
		_, err := d.try(t, "ada", address, right)
		refused(t, "right password", err)
	}
	if got, want := d.frozenUntil(t), d.Now().Add(15*time.Minute); !got.Equal(want) {
		t.Errorf("frozen until %s, want %s", got, want)
	}
	d.unlock(t)
	d.advance(time.Second)
	for _, address := range []string{home, abroad} {
		for range 4 { // from one again
			_, err := d.try(t, "ada", address, wrong)
			refused(t, "guess after the unlock", err)
		}
		_, err := d.try(t, "ada", address, right)
		accepted(t, "right password after the unlock", err)
	}
	if got := d.frozenUntil(t); !got.IsZero() {
		t.Errorf("frozen until %s, want not at all", got)
	}
}

func TestUnlockLetsNoAddressGo(t *testing.T) {
	t.Parallel()
	config := throttle.Defaults()
	config.AddressFailures = 3
	d := newDoor(t, config)
	for range 3 {
		_, err := d.try(t, "ada", abroad, wrong)
		refused(t, "guess", err)
	}
	if got := d.frozenUntil(t); !got.IsZero() {
		t.Errorf("frozen until %s, want not at all: it is the address", got)
	}
	d.unlock(t)
	_, err := d.try(t, "ada", abroad, right)
	refused(t, "from the frozen address", err)
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

func TestNoAddressIsNotFrozenForAllAccounts(t *testing.T) {
	t.Parallel()
	config := throttle.Defaults()
	config.AddressFailures = 2
	d := newDoor(t, config)
	for _, username := range []string{"one", "two", "three"} {
		_, err := d.try(t, username, "", wrong)
		refused(t, "guess", err)
	}
	_, err := d.try(t, "ada", "", right)
	accepted(t, "right password", err)
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
	_, err := d.try(t, "ada", "", right)
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

// What cannot be counted is not answered: a flood of usernames from one network is
// refused in the end, and known devices and other networks go on.
func TestFailuresAreBounded(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Config{Failures: 5})
	refused := 0
	for i := range 1500 {
		_, err := d.SignIn(t.Context(), throttle.Attempt{Username: fmt.Sprint("nobody", i), Address: "2001:db8:1:1::1"}, func(context.Context, *identity.User) (bool, error) { return false, nil })
		switch {
		case errors.Is(err, errors.TooManyRequests):
			refused++
		case !errors.Is(err, errors.InvalidCredentials):
			t.Fatal(err)
		}
	}
	if refused == 0 {
		t.Error("1500 usernames from one network are all remembered")
	}
	right := func(context.Context, *identity.User) (bool, error) { return true, nil }
	if _, err := d.SignIn(t.Context(), throttle.Attempt{Username: "ada", Address: "2001:db8:2:1::1"}, right); err != nil {
		t.Errorf("from another network: %v", err)
	}
}

// Somebody with a console who guesses names does not keep its other users out.
func TestNamesGuessedThroughAnApplicationKeepNobodyOut(t *testing.T) {
	t.Parallel()
	d := newDoor(t, throttle.Config{Failures: 5})
	through := func(username, password string) error {
		_, err := d.SignIn(t.Context(), throttle.Attempt{Username: username, Client: "console"}, d.verify(password))
		return err
	}
	for i := range 7200 { // more than the application's share holds
		if err := through(fmt.Sprint("nobody", i), wrong); !errors.Is(err, errors.InvalidCredentials) {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	accepted(t, "right password at the console", through("ada", right))
}
