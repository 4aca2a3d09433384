package storagetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

func testSessions(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, withParty(t, open(t)), map[string]func(t *testing.T, s Store){
		"what is created is read back":         testSessionFull,
		"what is empty stays empty":            testSessionSparse,
		"an unknown session is not found":      testSessionUnknown,
		"any bytes of a request can be kept":   testSessionStrange,
		"a sign-in is stored with its session": testSessionSignedIn,
		"a sign-in is stored in whole":         testSessionSignedInWhole,
		"sign-ins of a day race":               testSessionSignedInRace,
		"a session needs the user as it was":   testSessionGuarded,
		"no session outlives a new password":   testSessionGuardedRace,
		"a refresh moves the token on":         testRotate,
		"a refresh needs the live token":       testRotateRefused,
		"one of many refreshes wins":           testRotateRace,
		"the sessions of a user":               testSessionsOfUser,
		"of very many the newest are listed":   testSessionsOfUserLimit,
	})
}

// newSession is a live session of a user.
// withParty returns the store with an application in it, whose sessions newSession's are.
func withParty(t *testing.T, s Store) Store {
	t.Helper()
	app := newApplication()
	app.ClientID, app.BuiltIn, app.Disabled, app.NotBefore = partyID, false, false, time.Time{}
	noError(t, s.CreateApplication(t.Context(), app))
	return s
}

const partyID = "c0ffee"

func newSession(userID string) storage.Session {
	return storage.Session{
		ID: newID(), UserID: userID, ClientID: partyID, Scopes: []string{"openid"}, AuthTime: kept(now),
		CreatedAt: kept(now), LastUsedAt: kept(now), ExpiresAt: kept(now.Add(720 * time.Hour)),
		Refresh: storage.Refresh{Hash: []byte(newID()), ExpiresAt: kept(now.Add(24 * time.Hour))},
	}
}

func testSessionFull(t *testing.T, s Store) {
	stored := storage.Session{
		ID: newID(), UserID: newID(), ClientID: partyID,
		Scopes: []string{"openid", `a"b`}, Audience: []string{"https://example.com/?a=b c"}, AMR: []string{"pwd", "otp"},
		AuthTime: now, Nonce: "n-0S6_WzA2Mj", Address: "2001:db8::1", UserAgent: "Mozilla/5.0 (ação)",
		ACR: "urn:example:gold", Subject: "pairwise", Claims: []byte(`{"userinfo":{"email":null}}`),
		Metadata:  map[string]any{"tenant": "ação", "n": 1.5, "flag": true},
		CreatedAt: now.Add(1), LastUsedAt: now.Add(time.Second), ExpiresAt: now.Add(time.Hour), EndedAt: now.Add(time.Minute),
		Refresh: storage.Refresh{
			Generation: 7, Hash: []byte{0, 1, 255}, ExpiresAt: now.Add(2 * time.Hour),
			SpentHash: []byte{2}, SpentAt: now.Add(2 * time.Second), Successor: []byte{3, 0},
			SpentFrom: storage.NewOrigin("2001:db8::2", "Mozilla/5.0"),
		},
	}
	noError(t, s.CreateSession(t.Context(), stored))
	got, err := s.Session(t.Context(), stored.ID)
	noError(t, err)
	want := stored
	for _, at := range []*time.Time{
		&want.AuthTime, &want.CreatedAt, &want.LastUsedAt, &want.ExpiresAt, &want.EndedAt,
		&want.Refresh.ExpiresAt, &want.Refresh.SpentAt,
	} {
		*at = kept(*at)
	}
	same(t, "Session()", got, want)
}

