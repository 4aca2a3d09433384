package storagetest

import (
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/storage"
)

func testSignIns(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"the user who signs in":            testSignInUser,
		"nobody has the name":              testSignInNobody,
		"failures add up until the freeze": testRecordFailures,
		"old failures are forgotten":       testRecordFailuresWindow,
		"several keys fail at once":        testRecordFailuresMany,
		"no failure of many is lost":       testRecordFailuresRace,
		"failures are cleared":             testClearFailures,
		"a key may be anything":            testFailuresStrange,
		"failures before an unlock":        testFailuresUnlocked,
		"a freeze is told of the user":     testFailuresFreezeUser,
	})
}

// failuresOf reads the failures under one key.
func failuresOf(t *testing.T, s Store, key string) storage.Failures {
	t.Helper()
	got, err := s.SignIn(t.Context(), storage.SignInQuery{Keys: []string{key}})
	noError(t, err)
	return got.Failures[key]
}

// failure is the third of three in an hour that freezes for 15 minutes.
func failure(key string, at time.Time) storage.Failure {
	return storage.Failure{Key: key, At: at, Limit: 3, Freeze: 15 * time.Minute, Window: time.Hour}
}

func testSignInUser(t *testing.T, s Store) {
	user := newUser()
	noError(t, s.CreateUser(t.Context(), user))
	keys := []string{newID(), newID(), newID()}
	noError(t, s.RecordFailures(t.Context(), []storage.Failure{failure(keys[0], now), failure(keys[1], now)}))
	got, err := s.SignIn(t.Context(), storage.SignInQuery{Username: upper(user.Username), Keys: keys})
	noError(t, err)
	one := storage.Failures{Count: 1, LastAt: kept(now)}
	same(t, "SignIn()", got, storage.SignIn{User: &user, Failures: map[string]storage.Failures{keys[0]: one, keys[1]: one}})
}

func testSignInNobody(t *testing.T, s Store) {
	key := newID()
	noError(t, s.RecordFailures(t.Context(), []storage.Failure{failure(key, now)}))
	names := map[string]string{"unknown": newID(), "empty": ""}
	for name, text := range strange {
		names[name] = text
	}
	for name, username := range names {
		got, err := s.SignIn(t.Context(), storage.SignInQuery{Username: username, Keys: []string{key}})
		noError(t, err)
		if got.User != nil || got.Failures[key].Count != 1 {
			t.Errorf("SignIn() of %s = %+v, want no user and one failure", name, got)
		}
	}
	got, err := s.SignIn(t.Context(), storage.SignInQuery{Username: newID()})
	noError(t, err)
	if got.User != nil || len(got.Failures) > 0 {
		t.Errorf("SignIn() without keys = %+v", got)
	}
}

func testRecordFailures(t *testing.T, s Store) {
	key := newID()
	for i := range 4 {
		at := now.Add(time.Duration(i) * time.Minute)
		noError(t, s.RecordFailures(t.Context(), []storage.Failure{failure(key, at)}))
		want := storage.Failures{Count: i + 1, LastAt: kept(at)}
		if want.Count >= 3 {
			want.FrozenUntil = kept(at.Add(15 * time.Minute))
		}
		same(t, "failures", failuresOf(t, s, key), want)
	}
}

func testRecordFailuresWindow(t *testing.T, s Store) {
	key := newID()
	for i, tt := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {59 * time.Minute, 2}, {2*time.Hour - time.Second, 1}, {2*time.Hour + time.Minute, 2}} {
		noError(t, s.RecordFailures(t.Context(), []storage.Failure{failure(key, now.Add(tt.after))}))
		if got := failuresOf(t, s, key); got.Count != tt.want || !got.FrozenUntil.IsZero() {
			t.Errorf("failure %d: %+v, want count %d", i, got, tt.want)
		}
	}
}

func testRecordFailuresMany(t *testing.T, s Store) {
	account, address := newID(), newID()
	strict := failure(account, now)
	strict.Limit = 1
	noError(t, s.RecordFailures(t.Context(), nil))
	noError(t, s.RecordFailures(t.Context(), []storage.Failure{failure(address, now), strict}))
	if got := failuresOf(t, s, address); got.Count != 1 || !got.FrozenUntil.IsZero() {
		t.Errorf("address: %+v, want one failure and no freeze", got)
	}
	if got := failuresOf(t, s, account); got.Count != 1 || !got.FrozenUntil.Equal(kept(now.Add(15*time.Minute))) {
		t.Errorf("account: %+v, want one failure and a freeze", got)
	}
}

