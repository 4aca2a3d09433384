package storagetest

import (
	"strconv"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

func testConsents(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"scopes are added":                   testConsent,
		"a consent needs both":               testConsentWithout,
		"many add scopes":                    testConsentRace,
		"a consent is to one version":        testConsentToAnotherVersion,
		"a consent goes with either":         testConsentGoes,
		"what is withdrawn ends":             testWithdrawConsent,
		"one of many withdraws a consent":    testWithdrawConsentRace,
		"no session outlives its withdrawal": testWithdrawRedeemRace,
	})
}

// createApplication creates an application that has its users told of their
// logout.
func createApplication(t *testing.T, s Store) identity.Application {
	t.Helper()
	app := newApplication()
	app.Disabled, app.NotBefore = false, time.Time{}
	noError(t, s.CreateApplication(t.Context(), app))
	return app
}

func testConsent(t *testing.T, s Store) {
	ctx, user, app, other := t.Context(), createUser(t, s), createApplication(t, s), createApplication(t, s)
	consented := func(want ...string) {
		t.Helper()
		got, err := s.Consent(ctx, user.ID, app.ID)
		noError(t, err)
		same(t, "Consent()", got, want)
	}
	consented()
	noError(t, s.AddConsent(ctx, user.ID, other, []string{"openid"}, now.Add(time.Second)))
	noError(t, s.AddConsent(ctx, user.ID, app, nil, now))
	consented()
	noError(t, s.AddConsent(ctx, user.ID, app, []string{"profile", "email", "profile"}, now))
	consented("email", "profile")
	noError(t, s.AddConsent(ctx, user.ID, app, []string{"address", "email"}, now.Add(time.Minute)))
	noError(t, s.AddConsent(ctx, user.ID, app, []string{"email"}, now.Add(time.Hour))) // nothing new
	consented("address", "email", "profile")

	list, err := s.ConsentsOfUser(ctx, user.ID)
	noError(t, err)
	same(t, "ConsentsOfUser()", list, []storage.Consent{
		{
			UserID: user.ID, ApplicationID: app.ID, ClientID: app.ClientID, Scopes: []string{"address", "email", "profile"},
			GrantedAt: kept(now), UpdatedAt: kept(now.Add(time.Minute)),
		},
		{
			UserID: user.ID, ApplicationID: other.ID, ClientID: other.ClientID, Scopes: []string{"openid"},
			GrantedAt: kept(now.Add(time.Second)), UpdatedAt: kept(now.Add(time.Second)),
		},
	})
}

func testConsentWithout(t *testing.T, s Store) {
	user, app := createUser(t, s), createApplication(t, s)
	none := map[string]string{"unknown": newID(), "empty": ""}
	for name, text := range strange {
		none[name] = text
	}
	for name, id := range none {
		for _, pair := range [][2]string{{user.ID, id}, {id, app.ID}} {
			asked, want := app, errors.Unavailable
			if pair[1] != app.ID {
				asked, want = identity.Application{ID: pair[1]}, errors.StaleVersion
			}
			if err := s.AddConsent(t.Context(), pair[0], asked, []string{"openid"}, now); !errors.Is(err, want) {
				t.Errorf("AddConsent(%s) = %v, want %v", name, err, want)
			}
			if got, err := s.Consent(t.Context(), pair[0], pair[1]); got != nil || err != nil {
				t.Errorf("Consent(%s) = %v, %v, want none", name, got, err)
			}
			if ok, err := s.WithdrawConsent(t.Context(), pair[0], pair[1], now, now); ok || err != nil {
				t.Errorf("WithdrawConsent(%s) = %v, %v, want false", name, ok, err)
			}
		}
		if list, err := s.ConsentsOfUser(t.Context(), id); len(list) > 0 || err != nil {
			t.Errorf("ConsentsOfUser(%s) = %v, %v, want none", name, list, err)
		}
	}
}

// What a user agreed to was the application as it was shown.
func testConsentToAnotherVersion(t *testing.T, s Store) {
	user, app := createUser(t, s), createApplication(t, s)
	changed := app
	changed.Version++
	noError(t, s.UpdateApplication(t.Context(), changed))
	if err := s.AddConsent(t.Context(), user.ID, app, []string{"openid"}, now); !errors.Is(err, errors.StaleVersion) {
		t.Errorf("AddConsent() of the version before = %v, want %v", err, errors.StaleVersion)
	}
	if got, err := s.Consent(t.Context(), user.ID, app.ID); got != nil || err != nil {
		t.Errorf("Consent() = %v, %v, want none", got, err)
	}
	noError(t, s.AddConsent(t.Context(), user.ID, changed, []string{"openid"}, now))
	noError(t, s.DropConsents(t.Context(), app.ID))
	if got, err := s.Consent(t.Context(), user.ID, app.ID); got != nil || err != nil {
		t.Errorf("Consent() = %v, %v after they were dropped", got, err)
	}
}

