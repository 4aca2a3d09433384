package storagetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

func testDeleteExpired(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	for name, test := range map[string]func(t *testing.T, s Store){
		"what is over goes, what is not stays": testDeleteExpiredWhat,
		"sessions stay a day after their end":  testDeleteExpiredSessions,
		"no call deletes more than its limit":  testDeleteExpiredLimit,
		"a round begins again after its end":   testDeleteExpiredAgain,
		"what ends later does not stop others": testDeleteExpiredFound,
		"what single sign-on leaves goes":      testDeleteExpiredSignOn,
	} {
		sweep(t, s, now.AddDate(9, 0, 0), 1000) // each begins with empty tables
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
}

// sweep deletes expired rows to the end of the round.
func sweep(t *testing.T, s Store, at time.Time, limit int) int {
	t.Helper()
	sum := 0
	for range 10_000 {
		n, done, err := s.DeleteExpired(t.Context(), at, limit)
		noError(t, err)
		if n > limit {
			t.Errorf("DeleteExpired() deleted %d, more than %d", n, limit)
		}
		sum += n
		if done {
			return sum
		}
	}
	t.Fatal("DeleteExpired() is never done")
	return 0
}

// codeKept is how long codes are kept after their end, and longOver long enough ago.
const codeKept = 10 * time.Minute

var longOver = now.Add(-codeKept)

func testDeleteExpiredWhat(t *testing.T, s Store) {
	ctx, over, later := t.Context(), now.Add(-time.Second), now.Add(time.Hour)
	dead, live := newCode(), newCode()
	dead.ExpiresAt, live.ExpiresAt = longOver, now.Add(time.Minute-codeKept)
	noError(t, s.CreateCode(ctx, dead))
	noError(t, s.CreateCode(ctx, live))
	noError(t, s.RevokeToken(ctx, "dead", over))
	noError(t, s.RevokeToken(ctx, "live", later))
	old, frozen := failure("old", over.Add(-time.Hour)), failure("frozen", over.Add(-time.Hour))
	frozen.Freeze = 2 * time.Hour
	noError(t, s.RecordFailures(ctx, []storage.Failure{old, frozen, failure("recent", over)}))
	addTo := func(window, until time.Time) int {
		counts, err := s.AddCounts(ctx, window, until, map[string]int{"a": 1})
		noError(t, err)
		return counts["a"]
	}
	addTo(over, over)
	addTo(now, later)
	lease := func(name string, until time.Time) {
		_, err := s.Lease(ctx, name, "holder", over, until)
		noError(t, err)
	}
	lease("dead", over)
	lease("live", later)

	deadEvent, liveEvent := newEvent(now), newEvent(now)
	deadEvent.ExpiresAt, liveEvent.ExpiresAt = over, later
	noError(t, s.AppendAudit(ctx, deadEvent, liveEvent))
	deadRefusal, liveRefusal := newRefusal("dead", now), newRefusal("live", now)
	deadRefusal.ExpiresAt, liveRefusal.ExpiresAt = over, later
	noError(t, s.AddRefusals(ctx, []storage.Refusal{deadRefusal, liveRefusal}))

	if n := sweep(t, s, now, 100); n != 7 {
		t.Errorf("deleted %d rows, want 7", n)
	}
	if got := eventsOf(t, s, storage.AuditQuery{}); len(got) != 1 || got[0].ID != liveEvent.ID {
		t.Errorf("audit events left: %v", got)
	}
	for id, want := range map[string]int{"dead": 0, "live": 1} {
		if got, err := s.Refusals(ctx, id); err != nil || len(got) != want {
			t.Errorf("refusals of %s: %v, %v, want %d", id, got, err, want)
		}
	}
	if _, err := s.Code(ctx, dead.Kind, dead.Hash); !errors.Is(err, errors.InvalidAuthorizationCode) {
		t.Errorf("the expired code: %v", err)
	}
	_, err := s.Code(ctx, live.Kind, live.Hash)
	noError(t, err)
	if lines := linesAbout(t, s, "dead", "live"); len(lines) != 1 || lines[0].Key != "live" {
		t.Errorf("changes left: %v", lines)
	}
	for key, want := range map[string]int{"old": 0, "frozen": 1, "recent": 1} {
		if got := failuresOf(t, s, key); got.Count != want {
			t.Errorf("failures of %s: %d, want %d", key, got.Count, want)
		}
	}
	if got := addTo(over, later); got != 1 {
		t.Errorf("the old count goes on at %d", got)
	}
	if got := addTo(now, later); got != 2 {
		t.Errorf("the new count goes on at %d, want 2", got)
	}
	if ok, err := s.Lease(ctx, "live", "other", now, later); ok || err != nil {
		t.Errorf("the live lease was given away: %v, %v", ok, err)
	}
}

func testDeleteExpiredSessions(t *testing.T, s Store) {
	day := 24 * time.Hour
	for name, tt := range map[string]struct {
		change func(*storage.Session)
		want   bool
	}{
		"live":               {func(*storage.Session) {}, true},
		"ended":              {func(s *storage.Session) { s.EndedAt = now.Add(time.Minute - day) }, true},
		"ended long ago":     {func(s *storage.Session) { s.EndedAt = now.Add(-day) }, false},
		"idle":               {func(s *storage.Session) { s.Refresh.ExpiresAt = now.Add(time.Minute - day) }, true},
		"idle for long":      {func(s *storage.Session) { s.Refresh.ExpiresAt = now.Add(-day) }, false},
		"over":               {func(s *storage.Session) { s.ExpiresAt = now.Add(time.Minute - day) }, true},
		"over long ago":      {func(s *storage.Session) { s.ExpiresAt = now.Add(-day) }, false},
		"without a refresh":  {func(s *storage.Session) { s.Refresh = storage.Refresh{} }, true},
		"without, long over": {func(s *storage.Session) { s.Refresh, s.ExpiresAt = storage.Refresh{}, now.Add(-day) }, false},
	} {
		session := newSession(newID())
		tt.change(&session)
		noError(t, s.CreateSession(t.Context(), session))
		sweep(t, s, now, 100)
		if _, err := s.Session(t.Context(), session.ID); (err == nil) != tt.want {
			t.Errorf("%s: Session() = %v, want it kept: %v", name, err, tt.want)
		}
	}
}

func testDeleteExpiredLimit(t *testing.T, s Store) {
	noError(t, s.InTx(t.Context(), func(ctx context.Context) error {
		for i := range 30 {
			session := newSession(newID())
			if i%3 > 0 {
				session.ExpiresAt = now.Add(-48 * time.Hour)
			}
			code := newCode()
			code.ExpiresAt = longOver
			if err := errors.Join(s.CreateSession(ctx, session), s.CreateCode(ctx, code)); err != nil {
				return err
			}
		}
		return nil
	}))
	if n := sweep(t, s, now, 7); n != 20+30 {
		t.Errorf("deleted %d rows, want %d", n, 20+30)
	}
	if n := sweep(t, s, now.AddDate(2, 0, 0), 7); n != 10 { // the live sessions
		t.Errorf("deleted %d rows two years later, want 10", n)
	}
}

func testDeleteExpiredAgain(t *testing.T, s Store) {
	for range 3 {
		code := newCode()
		code.ExpiresAt = longOver
		noError(t, s.CreateCode(t.Context(), code))
		if n := sweep(t, s, now, 1); n != 1 {
			t.Errorf("deleted %d rows, want 1", n)
		}
	}
}

// Rows that are found by when they end may end in another order than they came,
// as they do after the retention was changed.
func testDeleteExpiredFound(t *testing.T, s Store) {
	for i := range 50 {
		event := newEvent(now.Add(time.Duration(i) * time.Second))
		event.ExpiresAt = now.AddDate(1, 0, 0)
		if i%2 > 0 {
			event.ExpiresAt = now.Add(-time.Duration(i) * time.Minute)
		}
		noError(t, s.AppendAudit(t.Context(), event))
	}
	if n := sweep(t, s, now, 4); n != 25 {
		t.Errorf("deleted %d rows, want 25", n)
	}
	if left := eventsOf(t, s, storage.AuditQuery{}); len(left) != 25 {
		t.Errorf("%d events are left, want 25", len(left))
	}
}
