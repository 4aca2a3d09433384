package storagetest

import (
	"context"
	"strconv"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

func testRedeem(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, withParty(t, open(t)), map[string]func(t *testing.T, s Store){
		"a code leads to one session":           testRedeemCode,
		"one of many redeems a code":            testRedeemRace,
		"a code that leads nowhere stays spent": testRedeemRefused,
		"codes go with whom they are for":       testCodeGoes,
		"a code needs its user and application": testCodeWithout,
		"no session outlives who is deleted":    testRedeemDeleteRace,
		"a text is new once":                    testOnceOnly,
		"one of many sees a text first":         testOnceOnlyRace,
	})
}

func testRedeemCode(t *testing.T, s Store) {
	user, browser := signIn(t, s)
	for _, browserID := range []string{browser.ID, ""} {
		code, session := newCode(), sessionIn(user.ID, browserID)
		code.UserID = user.ID
		session.ACR, session.Subject, session.Claims = "gold", "pairwise", []byte(`{"id_token":{}}`)
		noError(t, s.CreateCode(t.Context(), code))
		if ok, err := s.Redeem(t.Context(), code.Kind, code.Hash, session, now); !ok || err != nil {
			t.Fatalf("Redeem() = %v, %v, want true", ok, err)
		}
		again := sessionIn(user.ID, browserID)
		if ok, err := s.Redeem(t.Context(), code.Kind, code.Hash, again, now.Add(time.Second)); ok || err != nil {
			t.Errorf("Redeem() again = %v, %v, want false", ok, err)
		}
		if _, err := s.Session(t.Context(), again.ID); !errors.Is(err, errors.SessionNotFound) {
			t.Errorf("Session() of the second = %v, want SessionNotFound", err)
		}
		stored, err := s.Session(t.Context(), session.ID)
		noError(t, err)
		same(t, "Session()", stored, session)
		spent, err := s.Code(t.Context(), code.Kind, code.Hash)
		noError(t, err)
		code.SessionID, code.SpentAt = session.ID, kept(now)
		same(t, "Code()", spent, code)
	}
	for _, kind := range []string{"code", "par"} {
		if ok, err := s.Redeem(t.Context(), kind, []byte(newID()), sessionIn(user.ID, browser.ID), now); ok || err != nil {
			t.Errorf("Redeem() of none = %v, %v, want false", ok, err)
		}
	}
}

func testRedeemRace(t *testing.T, s Store) {
	user, browser := signIn(t, s)
	code := newCode()
	code.UserID = user.ID
	noError(t, s.CreateCode(t.Context(), code))
	won := race(t, func(int) (bool, error) {
		return s.Redeem(t.Context(), code.Kind, code.Hash, sessionIn(user.ID, browser.ID), now)
	})
	same(t, "number of sessions", liveOf(t, s, user.ID), 1)
	if won != 1 {
		t.Errorf("%d of %d redeemed the code, want 1", won, racers)
	}
}

func testRedeemRefused(t *testing.T, s Store) {
	user, browser := signIn(t, s)
	disabled, _ := signIn(t, s)
	noError(t, DisableUser(t.Context(), s, disabled.ID, true, now))
	for name, session := range map[string]storage.Session{
		"has left":     sessionIn(user.ID, newID()),
		"is disabled":  newSession(disabled.ID),
		"is gone":      newSession(newID()),
		"cannot be":    newSession(strange["NUL"]),
		"was too late": func(s storage.Session) storage.Session { s.CreatedAt = browser.ExpiresAt; return s }(sessionIn(user.ID, browser.ID)),
	} {
		code := newCode()
		noError(t, s.CreateCode(t.Context(), code))
		_, err := s.Redeem(t.Context(), code.Kind, code.Hash, session, now)
		if !errors.Is(err, errors.InvalidAuthorizationCode) {
			t.Errorf("Redeem() for one who %s = %v, want InvalidAuthorizationCode", name, err)
		}
		if _, err := s.Session(t.Context(), session.ID); !errors.Is(err, errors.SessionNotFound) {
			t.Errorf("Session() of one who %s = %v, want SessionNotFound", name, err)
		}
		session = sessionIn(user.ID, browser.ID)
		if ok, err := s.Redeem(t.Context(), code.Kind, code.Hash, session, now); ok || err != nil {
			t.Errorf("Redeem() after one who %s = %v, %v, want false", name, ok, err)
		}
	}
}

