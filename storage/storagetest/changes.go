package storagetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

func testChanges(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	for name, test := range map[string]func(t *testing.T, s Store){
		"lines are read in order":               testReadChanges,
		"many lines are appended at once":       testAnnounceMany,
		"no line appears below one that is":     testChangesInOrder,
		"a revocation is one line":              testRevokeToken,
		"many revocations are one line":         testRevokeTokenRace,
		"what is revoked":                       testRevoked,
		"own lines are told before the return":  testOnAnnounce,
		"lines of a failed transaction are not": testOnAnnounceFailed,
		"watching ends with its context":        testWatch,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
}

// lastLine is the number of the last line so far.
func lastLine(t *testing.T, s Store) int64 {
	t.Helper()
	all, err := s.Changes(t.Context(), 0, 1_000_000)
	noError(t, err)
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Seq
}

// about is what changes say, without their numbers.
func about(changes []storage.Change) []storage.Change {
	list := make([]storage.Change, len(changes))
	for i, c := range changes {
		c.Seq = 0
		list[i] = c
	}
	return list
}

func testReadChanges(t *testing.T, s Store) {
	lines := []storage.Change{
		{Kind: storage.UserChanged, Key: "u", Until: kept(now)},
		{Kind: storage.ApplicationChanged, Key: "a", Until: kept(now.Add(time.Hour))},
		{Kind: storage.KeysChanged, Until: kept(now)},
		{Kind: storage.UserChanged, Key: "u", Until: kept(now)},
	}
	before := lastLine(t, s)
	noError(t, s.Announce(t.Context()))
	noError(t, s.Announce(t.Context(), lines[0], lines[1]))
	noError(t, s.Announce(t.Context(), lines[2]))
	noError(t, s.Announce(t.Context(), lines[3]))
	got, err := s.Changes(t.Context(), before, 10)
	noError(t, err)
	same(t, "Changes()", about(got), lines)
	for i := 1; i < len(got); i++ {
		if got[i].Seq <= got[i-1].Seq {
			t.Errorf("numbers do not ascend: %v", got)
		}
	}
	some, err := s.Changes(t.Context(), got[0].Seq, 2)
	noError(t, err)
	same(t, "Changes() after the first", some, got[1:3])
}

func testAnnounceMany(t *testing.T, s Store) {
	var lines []storage.Change
	for range 1234 {
		lines = append(lines, storage.Change{Kind: storage.SessionEnded, Key: newID(), Until: kept(now)})
	}
	before := lastLine(t, s)
	noError(t, s.Announce(t.Context(), lines...))
	got, err := s.Changes(t.Context(), before, 2000)
	noError(t, err)
	same(t, "Changes()", about(got), lines)
}

// While transactions of uneven length announce, a reader that goes on from the
// last line it saw misses none.
func testChangesInOrder(t *testing.T, s Store) {
	const each = 3
	before := lastLine(t, s)
	done := make(chan struct{})
	go func() {
		defer close(done)
		race(t, func(i int) (bool, error) {
			for range each {
				err := s.InTx(t.Context(), func(ctx context.Context) error {
					err := s.Announce(ctx, storage.Change{Kind: storage.UserChanged, Key: newID(), Until: now})
					time.Sleep(time.Duration(i%4) * time.Millisecond)
					return err
				})
				if err != nil {
					return false, err
				}
			}
			return true, nil
		})
	}()
	var seen []storage.Change
	for last := false; !last; {
		select {
		case <-done:
			last = true
		default:
		}
		time.Sleep(time.Millisecond)
		after := before
		if len(seen) > 0 {
			after = seen[len(seen)-1].Seq
		}
		next, err := s.Changes(t.Context(), after, 1000)
		noError(t, err)
		seen = append(seen, next...)
	}
	all, err := s.Changes(t.Context(), before, 1000)
	noError(t, err)
	same(t, "what the reader saw", seen, all)
	if len(all) != racers*each {
		t.Errorf("%d lines, want %d", len(all), racers*each)
	}
}

func testRevokeToken(t *testing.T, s Store) {
	jti := newID()
	for range 2 {
		noError(t, s.RevokeToken(t.Context(), jti, now.Add(time.Hour)))
	}
	want := []storage.Change{{Kind: storage.TokenRevoked, Key: jti, Until: kept(now.Add(time.Hour))}}
	same(t, "changes", about(linesAbout(t, s, jti)), want)
}

func testRevokeTokenRace(t *testing.T, s Store) {
	jti := newID()
	race(t, func(int) (bool, error) { return true, s.RevokeToken(t.Context(), jti, now) })
	if lines := linesAbout(t, s, jti); len(lines) != 1 {
		t.Errorf("%d lines, want 1", len(lines))
	}
}

func testRevoked(t *testing.T, s Store) {
	session := newSession(newID())
	noError(t, s.CreateSession(t.Context(), session))
	jti := newID()
	check := func(when, sessionID, jti string, want bool) {
		t.Helper()
		got, err := s.Revoked(t.Context(), sessionID, jti)
		noError(t, err)
		if got != want {
			t.Errorf("%s: Revoked() = %v, want %v", when, got, want)
		}
	}
	check("nothing happened", session.ID, jti, false)
	check("no session", "", jti, false)
	for name, text := range strange {
		check(name, text, text, false)
	}
	noError(t, s.RevokeToken(t.Context(), jti, now))
	check("the token was revoked", session.ID, jti, true)
	check("another token was", session.ID, newID(), false)
	check("a session of that name", jti, newID(), false)
	_, err := s.EndSession(t.Context(), session.ID, now, now)
	noError(t, err)
	check("the session ended", session.ID, newID(), true)
	check("a token of that name", newID(), session.ID, false)
}

// heard collects what OnAnnounce is told.
type heard struct {
	lock  sync.Mutex
	lines []storage.Change
}

func (h *heard) hear(changes []storage.Change) {
	h.lock.Lock()
	defer h.lock.Unlock()
	h.lines = append(h.lines, changes...)
}

func (h *heard) take() []storage.Change {
	h.lock.Lock()
	defer h.lock.Unlock()
	lines := h.lines
	h.lines = nil
	return lines
}

func testOnAnnounce(t *testing.T, s Store) {
	var own heard
	s.OnAnnounce(own.hear)
	session, jti := newSession(newID()), newID()
	noError(t, s.CreateSession(t.Context(), session))
	for name, announce := range map[string]func(ctx context.Context) error{
		"Announce": func(ctx context.Context) error {
			return s.Announce(ctx, storage.Change{Kind: storage.KeysChanged, Until: now})
		},
		"EndSession": func(ctx context.Context) error {
			_, err := s.EndSession(ctx, session.ID, now, now)
			return err
		},
		"RevokeToken":           func(ctx context.Context) error { return s.RevokeToken(ctx, jti, now) },
		"RevokeToken, repeated": func(ctx context.Context) error { return s.RevokeToken(ctx, jti, now) },
	} {
		noError(t, announce(t.Context()))
		if lines := own.take(); len(lines) != 1 || lines[0].Seq == 0 {
			t.Errorf("%s: told %v, want one numbered line", name, lines)
		}
	}
	noError(t, s.InTx(t.Context(), func(ctx context.Context) error {
		err := s.Announce(ctx, storage.Change{Kind: storage.KeysChanged, Until: now})
		if lines := own.take(); len(lines) > 0 {
			t.Errorf("told %v before the commit", lines)
		}
		return err
	}))
	if lines := own.take(); len(lines) != 1 {
		t.Errorf("told %v after the commit, want one line", lines)
	}
}

func testOnAnnounceFailed(t *testing.T, s Store) {
	var own heard
	s.OnAnnounce(own.hear)
	jti, failed := newID(), errors.New("failed")
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		if err := s.RevokeToken(ctx, jti, now); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("InTx() = %v, want %v", err, failed)
	}
	if lines := append(own.take(), linesAbout(t, s, jti)...); len(lines) > 0 {
		t.Errorf("lines of a transaction that failed: %v", lines)
	}
}

func testWatch(t *testing.T, s Store) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Watch(ctx, func() {}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Watch() = %v, want %v", err, context.DeadlineExceeded)
	}
}
