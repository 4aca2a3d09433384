package quota_test

import (
	"fmt"
	"slices"
	"strings"
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

// pair are the keys of a guess at an account from an address, as the throttle has them.
func pair(name, address string) []string {
	keys := []string{"account:" + name}
	for _, g := range quota.Stranger(address)[1:] {
		keys = append(keys, "pair:"+name+"|"+g.Name)
	}
	return keys
}

// TestNoNetworkForgetsItsFailures: who guesses from one network of a site cannot have
// that forgotten from the others, nor anybody else's failures, by any number of attempts.
func TestNoNetworkForgetsItsFailures(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		guess string
		flood func(i int) string
	}{
		"/64s of the /56": {"2001:db8:1:100::1", func(i int) string { return fmt.Sprintf("2001:db8:1:1%02x::1", 1+i%255) }},
		"/64s of the /48": {"2001:db8:1:1::1", func(i int) string { return fmt.Sprintf("2001:db8:1:%x::1", 2+i) }},
		"IPv4, the /16":   {"198.51.100.7", func(i int) string { return fmt.Sprintf("198.51.%d.%d", i/256%100, i%256) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := quota.NewFailures(time.Hour, servertest.NewClock().Now)
			if _, _, err := f.Hold(pair("victim", tt.guess), quota.Stranger(tt.guess)); err != nil {
				t.Fatal(err)
			}
			refused := 0
			for i := range 6000 {
				address := tt.flood(i)
				held, giveWay, err := f.Hold(pair(fmt.Sprint(i), address), quota.Stranger(address))
				if len(giveWay) > 0 {
					t.Fatalf("attempt %d: %q are forgotten", i, giveWay)
				}
				if err != nil {
					if refused++; len(held) > 0 {
						t.Fatalf("refused attempt %d holds %q", i, held)
					}
				}
			}
			if refused == 0 {
				t.Error("none was refused")
			}
			held, _, err := f.Hold(pair("victim", tt.guess), quota.Stranger(tt.guess))
			if err != nil || len(held) != 0 {
				t.Errorf("another guess at the victim: %v, new rows %q", err, held)
			}
			if _, _, err := f.Hold(pair("somebody", "203.0.113.9"), quota.Stranger("203.0.113.9")); err != nil {
				t.Errorf("somebody elsewhere: %v", err)
			}
		})
	}
}

// TestAFullHalf: when strangers of everywhere hold all that they may, the largest network
// gives way to a smaller one and is refused itself, which pushes out nobody.
func TestAFullHalf(t *testing.T) {
	t.Parallel()
	f := quota.NewFailures(time.Hour, servertest.NewClock().Now)
	site := func(i int) string { return fmt.Sprintf("2001:db8:%x:%x::1", i%200, i/200) }
	hold := func(name, address string) (giveWay []string, err error) {
		_, giveWay, err = f.Hold(pair(name, address), quota.Stranger(address))
		return giveWay, err
	}
	i, full := 0, false
	for ; !full; i++ {
		giveWay, err := hold(fmt.Sprint(i), site(i))
		full = len(giveWay) > 0 || err != nil
	}
	for range 200 { // each is as large as the largest, or one attempt smaller
		_, _ = hold(fmt.Sprint("even", i), site(i))
		i++
	}
	for range 50 {
		i++
		if giveWay, err := hold(fmt.Sprint("more", i), site(i)); err == nil || len(giveWay) > 0 {
			t.Fatalf("one of the largest: %v, %q give way", err, giveWay)
		}
	}
	giveWay, err := hold("victim", "203.0.113.9")
	if err != nil || len(giveWay) == 0 || slices.ContainsFunc(giveWay, func(key string) bool { return strings.Contains(key, "victim") }) {
		t.Errorf("a smaller one: %v, %q give way", err, giveWay)
	}
}

// TestARowStaysItsFirstGivers: whoever comes second neither takes a row over nor loses it
// by a refusal.
func TestARowStaysItsFirstGivers(t *testing.T) {
	t.Parallel()
	clock := servertest.NewClock()
	f := quota.NewFailures(time.Hour, clock.Now)
	const first, second = "203.0.113.9", "2001:db8:1:1::1"
	hold := func(address string, keys ...string) (held []string, err error) {
		held, _, err = f.Hold(keys, quota.Stranger(address))
		return held, err
	}
	if _, err := hold(first, "account:victim"); err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ { // all that the second may have
		if _, err := hold(second, fmt.Sprint(i)); err != nil {
			break
		}
	}
	if held, err := hold(second, "account:victim"); err != nil || len(held) != 0 {
		t.Errorf("after a refusal: %v, new rows %q", err, held)
	}
	clock.Advance(time.Hour - time.Second)
	if _, err := hold(first, "account:victim"); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	if held, err := hold(first, "account:victim"); err != nil || len(held) != 0 {
		t.Errorf("a row that was written an hour less a minute ago: %v, new rows %q", err, held)
	}
}

// TestApplicationsAreNotRefused: one of an application's users cannot fill what all of
// them share.
func TestApplicationsAreNotRefused(t *testing.T) {
	t.Parallel()
	f := quota.NewFailures(time.Hour, servertest.NewClock().Now)
	if _, _, err := f.Hold([]string{"device:ada"}, quota.User("ada")); err != nil {
		t.Fatal(err)
	}
	forgotten := 0
	for i := range 20_000 {
		_, giveWay, err := f.Hold([]string{fmt.Sprint("account:", i), fmt.Sprint("pair:", i)}, quota.Application("console"))
		if err != nil {
			t.Fatalf("attempt %d: %v", i, err)
		}
		for _, key := range giveWay {
			if forgotten++; key == "device:ada" {
				t.Fatal("a device's failures are forgotten")
			}
		}
	}
	if want := 40_000 - (8<<20)/(80+quota.RowBytes); forgotten != want {
		t.Errorf("%d rows gave way, want %d", forgotten, want)
	}
}
