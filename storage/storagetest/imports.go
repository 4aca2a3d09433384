package storagetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

func testImports(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"how far it has come":    testImport,
		"one of many goes on":    testImportRace,
		"saved with the changes": testImportInTx,
		"forgotten in the end":   testImportEnds,
	})
}

func newImport(lines int) storage.Import {
	return storage.Import{
		ID: newID(), Lines: lines, Created: 1, Updated: 2, Unchanged: 3, Refused: 4, ReportBytes: 5, ExpiresAt: now.Add(time.Hour),
	}
}

// saved saves an import that must have come as far as lines.
func saved(t *testing.T, s Store, i storage.Import, lines int) {
	t.Helper()
	ok, err := s.SaveImport(t.Context(), i, lines)
	noError(t, err)
	if !ok {
		t.Errorf("SaveImport() from %d lines = false", lines)
	}
}

func testImport(t *testing.T, s Store) {
	i := newImport(10)
	none, err := s.Import(t.Context(), i.ID)
	noError(t, err)
	same(t, "before it begins", none, storage.Import{})
	saved(t, s, i, 0)
	i.Lines, i.Created, i.ReportBytes = 20, 11, 1<<40
	saved(t, s, i, 10)
	for _, lines := range []int{0, 10, 30} {
		if ok, err := s.SaveImport(t.Context(), i, lines); err != nil || ok {
			t.Errorf("SaveImport() from %d lines = %v, %v", lines, ok, err)
		}
	}
	i.ExpiresAt = kept(i.ExpiresAt)
	got, err := s.Import(t.Context(), i.ID)
	noError(t, err)
	same(t, "import", got, i)
	noError(t, s.DeleteImport(t.Context(), i.ID))
	got, err = s.Import(t.Context(), i.ID)
	noError(t, err)
	same(t, "once done", got, storage.Import{})
	for _, id := range strange {
		_, err := s.Import(t.Context(), id)
		noError(t, err)
	}
}

func testImportRace(t *testing.T, s Store) {
	i := newImport(10)
	for _, lines := range []int{0, 10} {
		i.Lines = lines + 10
		if won := race(t, func(int) (bool, error) { return s.SaveImport(t.Context(), i, lines) }); won != 1 {
			t.Errorf("%d saved from %d lines", won, lines)
		}
	}
}

func testImportInTx(t *testing.T, s Store) {
	i, failed := newImport(10), errors.New("failed")
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		_, err := s.SaveImport(ctx, i, 0)
		noError(t, err)
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("InTx() = %v", err)
	}
	got, err := s.Import(t.Context(), i.ID)
	noError(t, err)
	same(t, "what was rolled back", got, storage.Import{})
}

func testImportEnds(t *testing.T, s Store) {
	i := newImport(10)
	i.ExpiresAt = now.Add(-time.Second)
	saved(t, s, i, 0)
	sweep(t, s, now, 100)
	got, err := s.Import(t.Context(), i.ID)
	noError(t, err)
	same(t, "one that expired", got, storage.Import{})
}
