package storagetest

import (
	"testing"
	"time"

	"gatehouse/storage"
)

func testInteractions(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"what is created is read back, until it expires": testInteraction,
		"what is saved has another version":              testSaveInteraction,
		"one of many saves a version":                    testSaveInteractionRace,
		"what is deleted is gone":                        testDeleteInteraction,
	})
}

func newInteraction() storage.Interaction {
	return storage.Interaction{
		Hash: []byte(newID()), Browser: []byte{0, 255}, Payload: []byte{1, 0}, Version: 1, ExpiresAt: kept(now.Add(time.Minute)),
	}
}

// begun is an interaction before anything was stored of it.
func begun(i storage.Interaction) storage.Interaction {
	i.Version = 0
	return i
}

func insert(t *testing.T, s Store, i storage.Interaction) {
	t.Helper()
	if ok, err := s.SaveInteraction(t.Context(), begun(i)); !ok || err != nil {
		t.Fatalf("SaveInteraction() of version 0 = %v, %v, want true", ok, err)
	}
}

func testInteraction(t *testing.T, s Store) {
	i := newInteraction()
	insert(t, s, i)
	if ok, err := s.SaveInteraction(t.Context(), begun(i)); ok || err != nil {
		t.Errorf("SaveInteraction() of version 0 again = %v, %v, want false", ok, err)
	}
	got, ok, err := s.Interaction(t.Context(), i.Hash, i.ExpiresAt.Add(-time.Microsecond))
	noError(t, err)
	if !ok {
		t.Fatal("Interaction() = false")
	}
	same(t, "Interaction()", got, i)
	for name, ask := range map[string]storage.Interaction{
		"at its end":   i,
		"of no hash":   {},
		"of any other": {Hash: []byte(newID()), ExpiresAt: now},
	} {
		if _, ok, err := s.Interaction(t.Context(), ask.Hash, ask.ExpiresAt); ok || err != nil {
			t.Errorf("Interaction() %s = %v, %v, want false", name, ok, err)
		}
	}
}

func testSaveInteraction(t *testing.T, s Store) {
	i := newInteraction()
	insert(t, s, i)
	saved := i
	saved.Browser, saved.Payload, saved.ExpiresAt = []byte("another"), nil, now // which stays
	for _, want := range []bool{true, false} {                                  // the second time the version is another
		if ok, err := s.SaveInteraction(t.Context(), saved); ok != want || err != nil {
			t.Errorf("SaveInteraction() = %v, %v, want %v", ok, err, want)
		}
	}
	got, _, err := s.Interaction(t.Context(), i.Hash, now)
	noError(t, err)
	saved.Version, saved.ExpiresAt = 2, i.ExpiresAt
	same(t, "Interaction()", got, saved)
	if ok, err := s.SaveInteraction(t.Context(), newInteraction()); ok || err != nil {
		t.Errorf("SaveInteraction() of none = %v, %v, want false", ok, err)
	}
}

func testSaveInteractionRace(t *testing.T, s Store) {
	i := newInteraction()
	insert(t, s, i)
	for name, saved := range map[string]storage.Interaction{"saved the version": i, "inserted it": begun(newInteraction())} {
		won := race(t, func(int) (bool, error) { return s.SaveInteraction(t.Context(), saved) })
		if won != 1 {
			t.Errorf("%d of %d %s, want 1", won, racers, name)
		}
	}
}

func testDeleteInteraction(t *testing.T, s Store) {
	i, other := newInteraction(), newInteraction()
	insert(t, s, i)
	insert(t, s, other)
	noError(t, s.DeleteInteraction(t.Context(), i.Hash, i.Version+1))
	if _, ok, err := s.Interaction(t.Context(), i.Hash, now); !ok || err != nil {
		t.Errorf("Interaction() of another version = %v, %v, want true", ok, err)
	}
	for range 2 {
		noError(t, s.DeleteInteraction(t.Context(), i.Hash, i.Version))
	}
	if _, ok, err := s.Interaction(t.Context(), i.Hash, now); ok || err != nil {
		t.Errorf("Interaction() = %v, %v, want false", ok, err)
	}
	if _, ok, err := s.Interaction(t.Context(), other.Hash, now); !ok || err != nil {
		t.Errorf("Interaction() of another = %v, %v, want true", ok, err)
	}
}
