package throttle_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server/device"
	"gatehouse/server/throttle"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

const (
	right = "m4ngrove-Tide"
	wrong = "guess"

	home    = "192.0.2.1"
	abroad  = "198.51.100.7"
	further = "203.0.113.9"
)

// door is a guard before the users ada and, who is disabled, bob.
type door struct {
	*throttle.Guard
	db    *sqlstore.Store
	calls *calls

	mu      sync.Mutex
	now     time.Time
	slept   []time.Duration
	devices map[string][]device.Device // by address

	verified atomic.Int32 // passwords looked at
}

// calls counts the statements that reach the database.
type calls struct {
	storage.SignIns
	reads, writes atomic.Int32
}

func (c *calls) SignIn(ctx context.Context, q storage.SignInQuery) (storage.SignIn, error) {
	c.reads.Add(1)
	return c.SignIns.SignIn(ctx, q)
}

func (c *calls) RecordFailures(ctx context.Context, failures []storage.Failure) error {
	c.writes.Add(1)
	return c.SignIns.RecordFailures(ctx, failures)
}

func (c *calls) ClearFailures(ctx context.Context, keys []string) error {
	c.writes.Add(1)
	return c.SignIns.ClearFailures(ctx, keys)
}

func newDoor(t testing.TB, config throttle.Config) *door {
	t.Helper()
	db := storagetest.Open(t, storagetest.SQLite(t))
	d := &door{
		db: db, calls: &calls{SignIns: db}, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), devices: make(map[string][]device.Device),
	}
	for _, user := range []identity.User{
		{ID: "ada-id", Username: "ada", Email: "ada@example.com", PasswordHash: right},
		{ID: "bob-id", Username: "bob", Email: "bob@example.com", PasswordHash: right, Disabled: true},
	} {
		user.CreatedAt, user.UpdatedAt = d.now, d.now
		if err := db.CreateUser(t.Context(), user); err != nil {
			t.Fatal(err)
		}
	}
	d.Guard = throttle.New(throttle.Deps{Store: d.calls, Now: d.Now, Sleep: d.Sleep}, config)
	return d
}

func (d *door) Now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *door) advance(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

// Sleep takes no time, but is remembered.
func (d *door) Sleep(_ context.Context, by time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.slept = append(d.slept, by)
	return nil
}

// verify compares with a password that is stored as it is.
func (d *door) verify(password string) throttle.Verify {
	return func(_ context.Context, user *identity.User) (bool, error) {
		d.verified.Add(1)
		return user != nil && user.PasswordHash == password, nil
	}
}

// try signs in from an address, showing the token of whom the device there knows.
func (d *door) try(t testing.TB, username, address, password string) (throttle.Result, error) {
	t.Helper()
	d.mu.Lock()
	devices := d.devices[address]
	d.mu.Unlock()
	attempt := throttle.Attempt{Username: username, Address: address, Devices: devices}
	return d.SignIn(t.Context(), attempt, d.verify(password))
}

// know has what is at an address be a device that ada is known to sign in from.
func (d *door) know(t testing.TB, address string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.devices[address] = []device.Device{{ID: "device at " + address, UserID: "ada-id", Credentials: 1}}
}

// unlock is what an administrator does for ada.
func (d *door) unlock(t testing.TB) {
	t.Helper()
	if err := d.db.UnlockUser(t.Context(), "ada-id", d.Now()); err != nil {
		t.Fatal(err)
	}
}

// frozenUntil is what administrators see of ada.
func (d *door) frozenUntil(t testing.TB) time.Time {
	t.Helper()
	user, err := d.db.User(t.Context(), "ada-id")
	if err != nil {
		t.Fatal(err)
	}
	return user.FrozenAt(d.Now())
}