func testCodeGoes(t *testing.T, s Store) {
	ctx, user, app := t.Context(), createUser(t, s), createApplication(t, s)
	ofUser, ofApp, nobodys := newCode(), newCode(), newCode()
	ofUser.UserID, ofApp.ClientID = user.ID, app.ClientID
	for _, code := range []storage.Code{ofUser, ofApp, nobodys} {
		noError(t, s.CreateCode(ctx, code))
		got, err := s.Code(ctx, code.Kind, code.Hash)
		noError(t, err)
		same(t, "Code()", got, code)
	}
	noError(t, s.DeleteUser(ctx, user.ID, now))
	noError(t, s.DeleteApplication(ctx, app.ID, now))
	for _, code := range []storage.Code{ofUser, ofApp} {
		if _, err := s.Code(ctx, code.Kind, code.Hash); !errors.Is(err, errors.InvalidAuthorizationCode) {
			t.Errorf("Code() = %v, want InvalidAuthorizationCode", err)
		}
	}
	_, err := s.Code(ctx, nobodys.Kind, nobodys.Hash)
	noError(t, err)
}

func testCodeWithout(t *testing.T, s Store) {
	user, disabled, app := createUser(t, s), createUser(t, s), createApplication(t, s)
	noError(t, DisableUser(t.Context(), s, disabled.ID, true, now))
	for name, whose := range map[string][2]string{
		"disabled": {disabled.ID, app.ClientID}, "no user": {newID(), app.ClientID}, "no application": {user.ID, newID()},
		"the id of an application": {user.ID, app.ID}, "neither, but an application": {"", newID()},
		"a strange user": {strange["NUL"], app.ClientID}, "a strange application": {user.ID, strange["not UTF-8"]},
	} {
		code := newCode()
		code.UserID, code.ClientID = whose[0], whose[1]
		if err := s.CreateCode(t.Context(), code); !errors.Is(err, errors.InvalidAuthorizationCode) {
			t.Errorf("CreateCode() for %s = %v, want InvalidAuthorizationCode", name, err)
		}
	}
}

// Codes are redeemed while their users are deleted, who take them along.
func testRedeemDeleteRace(t *testing.T, s Store) {
	users, codes, browsers := make([]string, racers/2), make([]storage.Code, racers/2), make([]string, racers/2)
	for i := range users {
		user, browser := signIn(t, s)
		users[i], browsers[i], codes[i] = user.ID, browser.ID, newCode()
		codes[i].UserID = user.ID
		noError(t, s.CreateCode(t.Context(), codes[i]))
	}
	race(t, func(i int) (bool, error) {
		n := i / 2
		if i%2 == 0 {
			return true, s.InTx(t.Context(), func(ctx context.Context) error {
				_, err := s.UserToChange(ctx, users[n])
				return errors.Join(err, s.EndUserSessions(ctx, users[n], "", now, now), s.DeleteUser(ctx, users[n], now))
			})
		}
		ok, err := s.Redeem(t.Context(), codes[n].Kind, codes[n].Hash, sessionIn(users[n], browsers[n]), now)
		if errors.Is(err, errors.InvalidAuthorizationCode) {
			err = nil
		}
		return ok, err
	})
	for _, id := range users {
		same(t, "number of sessions", liveOf(t, s, id), 0)
	}
}

func testOnceOnly(t *testing.T, s Store) {
	texts := map[string]string{"plain": newID(), "empty": ""}
	for name, text := range strange {
		texts[name] = text
	}
	for name, text := range texts {
		for _, want := range []bool{true, false} {
			if ok, err := s.OnceOnly(t.Context(), text, now.Add(time.Hour)); ok != want || err != nil {
				t.Errorf("OnceOnly(%s) = %v, %v, want %v", name, ok, err, want)
			}
		}
	}
}

func testOnceOnlyRace(t *testing.T, s Store) {
	text := newID()
	won := race(t, func(i int) (bool, error) {
		other := text + strconv.Itoa(i)
		if ok, err := s.OnceOnly(t.Context(), other, now); !ok || err != nil {
			t.Errorf("OnceOnly() of another = %v, %v, want true", ok, err)
		}
		return s.OnceOnly(t.Context(), text, now)
	})
	if won != 1 {
		t.Errorf("%d of %d saw the text first, want 1", won, racers)
	}
}
