package storagetest

import (
	"strconv"
	"testing"
	"time"
)

func testLease(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"a lease has one holder until it ends": testLeaseHolder,
		"one of many gets a lease":             testLeaseRace,
	})
}

func testLeaseHolder(t *testing.T, s Store) {
	name := newID()
	for i, step := range []struct {
		holder string
		at     time.Duration
		want   bool
	}{
		{"a", 0, true},
		{"b", 0, false},
		{"a", 30 * time.Second, true}, // renewed until 1:30
		{"b", 89 * time.Second, false},
		{"b", 90 * time.Second, true},
		{"a", 91 * time.Second, false},
	} {
		at := now.Add(step.at)
		got, err := s.Lease(t.Context(), name, step.holder, at, at.Add(time.Minute))
		noError(t, err)
		if got != step.want {
			t.Errorf("step %d: Lease() to %s = %v, want %v", i, step.holder, got, step.want)
		}
	}
	if ok, err := s.Lease(t.Context(), newID(), "b", now, now.Add(time.Minute)); !ok || err != nil {
		t.Errorf("another lease: %v, %v, want true", ok, err)
	}
}

func testLeaseRace(t *testing.T, s Store) {
	for _, at := range []time.Time{now, now.Add(time.Hour)} { // free, then run out
		won := race(t, func(i int) (bool, error) {
			return s.Lease(t.Context(), "race", at.String()+strconv.Itoa(i), at, at.Add(time.Minute))
		})
		if won != 1 {
			t.Errorf("%d of %d got the lease, want 1", won, racers)
		}
	}
}