func testSessionGuarded(t *testing.T, s Store) {
	for _, noted := range []bool{false, true} {
		user := newUser()
		noError(t, s.CreateUser(t.Context(), user))
		create := func() error {
			session := newSession(user.ID)
			session.PasswordHash = user.PasswordHash
			if noted {
				session.SignedIn = signedIn(user.ID, kept(now))
			}
			return s.CreateSession(t.Context(), session)
		}
		noError(t, create())
		for name, change := range map[string]func(undo bool) error{
			"password": func(undo bool) error {
				return s.SetPasswordHash(t.Context(), user.ID, map[bool]string{false: "$new$", true: user.PasswordHash}[undo], now)
			},
			"disabled": func(undo bool) error { return DisableUser(t.Context(), s, user.ID, !undo, now) },
		} {
			noError(t, change(false))
			if err := create(); !errors.Is(err, errors.Unavailable) {
				t.Errorf("CreateSession(), noted: %t, after a change of %s = %v, want Unavailable", noted, name, err)
			}
			noError(t, change(true))
		}
		sessions, err := s.SessionsOfUser(t.Context(), user.ID, now)
		noError(t, err)
		same(t, "number of sessions", len(sessions), 1)
		events := 0
		if noted {
			events = 1
		}
		same(t, "number of events", len(eventsOf(t, s, storage.AuditQuery{Subject: user.ID})), events)
	}
}

// A sign-in that was checked against the old password either comes before the
// new one, and ends with the user's sessions, or not at all.
func testSessionGuardedRace(t *testing.T, s Store) {
	user := newUser()
	noError(t, s.CreateUser(t.Context(), user))
	race(t, func(i int) (bool, error) {
		if i == racers/2 {
			return true, s.InTx(t.Context(), func(ctx context.Context) error {
				return errors.Join(s.SetPasswordHash(ctx, user.ID, "$new$", now), s.EndUserSessions(ctx, user.ID, "", now, now))
			})
		}
		session := newSession(user.ID)
		session.PasswordHash = user.PasswordHash
		if err := s.CreateSession(t.Context(), session); !errors.Is(err, errors.Unavailable) {
			return err == nil, err
		}
		return false, nil
	})
	sessions, err := s.SessionsOfUser(t.Context(), user.ID, now)
	noError(t, err)
	same(t, "number of sessions", len(sessions), 0)
}

func testSessionSparse(t *testing.T, s Store) {
	stored := storage.Session{
		ID: newID(), UserID: newID(), AuthTime: kept(now), CreatedAt: kept(now), LastUsedAt: kept(now), ExpiresAt: kept(now),
		Scopes: []string{}, Metadata: map[string]any{}, Refresh: storage.Refresh{Hash: []byte{}},
	}
	noError(t, s.CreateSession(t.Context(), stored))
	got, err := s.Session(t.Context(), stored.ID)
	noError(t, err)
	stored.Scopes, stored.Metadata, stored.Refresh.Hash = nil, nil, nil
	same(t, "Session()", got, stored)
}

func testSessionUnknown(t *testing.T, s Store) {
	ids := map[string]string{"unknown": newID(), "empty": ""}
	for name, text := range strange {
		ids[name] = text
	}
	for name, id := range ids {
		if _, err := s.Session(t.Context(), id); !errors.Is(err, errors.SessionNotFound) {
			t.Errorf("Session(%s) = %v, want SessionNotFound", name, err)
		}
		if ok, err := s.RotateRefresh(t.Context(), storage.Rotation{SessionID: id, Spent: []byte("x"), At: now, ExpiresAt: now}); ok || err != nil {
			t.Errorf("RotateRefresh(%s) = %v, %v, want false", name, ok, err)
		}
		if ok, err := s.EndSession(t.Context(), id, now, now); ok || err != nil {
			t.Errorf("EndSession(%s) = %v, %v, want false", name, ok, err)
		}
		if list, err := s.SessionsOfUser(t.Context(), id, now); len(list) > 0 || err != nil {
			t.Errorf("SessionsOfUser(%s) = %v, %v, want none", name, list, err)
		}
		if err := s.EndUserSessions(t.Context(), id, "", now, now); err != nil {
			t.Errorf("EndUserSessions(%s) = %v", name, err)
		}
	}
}

func testSessionStrange(t *testing.T, s Store) {
	for name, text := range strange {
		session := newSession(newID())
		session.Address, session.UserAgent, session.Nonce = text, text, text
		session.Metadata = map[string]any{"strange": text}
		noError(t, s.CreateSession(t.Context(), session))
		if _, err := s.Session(t.Context(), session.ID); err != nil {
			t.Errorf("%s: Session() = %v", name, err)
		}
	}
}

