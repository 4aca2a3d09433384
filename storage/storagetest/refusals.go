package storagetest

import (
	"testing"
	"time"

	"gatehouse/storage"
)

func testRefusals(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"what is added is read back, newest first": testAddRefusals,
		"no more than twenty are returned":         testRefusalsMany,
		"an unknown request id has none":           testRefusalsNone,
		"those that are deleted are gone":          testDeleteRefusals,
	})
}

func newRefusal(requestID string, at time.Time) storage.Refusal {
	return storage.Refusal{
		ID: storage.NewID(at), RequestID: requestID, At: kept(at),
		Record: []byte(`{"code":"AUT-1002"}`), ExpiresAt: kept(at.Add(24 * time.Hour)),
	}
}

func testAddRefusals(t *testing.T, s Store) {
	id := newID()
	older, newer := newRefusal(id, now), newRefusal(id, now.Add(time.Second))
	noError(t, s.AddRefusals(t.Context(), []storage.Refusal{older, newRefusal(newID(), now), newer}))
	noError(t, s.AddRefusals(t.Context(), nil))
	got, err := s.Refusals(t.Context(), id)
	noError(t, err)
	same(t, "Refusals()", got, []storage.Refusal{newer, older})
}

func testRefusalsMany(t *testing.T, s Store) {
	id := newID()
	var all []storage.Refusal
	for i := range 25 {
		all = append([]storage.Refusal{newRefusal(id, now.Add(time.Duration(i)*time.Second))}, all...)
	}
	noError(t, s.AddRefusals(t.Context(), all))
	got, err := s.Refusals(t.Context(), id)
	noError(t, err)
	same(t, "Refusals()", got, all[:20])
}

func testRefusalsNone(t *testing.T, s Store) {
	for _, id := range append([]string{newID(), ""}, strange["not UTF-8"], strange["NUL"], strange["long"]) {
		if got, err := s.Refusals(t.Context(), id); err != nil || len(got) != 0 {
			t.Errorf("Refusals(%.20q) = %v, %v", id, got, err)
		}
	}
}

func testDeleteRefusals(t *testing.T, s Store) {
	id := newID()
	first, second, other := newRefusal(id, now), newRefusal(id, now.Add(time.Second)), newRefusal(newID(), now)
	noError(t, s.AddRefusals(t.Context(), []storage.Refusal{first, second, other}))
	noError(t, s.DeleteRefusals(t.Context(), nil))
	noError(t, s.DeleteRefusals(t.Context(), []storage.Refusal{first, {ID: second.ID, RequestID: other.RequestID}, newRefusal(newID(), now)}))
	for request, want := range map[string][]storage.Refusal{id: {second}, other.RequestID: {other}} {
		got, err := s.Refusals(t.Context(), request)
		noError(t, err)
		same(t, "Refusals()", got, want)
	}
}
