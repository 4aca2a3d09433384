package quota_test

import (
	"fmt"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/server/quota"
	"gatehouse/server/servertest"
)

// TestFailures: who guesses cannot have failures forgotten by more of them, and pushes
// out neither a neighbour nor a device that its user knows.
func TestFailures(t *testing.T) {
	t.Parallel()
	clock := servertest.NewClock()
	f := quota.NewFailures(time.Hour, clock.Now)
	attempt := func(name, address string) error {
		_, giveWay, err := f.Hold([]string{"account:" + name, "address:" + address}, quota.Stranger(address))
		if len(giveWay) > 0 {
			t.Errorf("%q have to be cleared", giveWay)
		}
		return err
	}
	if err := attempt("neighbour", "2001:db8:1:ffff::1"); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i := range 2000 {
		if err := attempt(fmt.Sprint(i), "2001:db8:1:1::1"); err != nil {
			refused++
			if !errors.Is(err, errors.TooManyRequests) {
				t.Fatal(err)
			}
		}
	}
	if refused < 1000 || refused > 1900 {
		t.Errorf("%d of 2000 refused", refused)
	}
	for name, again := range map[string]string{"0": "2001:db8:1:1::1", "neighbour": "2001:db8:1:ffff::1", "another": "2001:db8:1:ffff::1"} {
		if err := attempt(name, again); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := f.Hold([]string{"device:ada"}, quota.User("ada")); err != nil {
		t.Errorf("a known device: %v", err)
	}
	clock.Advance(time.Hour)
	if err := attempt("1999", "2001:db8:1:1::1"); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

func TestReleasedFailures(t *testing.T) {
	t.Parallel()
	f := quota.NewFailures(time.Hour, servertest.NewClock().Now)
	givers := quota.Stranger("2001:db8::1")
	if held, _, err := f.Hold([]string{"address:a"}, givers); err != nil || len(held) != 1 {
		t.Fatalf("%q, %v", held, err)
	}
	for i := range 2000 { // right passwords leave no row
		held, _, err := f.Hold([]string{fmt.Sprint("account:", i), "address:a"}, givers)
		if err != nil || len(held) != 1 {
			t.Fatalf("attempt %d: %q, %v", i, held, err)
		}
		f.Release(held)
	}
}