// signedIn is what is stored with a sign-in of a user.
func signedIn(userID string, day time.Time) *storage.SignedIn {
	event := newEvent(now)
	event.Action, event.ActorID, event.SubjectID = "user.sign-in", userID, userID
	return &storage.SignedIn{Day: day, Event: event}
}

// wantSignedIn checks that a user's sign-ins are in the audit trail and when the last was.
func wantSignedIn(t *testing.T, s Store, userID string, events int, day time.Time) {
	t.Helper()
	same(t, "events", len(eventsOf(t, s, storage.AuditQuery{Subject: userID, Action: "user.sign-in"})), events)
	user, err := s.User(t.Context(), userID)
	noError(t, err)
	same(t, "LastSignIn", user.LastSignIn, kept(day))
	same(t, "Version", user.Version, int64(1))
}

func testSessionSignedIn(t *testing.T, s Store) {
	user := newUser()
	noError(t, s.CreateUser(t.Context(), user))
	monday := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for i, day := range []time.Time{monday, {}, monday.AddDate(0, 0, 1)} {
		session := newSession(user.ID)
		session.PasswordHash, session.SignedIn = user.PasswordHash, signedIn(user.ID, day)
		noError(t, s.CreateSession(t.Context(), session))
		want := session
		want.PasswordHash, want.SignedIn = "", nil
		got, err := s.Session(t.Context(), session.ID)
		noError(t, err)
		same(t, "ID", got.ID, want.ID)
		wantSignedIn(t, s, user.ID, i+1, []time.Time{monday, monday, monday.AddDate(0, 0, 1)}[i])
	}
}

// An event that cannot be stored takes the session and the day along, also of
// sign-ins that are stored at the same time as others.
func testSessionSignedInWhole(t *testing.T, s Store) {
	user := newUser()
	noError(t, s.CreateUser(t.Context(), user))
	day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	taken := signedIn(newID(), day)
	noError(t, s.AppendAudit(t.Context(), taken.Event))
	won := race(t, func(i int) (bool, error) {
		session := newSession(user.ID)
		session.SignedIn = signedIn(user.ID, day)
		if i%2 == 0 {
			session.SignedIn.Day = day.AddDate(0, 0, 1)
			session.SignedIn.Event.ID = taken.Event.ID
			if err := s.CreateSession(t.Context(), session); err == nil {
				return false, errors.New("a session was stored whose event was not")
			}
			return false, nil
		}
		return true, s.CreateSession(t.Context(), session)
	})
	sessions, err := s.SessionsOfUser(t.Context(), user.ID, now)
	noError(t, err)
	same(t, "number of sessions", len(sessions), won)
	wantSignedIn(t, s, user.ID, won, day)
}

// Many sign-ins of a user on a new day wait for each other, but never in a circle.
func testSessionSignedInRace(t *testing.T, s Store) {
	user := newUser()
	noError(t, s.CreateUser(t.Context(), user))
	day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	won := race(t, func(i int) (bool, error) {
		session := newSession(user.ID)
		session.PasswordHash, session.SignedIn = user.PasswordHash, signedIn(user.ID, day)
		if i%2 == 0 {
			session.SignedIn.Day = time.Time{}
		}
		return true, s.CreateSession(t.Context(), session)
	})
	same(t, "sign-ins", won, racers)
	wantSignedIn(t, s, user.ID, racers, day)
}

func testRotate(t *testing.T, s Store) {
	session := newSession(newID())
	noError(t, s.CreateSession(t.Context(), session))
	want := session
	for i, next := range []string{"second", "third"} {
		at := now.Add(time.Duration(i+1) * time.Hour)
		r := storage.Rotation{
			SessionID: session.ID, Spent: want.Refresh.Hash, Next: []byte(next),
			Successor: []byte("sealed " + next), At: at, ExpiresAt: at.Add(24 * time.Hour),
			From: storage.NewOrigin(fmt.Sprintf("203.0.113.%d", i), next+" agent"),
		}
		ok, err := s.RotateRefresh(t.Context(), r)
		noError(t, err)
		if !ok {
			t.Fatalf("RotateRefresh() to %s = false", next)
		}
		want.LastUsedAt = kept(at)
		want.Refresh = storage.Refresh{
			Generation: i + 1, Hash: r.Next, ExpiresAt: kept(r.ExpiresAt),
			SpentHash: r.Spent, SpentAt: kept(at), Successor: r.Successor, SpentFrom: r.From,
		}
		got, err := s.Session(t.Context(), session.ID)
		noError(t, err)
		same(t, "Session() after "+next, got, want)
	}
}

