package storagetest

import (
	"context"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

func testLeaveBrowser(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, withParty(t, open(t)), map[string]func(t *testing.T, s Store){
		"an account leaves with its sessions":      testLeave,
		"all leave with their sessions":            testLeaveAll,
		"a session needs its account":              testSessionOfBrowser,
		"no session outlives its account":          testLeaveRace,
		"no session outlives who is disabled":      testDisableRace,
		"a user is signed out of all browsers":     testSignOutEverywhere,
		"leaving and ending do not wait in a ring": testLeaveEndRace,
	})
}

// sessionIn is a live session of a user that a browser began.
func sessionIn(userID, browserID string) storage.Session {
	session := newSession(userID)
	session.BrowserID = browserID
	return session
}

// begin creates a session that a browser began.
func begin(t *testing.T, s Store, userID, browserID string) storage.Session {
	t.Helper()
	session := sessionIn(userID, browserID)
	noError(t, s.CreateSession(t.Context(), session))
	return session
}

// ids are those of sessions.
func ids(sessions []storage.Session) map[string]bool {
	ids := make(map[string]bool)
	for _, session := range sessions {
		ids[session.ID] = true
	}
	return ids
}

// twoIn signs two users in in one browser, and returns them with its id and hash.
func twoIn(t *testing.T, s Store) (ada, bea, browserID string, hash []byte) {
	t.Helper()
	user, browser := signIn(t, s)
	in := newSignIn(createUser(t, s).ID)
	in.Old = browser.Hash
	noError(t, s.SignInBrowser(t.Context(), in))
	return user.ID, in.Account.UserID, browser.ID, in.Browser.Hash
}

func testLeave(t *testing.T, s Store) {
	ada, bea, browserID, hash := twoIn(t, s)
	mine, hers := begin(t, s, ada, browserID), begin(t, s, bea, browserID)
	elsewhere := newSession(ada)
	noError(t, s.CreateSession(t.Context(), elsewhere))
	until := now.Add(time.Hour)
	for _, want := range [][]storage.Session{{mine}, nil} { // the second time nothing is left
		ended, err := s.LeaveBrowser(t.Context(), browserID, ada, now, until)
		noError(t, err)
		same(t, "sessions that ended", ids(ended), ids(want))
	}
	same(t, "accounts", accountsOf(t, s, hash), []string{bea})
	same(t, "EndedAt", endedAt(t, s, mine.ID), kept(now))
	same(t, "EndedAt of another's", endedAt(t, s, hers.ID), time.Time{})
	same(t, "EndedAt of one without the browser", endedAt(t, s, elsewhere.ID), time.Time{})
	lines := linesAbout(t, s, mine.ID, hers.ID, elsewhere.ID)
	if len(lines) != 1 || lines[0].Kind != storage.SessionEnded || !lines[0].Until.Equal(kept(until)) {
		t.Errorf("changes = %v, want one end until %v", lines, kept(until))
	}
}

func testLeaveAll(t *testing.T, s Store) {
	ada, bea, browserID, hash := twoIn(t, s)
	all := []storage.Session{begin(t, s, ada, browserID), begin(t, s, bea, browserID)}
	ended, err := s.LeaveBrowser(t.Context(), browserID, "", now, now)
	noError(t, err)
	same(t, "sessions that ended", ids(ended), ids(all))
	for _, session := range ended {
		whole, err := s.Session(t.Context(), session.ID)
		noError(t, err)
		same(t, "session", session, whole)
	}
	if _, ok, err := s.Browser(t.Context(), hash, now); ok || err != nil {
		t.Errorf("Browser() = %v, %v, want false", ok, err)
	}
}

