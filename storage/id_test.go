package storage_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"gatehouse/storage"
)

func TestNewIDIsOfItsTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 15, 9, 26, 535_897_932, time.UTC)
	id, err := uuid.Parse(storage.NewID(at))
	if err != nil || id.Version() != 7 || id.Variant() != uuid.RFC4122 {
		t.Fatalf("NewID() = %s, version %s, %v", id, id.Version(), err)
	}
	if seconds, nanos := id.Time().UnixTime(); seconds != at.Unix() || nanos/1e6 != int64(at.Nanosecond())/1e6 {
		t.Errorf("NewID() is of %d.%09d, want %s", seconds, nanos, at)
	}
	if another := storage.NewID(at); another == id.String() {
		t.Error("two are the same")
	}
}

func TestIDsAscendWithTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	last := ""
	for range 5000 {
		if id := storage.NewID(at); id <= last {
			t.Fatalf("%s of %s follows %s", id, at, last)
		} else {
			last = id
		}
		at = at.Add(time.Microsecond)
	}
}

func TestFirstID(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 15, 9, 26, 535_000_000, time.UTC)
	first := storage.FirstID(at.Add(300 * time.Microsecond))
	if before, id := storage.NewID(at.Add(-time.Microsecond)), storage.NewID(at); before >= first || id < first {
		t.Errorf("FirstID() = %s, want it after %s and before %s", first, before, id)
	}
	for _, far := range []time.Time{{}, time.Unix(1<<60, 0)} {
		if got := storage.FirstID(far); len(got) != 36 {
			t.Errorf("FirstID(%s) = %q", far, got)
		}
	}
}