func testRotateRefused(t *testing.T, s Store) {
	session := newSession(newID())
	noError(t, s.CreateSession(t.Context(), session))
	rotate := func(spent []byte) bool {
		t.Helper()
		ok, err := s.RotateRefresh(t.Context(), storage.Rotation{
			SessionID: session.ID, Spent: spent, Next: []byte(newID()), At: now, ExpiresAt: now,
		})
		noError(t, err)
		return ok
	}
	if rotate([]byte("other")) || rotate(nil) {
		t.Error("a token that is not the live one was rotated")
	}
	if !rotate(session.Refresh.Hash) {
		t.Fatal("the live token was refused")
	}
	if rotate(session.Refresh.Hash) {
		t.Error("a spent token was rotated")
	}
	live, err := s.Session(t.Context(), session.ID)
	noError(t, err)
	if _, err := s.EndSession(t.Context(), session.ID, now, now); err != nil {
		t.Fatal(err)
	}
	if rotate(live.Refresh.Hash) {
		t.Error("the live token of a session that has ended was rotated")
	}
}

func testRotateRace(t *testing.T, s Store) {
	session := newSession(newID())
	noError(t, s.CreateSession(t.Context(), session))
	won := race(t, func(i int) (bool, error) {
		return s.RotateRefresh(t.Context(), storage.Rotation{
			SessionID: session.ID, Spent: session.Refresh.Hash, Next: []byte{byte(i)}, At: now, ExpiresAt: now,
		})
	})
	if won != 1 {
		t.Errorf("%d of %d refreshes won, want 1", won, racers)
	}
	got, err := s.Session(t.Context(), session.ID)
	noError(t, err)
	if got.Refresh.Generation != 1 {
		t.Errorf("generation = %d, want 1", got.Refresh.Generation)
	}
}

func testSessionsOfUser(t *testing.T, s Store) {
	userID := newID()
	create := func(change func(*storage.Session)) string {
		t.Helper()
		session := newSession(userID)
		change(&session)
		noError(t, s.CreateSession(t.Context(), session))
		return session.ID
	}
	first := create(func(*storage.Session) {})
	create(func(s *storage.Session) { s.ExpiresAt = now })
	create(func(s *storage.Session) { s.Refresh.ExpiresAt = now })
	create(func(s *storage.Session) { s.EndedAt = now })
	create(func(s *storage.Session) { s.UserID = newID() })
	second := create(func(s *storage.Session) { s.Refresh = storage.Refresh{} })

	list, err := s.SessionsOfUser(t.Context(), userID, now)
	noError(t, err)
	var got []string
	for _, session := range list {
		got = append(got, session.ID)
	}
	same(t, "ids", got, []string{second, first})
	whole, err := s.Session(t.Context(), second)
	noError(t, err)
	same(t, "entry", list[0], whole)
}

func testSessionsOfUserLimit(t *testing.T, s Store) {
	userID := newID()
	var ids []string
	noError(t, s.InTx(t.Context(), func(ctx context.Context) error {
		for range 1002 {
			session := newSession(userID)
			ids = append(ids, session.ID)
			if err := s.CreateSession(ctx, session); err != nil {
				return err
			}
		}
		return nil
	}))
	slices.Reverse(ids)
	list, err := s.SessionsOfUser(t.Context(), userID, now)
	noError(t, err)
	if len(list) != 1000 || list[0].ID != ids[0] || list[999].ID != ids[999] {
		t.Errorf("%d sessions, want the 1000 newest", len(list))
	}
}
