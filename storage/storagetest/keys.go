package storagetest

import (
	"testing"
	"time"

	"gatehouse/storage"
)

func testKeys(t *testing.T, open func(t *testing.T) Store) {
	for name, test := range map[string]func(t *testing.T, s Store){
		"keys are replaced as a whole":      testReplaceKeys,
		"one of many nodes makes the first": testReplaceKeysRace,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func newKey(id string, at time.Time) storage.Key {
	return storage.Key{
		ID: id, Algorithm: "ES256", Sealed: []byte("sealed " + id), CreatedAt: kept(at), ActiveFrom: kept(at.Add(time.Hour)),
	}
}

func testReplaceKeys(t *testing.T, s Store) {
	replace := func(seen []string, create, change []storage.Key) bool {
		t.Helper()
		ok, err := s.ReplaceKeys(t.Context(), seen, create, change)
		noError(t, err)
		return ok
	}
	check := func(want ...storage.Key) {
		t.Helper()
		got, err := s.Keys(t.Context())
		noError(t, err)
		same(t, "Keys()", append([]storage.Key{}, got...), append([]storage.Key{}, want...))
	}
	check()
	older, newer := newKey("b", now), newKey("a", now.Add(time.Minute))
	if !replace(nil, []storage.Key{newer, older}, nil) {
		t.Fatal("ReplaceKeys() of none = false")
	}
	check(older, newer)

	third := newKey("c", now.Add(time.Hour))
	retired := older
	retired.Sealed, retired.ActiveFrom = []byte("sealed again"), kept(now.Add(time.Second))
	retired.RetiredAt, retired.ExpiresAt = kept(now.Add(2*time.Hour)), kept(now.Add(3*time.Hour))
	for name, seen := range map[string][]string{
		"none": nil, "too few": {"a"}, "too many": {"a", "b", "c"}, "another": {"a", "x"}, "one twice": {"a", "a"},
	} {
		if replace(seen, []storage.Key{third}, []storage.Key{retired}) {
			t.Errorf("ReplaceKeys() having seen %s = true", name)
		}
	}
	check(older, newer)
	if !replace([]string{"b", "a"}, []storage.Key{third}, []storage.Key{retired}) {
		t.Fatal("ReplaceKeys() = false")
	}
	check(retired, newer, third)
}

func testReplaceKeysRace(t *testing.T, s Store) {
	won := race(t, func(i int) (bool, error) {
		return s.ReplaceKeys(t.Context(), nil, []storage.Key{newKey(newID(), now)}, nil)
	})
	if won != 1 {
		t.Errorf("%d of %d nodes made the first key, want 1", won, racers)
	}
	keys, err := s.Keys(t.Context())
	noError(t, err)
	if len(keys) != 1 {
		t.Errorf("%d keys, want 1", len(keys))
	}
}
