package storagetest

import (
	"testing"
	"time"
)

func testCounters(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"counts add up in a window": testAddCounts,
		"no count of many is lost":  testAddCountsRace,
		"thousands at once":         testAddCountsMany,
		"a key may be anything":     testAddCountsStrange,
	})
}

func testAddCounts(t *testing.T, s Store) {
	window, until := now, now.Add(time.Minute)
	a, b := newID(), newID()
	for _, step := range []struct {
		window    time.Time
		add, want map[string]int
	}{
		{window, map[string]int{a: 2, b: 1}, map[string]int{a: 2, b: 1}},
		{window, map[string]int{a: 3}, map[string]int{a: 5}},
		{window, map[string]int{a: 0, b: 0}, map[string]int{a: 5, b: 1}},
		{window.Add(time.Second), map[string]int{a: 1}, map[string]int{a: 1}},
		{window, nil, map[string]int{}},
	} {
		got, err := s.AddCounts(t.Context(), step.window, until, step.add)
		noError(t, err)
		same(t, "AddCounts()", got, step.want)
	}
}

func testAddCountsRace(t *testing.T, s Store) {
	a, b := newID(), newID()
	race(t, func(int) (bool, error) {
		_, err := s.AddCounts(t.Context(), now, now, map[string]int{a: 1, b: 2})
		return true, err
	})
	got, err := s.AddCounts(t.Context(), now, now, map[string]int{a: 0, b: 0})
	noError(t, err)
	same(t, "totals", got, map[string]int{a: racers, b: 2 * racers})
}

func testAddCountsMany(t *testing.T, s Store) {
	counts := make(map[string]int)
	for i := range 5000 {
		counts[newID()] = i
	}
	got, err := s.AddCounts(t.Context(), now, now, counts)
	noError(t, err)
	same(t, "AddCounts()", got, counts)
}

func testAddCountsStrange(t *testing.T, s Store) {
	counts := make(map[string]int)
	for _, text := range strange {
		counts[text] = 1
	}
	got, err := s.AddCounts(t.Context(), now, now, counts)
	noError(t, err)
	same(t, "AddCounts()", got, counts)
}