func testRecordFailuresRace(t *testing.T, s Store) {
	a, b := newID(), newID()
	race(t, func(i int) (bool, error) {
		failures := []storage.Failure{failure(a, now), failure(b, now)}
		if i%2 == 0 {
			failures[0], failures[1] = failures[1], failures[0]
		}
		return true, s.RecordFailures(t.Context(), failures)
	})
	for _, key := range []string{a, b} {
		if got := failuresOf(t, s, key); got.Count != racers || got.FrozenUntil.IsZero() {
			t.Errorf("%+v, want %d failures and a freeze", got, racers)
		}
	}
}

func testClearFailures(t *testing.T, s Store) {
	cleared, other := newID(), newID()
	noError(t, s.RecordFailures(t.Context(), []storage.Failure{failure(cleared, now), failure(other, now)}))
	noError(t, s.ClearFailures(t.Context(), nil))
	noError(t, s.ClearFailures(t.Context(), []string{cleared, newID()}))
	if got := failuresOf(t, s, cleared); got.Count != 0 {
		t.Errorf("cleared: %+v", got)
	}
	if got := failuresOf(t, s, other); got.Count != 1 {
		t.Errorf("other: %+v, want one failure", got)
	}
}

func testFailuresStrange(t *testing.T, s Store) {
	for name, text := range strange {
		key := newID() + text
		noError(t, s.RecordFailures(t.Context(), []storage.Failure{failure(key, now)}))
		if got := failuresOf(t, s, key); got.Count != 1 {
			t.Errorf("%s: %+v, want one failure", name, got)
		}
		noError(t, s.ClearFailures(t.Context(), []string{key}))
		if got := failuresOf(t, s, key); got.Count != 0 {
			t.Errorf("%s, cleared: %+v", name, got)
		}
	}
}

func testFailuresUnlocked(t *testing.T, s Store) {
	key := newID()
	for i, tt := range []struct {
		since time.Duration
		want  int
	}{{-time.Hour, 1}, {-time.Hour, 2}, {time.Minute, 1}, {time.Minute, 2}} {
		f := failure(key, now.Add(time.Duration(i)*time.Minute))
		f.Since = now.Add(tt.since)
		noError(t, s.RecordFailures(t.Context(), []storage.Failure{f}))
		if got := failuresOf(t, s, key); got.Count != tt.want {
			t.Errorf("failure %d: %+v, want count %d", i, got, tt.want)
		}
	}
}

func testFailuresFreezeUser(t *testing.T, s Store) {
	user, other := newUser(), newUser()
	noError(t, s.CreateUsers(t.Context(), []identity.User{user, other}))
	pair, device, address := newID(), newID(), newID()
	fail := func(at time.Time, keys ...string) {
		t.Helper()
		strict := failure(address, at)
		strict.Limit = 1
		failures := []storage.Failure{strict}
		for _, key := range keys {
			f := failure(key, at)
			f.UserID = user.ID
			failures = append(failures, f)
		}
		noError(t, s.RecordFailures(t.Context(), failures))
	}
	want := func(what string, until time.Time) {
		t.Helper()
		got, err := s.User(t.Context(), user.ID)
		noError(t, err)
		same(t, "FrozenUntil "+what, got.FrozenUntil, kept(until))
		same(t, "Version", got.Version, user.Version)
	}
	fail(now, pair)
	fail(now, pair, device)
	want("while it is the address that is frozen", time.Time{})
	fail(now.Add(time.Minute), pair)
	want("of the pair", now.Add(16*time.Minute))
	fail(now, device)
	fail(now, device)
	want("of the device, which thaws before", now.Add(16*time.Minute))
	noError(t, s.UnlockUser(t.Context(), user.ID, now.Add(2*time.Minute)))
	want("after the unlock", time.Time{})
	fail(now.Add(time.Minute), pair)
	want("of an attempt that began before the unlock", time.Time{})
	got, err := s.User(t.Context(), user.ID)
	noError(t, err)
	same(t, "UnlockedAt", got.UnlockedAt, kept(now.Add(2*time.Minute)))
	got, err = s.User(t.Context(), other.ID)
	noError(t, err)
	same(t, "another user", got, other)
}
