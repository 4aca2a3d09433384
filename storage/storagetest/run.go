package storagetest

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"gatehouse/identity"
	"gatehouse/storage"
)

// Store is what a database has to be.
type Store interface {
	storage.Store
	identity.Store
	storage.Backups
}

// Run holds a database to what the packages storage and identity promise. open
// makes an empty, migrated one that lives as long as the test.
func Run(t *testing.T, open func(t *testing.T) Store) {
	for _, area := range []struct {
		name string
		test func(t *testing.T, open func(t *testing.T) Store)
	}{
		{"Sessions", testSessions},
		{"EndSessions", testEndSessions},
		{"Codes", testCodes},
		{"Redeem", testRedeem},
		{"Browsers", testBrowsers},
		{"LeaveBrowser", testLeaveBrowser},
		{"Interactions", testInteractions},
		{"Consents", testConsents},
		{"Deliveries", testDeliveries},
		{"Subjects", testSubjects},
		{"Keys", testKeys},
		{"Changes", testChanges},
		{"SignIns", testSignIns},
		{"Counters", testCounters},
		{"Audit", testAudit},
		{"Refusals", testRefusals},
		{"Imports", testImports},
		{"Backups", testBackups},
		{"Lease", testLease},
		{"DeleteExpired", testDeleteExpired},
		{"InTx", testInTx},
		{"Users", testUsers},
		{"Groups", testGroups},
		{"Applications", testApplications},
		{"Products", testProducts},
		{"Search", testSearch},
	} {
		t.Run(area.name, func(t *testing.T) {
			t.Parallel()
			area.test(t, open)
		})
	}
}

// racers is how many goroutines race for a thing that one may have.
const racers = 32

// now is when the tests take place: not in UTC and finer than a microsecond, to
// see that what is stored is not.
var now = time.Date(2026, 3, 14, 15, 9, 26, 535_897_932, time.FixedZone("", -3*60*60))

// kept is a time as it comes back.
func kept(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// newID returns an id that no other test uses; they ascend.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// strange are texts that PostgreSQL cannot store and indexes cannot hold.
var strange = map[string]string{
	"not UTF-8": "a\xff\xfeb",
	"NUL":       "a\x00b",
	"long":      string(make([]byte, 10_000)),
}

// parallel runs subtests at the same time on one store, and returns when all
// have ended.
func parallel(t *testing.T, s Store, tests map[string]func(t *testing.T, s Store)) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

// race calls f from many goroutines at once and says how many were told true.
func race(t *testing.T, f func(i int) (bool, error)) int {
	t.Helper()
	var ready, over sync.WaitGroup
	var lock sync.Mutex
	won := 0
	ready.Add(racers)
	for i := range racers {
		over.Go(func() {
			ready.Done()
			ready.Wait()
			ok, err := f(i)
			if err != nil {
				t.Errorf("goroutine %d: %v", i, err)
			}
			if ok {
				lock.Lock()
				won++
				lock.Unlock()
			}
		})
	}
	over.Wait()
	return won
}

// noError fails the test if there is an error.
func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// same compares what came with what should have, times by their zone too.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(sameTime)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func sameTime(a, b time.Time) bool { return a.Equal(b) && a.Location() == b.Location() }