func testSessionOfBrowser(t *testing.T, s Store) {
	user, browser := signIn(t, s)
	stranger, brief := createUser(t, s), newSignIn(createUser(t, s).ID)
	brief.Old, brief.Account.ExpiresAt = browser.Hash, kept(now.Add(time.Hour))
	noError(t, s.SignInBrowser(t.Context(), brief))
	for name, tt := range map[string]struct {
		change func(*storage.Session)
		want   error
	}{
		"of who is there":          {func(*storage.Session) {}, nil},
		"with their password":      {func(s *storage.Session) { s.PasswordHash = user.PasswordHash }, nil},
		"with another password":    {func(s *storage.Session) { s.PasswordHash = "$old$" }, errors.InvalidAuthorizationCode},
		"of somebody else":         {func(s *storage.Session) { s.UserID = stranger.ID }, errors.InvalidAuthorizationCode},
		"of another browser":       {func(s *storage.Session) { s.BrowserID = newID() }, errors.InvalidAuthorizationCode},
		"of a browser of no sense": {func(s *storage.Session) { s.BrowserID = strange["NUL"] }, errors.InvalidAuthorizationCode},
		"after the browser's end":  {func(s *storage.Session) { s.CreatedAt = browser.ExpiresAt }, errors.InvalidAuthorizationCode},
		"of who was there": {func(s *storage.Session) {
			s.UserID, s.CreatedAt = brief.Account.UserID, brief.Account.ExpiresAt
		}, errors.InvalidAuthorizationCode},
	} {
		session := sessionIn(user.ID, browser.ID)
		tt.change(&session)
		if err := s.CreateSession(t.Context(), session); !errors.Is(err, tt.want) {
			t.Errorf("CreateSession() %s = %v, want %v", name, err, tt.want)
		}
		if _, err := s.Session(t.Context(), session.ID); (err == nil) != (tt.want == nil) {
			t.Errorf("Session() %s = %v", name, err)
		}
	}
}

// liveOf returns how many sessions of a user live.
func liveOf(t *testing.T, s Store, userID string) int {
	t.Helper()
	list, err := s.SessionsOfUser(t.Context(), userID, now)
	noError(t, err)
	return len(list)
}

// A session that is begun while its account leaves either ends with it or is
// never there.
func testLeaveRace(t *testing.T, s Store) {
	user, browser := signIn(t, s)
	raceCreation(t, s, user.ID, browser.ID, func(ctx context.Context) error {
		_, err := s.LeaveBrowser(ctx, browser.ID, user.ID, now, now)
		return err
	})
}

func testDisableRace(t *testing.T, s Store) {
	user, browser := signIn(t, s)
	raceCreation(t, s, user.ID, browser.ID, func(ctx context.Context) error {
		return s.InTx(ctx, func(ctx context.Context) error {
			_, err := s.UserToChange(ctx, user.ID)
			return errors.Join(err, s.EndUserSessions(ctx, user.ID, "", now, now), DisableUser(ctx, s, user.ID, true, now))
		})
	})
}

// raceCreation begins sessions while something ends all there are.
func raceCreation(t *testing.T, s Store, userID, browserID string, end func(ctx context.Context) error) {
	t.Helper()
	race(t, func(i int) (bool, error) {
		if i == racers/2 {
			return true, end(t.Context())
		}
		err := s.CreateSession(t.Context(), sessionIn(userID, browserID))
		if errors.Is(err, errors.InvalidAuthorizationCode) {
			return false, nil
		}
		return err == nil, err
	})
	same(t, "number of sessions", liveOf(t, s, userID), 0)
}

func testSignOutEverywhere(t *testing.T, s Store) {
	ada, bea, browserID, hash := twoIn(t, s)
	var others [][]byte
	for range 2 {
		in := newSignIn(ada)
		noError(t, s.SignInBrowser(t.Context(), in))
		others = append(others, in.Browser.Hash)
	}
	session := begin(t, s, ada, browserID)
	noError(t, s.SignOutEverywhere(t.Context(), ada, browserID))
	same(t, "accounts of the one kept", len(accountsOf(t, s, hash)), 2)
	for _, other := range others {
		same(t, "number of accounts of another", len(accountsOf(t, s, other)), 0)
	}
	noError(t, s.SignOutEverywhere(t.Context(), ada, ""))
	same(t, "accounts", accountsOf(t, s, hash), []string{bea})
	same(t, "EndedAt", endedAt(t, s, session.ID), time.Time{})
}

// Whoever leaves, is disabled, or has all sessions ended, at the same time, gets
// an answer.
func testLeaveEndRace(t *testing.T, s Store) {
	user, browser := signIn(t, s)
	for range 50 {
		begin(t, s, user.ID, browser.ID)
	}
	race(t, func(i int) (bool, error) {
		switch i % 4 {
		case 0:
			_, err := s.LeaveBrowser(t.Context(), browser.ID, user.ID, now, now)
			return true, err
		case 1:
			_, err := s.LeaveBrowser(t.Context(), browser.ID, "", now, now)
			return true, err
		case 2:
			return true, s.EndUserSessions(t.Context(), user.ID, "", now, now)
		default:
			return true, errors.Join(s.UseAccount(t.Context(), browser.ID, user.ID, now), s.SignOutEverywhere(t.Context(), user.ID, ""))
		}
	})
	same(t, "number of sessions", liveOf(t, s, user.ID), 0)
}
