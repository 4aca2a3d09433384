package storagetest

import (
	"slices"
	"testing"
	"time"

	"gatehouse/storage"
)

func testEndSessions(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"a session ends once":             testEndSession,
		"one of many ends a session":      testEndSessionRace,
		"all sessions of a user end":      testEndUserSessions,
		"all but one end":                 testEndUserSessionsExcept,
		"an end and a refresh do not mix": testEndSessionRotateRace,
	})
}

// linesAbout returns the changes that name one of the keys.
func linesAbout(t *testing.T, s Store, keys ...string) []storage.Change {
	t.Helper()
	all, err := s.Changes(t.Context(), 0, 1_000_000)
	noError(t, err)
	return slices.DeleteFunc(all, func(c storage.Change) bool { return !slices.Contains(keys, c.Key) })
}

// endedAt returns when a session ended.
func endedAt(t *testing.T, s Store, id string) time.Time {
	t.Helper()
	session, err := s.Session(t.Context(), id)
	noError(t, err)
	return session.EndedAt
}

func testEndSession(t *testing.T, s Store) {
	session := newSession(newID())
	noError(t, s.CreateSession(t.Context(), session))
	until := now.Add(time.Hour)
	if ok, err := s.EndSession(t.Context(), session.ID, now, until); !ok || err != nil {
		t.Fatalf("EndSession() = %v, %v, want true", ok, err)
	}
	if ok, err := s.EndSession(t.Context(), session.ID, now.Add(time.Minute), until); ok || err != nil {
		t.Errorf("EndSession() again = %v, %v, want false", ok, err)
	}
	same(t, "EndedAt", endedAt(t, s, session.ID), kept(now))
	lines := linesAbout(t, s, session.ID)
	if len(lines) != 1 || lines[0].Kind != storage.SessionEnded || !lines[0].Until.Equal(kept(until)) {
		t.Errorf("changes = %v, want one end until %v", lines, kept(until))
	}
}

func testEndSessionRace(t *testing.T, s Store) {
	session := newSession(newID())
	noError(t, s.CreateSession(t.Context(), session))
	won := race(t, func(int) (bool, error) { return s.EndSession(t.Context(), session.ID, now, now) })
	if won != 1 {
		t.Errorf("%d of %d ended the session, want 1", won, racers)
	}
	if lines := linesAbout(t, s, session.ID); len(lines) != 1 {
		t.Errorf("%d changes, want 1", len(lines))
	}
}

// Whichever comes first, a session that has ended is not refreshed afterwards.
func testEndSessionRotateRace(t *testing.T, s Store) {
	session := newSession(newID())
	noError(t, s.CreateSession(t.Context(), session))
	race(t, func(i int) (bool, error) {
		if i%2 == 0 {
			return s.EndSession(t.Context(), session.ID, now, now)
		}
		return s.RotateRefresh(t.Context(), storage.Rotation{
			SessionID: session.ID, Spent: session.Refresh.Hash, Next: []byte{byte(i)}, At: now, ExpiresAt: now,
		})
	})
	got, err := s.Session(t.Context(), session.ID)
	noError(t, err)
	if got.EndedAt.IsZero() || got.Refresh.Generation > 1 {
		t.Errorf("ended %v, generation %d; want it ended and at most 1", got.EndedAt, got.Refresh.Generation)
	}
	ok, err := s.RotateRefresh(t.Context(), storage.Rotation{SessionID: session.ID, Spent: got.Refresh.Hash, At: now, ExpiresAt: now})
	if ok || err != nil {
		t.Errorf("RotateRefresh() after the end = %v, %v, want false", ok, err)
	}
}

func testEndUserSessions(t *testing.T, s Store) {
	userID := newID()
	mine := []storage.Session{newSession(userID), newSession(userID)}
	other := newSession(newID())
	before := newSession(userID)
	before.EndedAt = kept(now.Add(-time.Hour))
	for _, session := range append(mine, other, before) {
		noError(t, s.CreateSession(t.Context(), session))
	}
	noError(t, s.EndUserSessions(t.Context(), userID, "", now, now.Add(time.Hour)))
	for _, session := range mine {
		same(t, "EndedAt", endedAt(t, s, session.ID), kept(now))
	}
	same(t, "EndedAt of one that had ended", endedAt(t, s, before.ID), before.EndedAt)
	same(t, "EndedAt of another user", endedAt(t, s, other.ID), time.Time{})
	if lines := linesAbout(t, s, mine[0].ID, mine[1].ID, before.ID, other.ID); len(lines) != 2 {
		t.Errorf("changes = %v, want one for each of two sessions", lines)
	}
}

func testEndUserSessionsExcept(t *testing.T, s Store) {
	userID := newID()
	current, other := newSession(userID), newSession(userID)
	noError(t, s.CreateSession(t.Context(), current))
	noError(t, s.CreateSession(t.Context(), other))
	noError(t, s.EndUserSessions(t.Context(), userID, current.ID, now, now))
	same(t, "EndedAt of the one kept", endedAt(t, s, current.ID), time.Time{})
	same(t, "EndedAt of the other", endedAt(t, s, other.ID), kept(now))
}