func testConsentRace(t *testing.T, s Store) {
	user, app := createUser(t, s), createApplication(t, s)
	race(t, func(i int) (bool, error) {
		return true, s.AddConsent(t.Context(), user.ID, app, []string{"z", strconv.Itoa(i), "a"}, now)
	})
	got, err := s.Consent(t.Context(), user.ID, app.ID)
	noError(t, err)
	same(t, "number of scopes", len(got), racers+2)
}

func testConsentGoes(t *testing.T, s Store) {
	ctx, user, gone := t.Context(), createUser(t, s), createUser(t, s)
	app, deleted := createApplication(t, s), createApplication(t, s)
	for _, one := range []struct {
		userID string
		app    identity.Application
	}{{user.ID, app}, {gone.ID, app}, {user.ID, deleted}} {
		noError(t, s.AddConsent(ctx, one.userID, one.app, []string{"openid"}, now))
	}
	noError(t, s.DeleteUser(ctx, gone.ID, now))
	noError(t, s.DeleteApplication(ctx, deleted.ID, now))
	for pair, want := range map[[2]string]int{{user.ID, app.ID}: 1, {gone.ID, app.ID}: 0, {user.ID, deleted.ID}: 0} {
		got, err := s.Consent(ctx, pair[0], pair[1])
		noError(t, err)
		same(t, "number of scopes", len(got), want)
	}
}

func testWithdrawConsent(t *testing.T, s Store) {
	ctx, user, app, other := t.Context(), createUser(t, s), createApplication(t, s), createApplication(t, s)
	noError(t, s.AddConsent(ctx, user.ID, app, []string{"openid", "email"}, now))
	noError(t, s.AddConsent(ctx, user.ID, other, []string{"openid"}, now))
	there, elsewhere := newSession(user.ID), newSession(user.ID)
	there.ClientID, elsewhere.ClientID = app.ClientID, other.ClientID
	noError(t, s.CreateSession(ctx, there))
	noError(t, s.CreateSession(ctx, elsewhere))
	code := newCode()
	code.UserID, code.ClientID = user.ID, app.ClientID
	noError(t, s.CreateCode(ctx, code))
	for _, want := range []bool{true, false} {
		if ok, err := s.WithdrawConsent(ctx, user.ID, app.ID, now, now.Add(time.Hour)); ok != want || err != nil {
			t.Errorf("WithdrawConsent() = %v, %v, want %v", ok, err, want)
		}
	}
	list, err := s.ConsentsOfUser(ctx, user.ID)
	noError(t, err)
	if len(list) != 1 || list[0].ApplicationID != other.ID {
		t.Errorf("ConsentsOfUser() = %v, want the other", list)
	}
	same(t, "EndedAt", endedAt(t, s, there.ID), kept(now))
	same(t, "EndedAt at another application", endedAt(t, s, elsewhere.ID), time.Time{})
	same(t, "number of changes", len(linesAbout(t, s, there.ID)), 1)
	if _, err := s.Code(ctx, code.Kind, code.Hash); !errors.Is(err, errors.InvalidAuthorizationCode) {
		t.Errorf("Code() = %v, want InvalidAuthorizationCode", err)
	}
}

func testWithdrawConsentRace(t *testing.T, s Store) {
	user, app := createUser(t, s), createApplication(t, s)
	noError(t, s.AddConsent(t.Context(), user.ID, app, []string{"openid", "email"}, now))
	won := race(t, func(int) (bool, error) { return s.WithdrawConsent(t.Context(), user.ID, app.ID, now, now) })
	if won != 1 {
		t.Errorf("%d of %d withdrew the consent, want 1", won, racers)
	}
}

// A code that is redeemed while its consent is withdrawn either leads to
// a session that ends, or to none.
func testWithdrawRedeemRace(t *testing.T, s Store) {
	user, browser := signIn(t, s)
	app := createApplication(t, s)
	noError(t, s.AddConsent(t.Context(), user.ID, app, []string{"openid"}, now))
	codes := make([]storage.Code, racers)
	for i := range codes {
		codes[i] = newCode()
		codes[i].UserID, codes[i].ClientID = user.ID, app.ClientID
		noError(t, s.CreateCode(t.Context(), codes[i]))
	}
	race(t, func(i int) (bool, error) {
		if i == racers/2 {
			return s.WithdrawConsent(t.Context(), user.ID, app.ID, now, now)
		}
		session := sessionIn(user.ID, browser.ID)
		session.ClientID = app.ClientID
		return s.Redeem(t.Context(), codes[i].Kind, codes[i].Hash, session, now)
	})
	same(t, "number of sessions", liveOf(t, s, user.ID), 0)
}
