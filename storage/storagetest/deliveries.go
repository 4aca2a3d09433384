package storagetest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

func testDeliveries(t *testing.T, open func(t *testing.T) Store) {
	for name, test := range map[string]func(t *testing.T, s Store){
		"whatever ends a session tells of it": testDeliveryWays,
		"who gets no news":                    testDeliveryNone,
		"news goes with its transaction":      testDeliveryUndone,
		"what is taken is back later":         testTakeDeliveries,
		"what fails comes again":              testRetryDelivery,
		"many take different ones":            testTakeDeliveriesRace,
		"an end is told once":                 testDeliveryOnce,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t)) // a store of its own: what is taken is anybody's
		})
	}
}

// take takes all deliveries that are due, for a minute.
func take(t *testing.T, s Store, at time.Time) []storage.Delivery {
	t.Helper()
	taken, err := s.TakeDeliveries(t.Context(), at, at.Add(time.Minute), 1000)
	noError(t, err)
	return taken
}

// ofDeliveries are the ids of the sessions that deliveries tell of, in order.
func ofDeliveries(deliveries []storage.Delivery) []string {
	var ids []string
	for _, d := range deliveries {
		ids = append(ids, d.SessionID)
	}
	return ids
}

func testDeliveryWays(t *testing.T, s Store) {
	app := createApplication(t, s)
	until := now.Add(time.Hour)
	for name, end := range map[string]func(ctx context.Context, session storage.Session) error{
		"EndSession": func(ctx context.Context, session storage.Session) error {
			return second(s.EndSession(ctx, session.ID, now, until))
		},
		"EndUserSessions": func(ctx context.Context, session storage.Session) error {
			return s.EndUserSessions(ctx, session.UserID, "", now, until)
		},
		"LeaveBrowser": func(ctx context.Context, session storage.Session) error {
			return second(s.LeaveBrowser(ctx, session.BrowserID, session.UserID, now, until))
		},
		"LeaveBrowser of all": func(ctx context.Context, session storage.Session) error {
			return second(s.LeaveBrowser(ctx, session.BrowserID, "", now, until))
		},
		"WithdrawConsent": func(ctx context.Context, session storage.Session) error {
			err := s.AddConsent(ctx, session.UserID, app, []string{"email"}, now)
			return errors.Join(err, second(s.WithdrawConsent(ctx, session.UserID, app.ID, now, until)))
		},
		"DeleteUser": func(ctx context.Context, session storage.Session) error {
			return s.InTx(ctx, func(ctx context.Context) error {
				return errors.Join(s.EndUserSessions(ctx, session.UserID, "", now, until), s.DeleteUser(ctx, session.UserID, now))
			})
		},
	} {
		user, browser := signIn(t, s)
		session := sessionIn(user.ID, browser.ID)
		session.ClientID, session.Subject = app.ClientID, "pairwise"
		noError(t, s.CreateSession(t.Context(), session))
		noError(t, end(t.Context(), session))
		got := take(t, s, now)
		same(t, "deliveries after "+name, got, []storage.Delivery{{
			ID: session.ID, SessionID: session.ID, UserID: user.ID, Subject: "pairwise", ClientID: app.ClientID,
			URI: app.BackchannelLogoutURI, CreatedAt: kept(now), DueAt: kept(now.Add(time.Minute)),
		}})
		noError(t, s.EndDelivery(t.Context(), session.ID))
	}
}

func testDeliveryNone(t *testing.T, s Store) {
	told, untold, disabled := createApplication(t, s), newApplication(), newApplication()
	untold.Disabled, untold.BackchannelLogoutURI = false, ""
	noError(t, s.CreateApplication(t.Context(), untold))
	noError(t, s.CreateApplication(t.Context(), disabled))
	later, gone := createApplication(t, s), createApplication(t, s)
	user, browser := signIn(t, s)
	var want []string
	for _, tt := range []struct {
		clientID, browserID string
		scopes              []string
		told                bool
	}{
		{told.ClientID, "", []string{"email", "openid"}, true},
		{told.ClientID, browser.ID, nil, true},
		{told.ClientID, "", []string{"email", `a"openid"`, "xopenid"}, false}, // no id token
		{told.ClientID, "", nil, false},
		{untold.ClientID, browser.ID, []string{"openid"}, false},
		{disabled.ClientID, browser.ID, []string{"openid"}, false},
		{later.ClientID, browser.ID, []string{"openid"}, false}, // disabled before the news is taken
		{gone.ClientID, browser.ID, []string{"openid"}, false},
		{newID(), browser.ID, []string{"openid"}, false},
	} {
		session := sessionIn(user.ID, tt.browserID)
		session.ClientID, session.Scopes = tt.clientID, tt.scopes
		noError(t, s.CreateSession(t.Context(), session))
		if tt.told {
			want = append(want, session.ID)
		}
	}
	noError(t, s.EndUserSessions(t.Context(), user.ID, "", now, now))
	noError(t, DisableApplication(t.Context(), s, later.ID, true, now))
	noError(t, s.DeleteApplication(t.Context(), gone.ID, now))
	got := take(t, s, now)
	same(t, "sessions that are told of", ofDeliveries(got), want)
	same(t, "subject without another", got[0].Subject, user.ID)

	noError(t, DisableApplication(t.Context(), s, later.ID, false, now))
	same(t, "what is taken again later", ofDeliveries(take(t, s, now.Add(time.Hour))), want)
}

func testDeliveryUndone(t *testing.T, s Store) {
	session := toldSession(t, s)
	failed := errors.New("failed")
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		_, err := s.EndSession(ctx, session.ID, now, now)
		return errors.Join(err, failed)
	})
	if !errors.Is(err, failed) {
		t.Errorf("InTx() = %v", err)
	}
	same(t, "number of deliveries", len(take(t, s, now)), 0)
}

// toldSession creates a session of an application that wants to know of its end.
func toldSession(t *testing.T, s Store) storage.Session {
	t.Helper()
	session := newSession(newID())
	session.ClientID = createApplication(t, s).ClientID
	noError(t, s.CreateSession(t.Context(), session))
	return session
}

func testTakeDeliveries(t *testing.T, s Store) {
	var all []string
	for i := range 5 {
		session := toldSession(t, s)
		all = append(all, session.ID)
		_, err := s.EndSession(t.Context(), session.ID, now.Add(time.Duration(i)*time.Second), now)
		noError(t, err)
	}
	takeSome := func(at time.Time, limit int, want []string) {
		t.Helper()
		got, err := s.TakeDeliveries(t.Context(), at, at.Add(time.Minute), limit)
		noError(t, err)
		same(t, "deliveries", ofDeliveries(got), want)
	}
	takeSome(now.Add(-time.Second), 10, nil)
	takeSome(now.Add(2*time.Second), 2, all[:2])
	takeSome(now.Add(2*time.Second), 2, all[2:3])
	takeSome(now.Add(time.Minute), 10, all[3:])
	noError(t, s.EndDelivery(t.Context(), all[0]))
	noError(t, s.EndDelivery(t.Context(), all[0]))
	noError(t, s.EndDelivery(t.Context(), newID()))
	takeSome(now.Add(time.Minute+2*time.Second), 10, all[1:3])
	takeSome(now.Add(time.Hour), 10, all[1:])

	whose, err := s.Session(t.Context(), all[1])
	noError(t, err)
	for _, except := range [][]string{{whose.ClientID}, {newID(), whose.ClientID}, {whose.ClientID, strange["NUL"]}} {
		got, err := s.TakeDeliveries(t.Context(), now.Add(2*time.Hour), now.Add(2*time.Hour), 10, except...)
		noError(t, err)
		if slices.ContainsFunc(got, func(d storage.Delivery) bool { return d.ClientID == whose.ClientID }) {
			t.Errorf("except %q: %+v", except, got)
		}
	}
	takeSome(now.Add(2*time.Hour), 10, all[1:])
}

func testRetryDelivery(t *testing.T, s Store) {
	session := toldSession(t, s)
	_, err := s.EndSession(t.Context(), session.ID, now, now)
	noError(t, err)
	for i := range 3 {
		at := now.Add(time.Duration(i) * time.Hour)
		got := take(t, s, at)
		if len(got) != 1 || got[0].Attempts != i || !got[0].CreatedAt.Equal(kept(now)) {
			t.Fatalf("before attempt %d: %+v, want one with %d attempts", i+1, got, i)
		}
		noError(t, s.RetryDelivery(t.Context(), got[0].ID, at.Add(time.Hour)))
		same(t, "number of deliveries in between", len(take(t, s, at.Add(59*time.Minute))), 0)
	}
	noError(t, s.RetryDelivery(t.Context(), newID(), now))
}

func testTakeDeliveriesRace(t *testing.T, s Store) {
	var lock sync.Mutex
	var all, taken []string
	for range racers * 3 {
		session := toldSession(t, s)
		all = append(all, session.ID)
		_, err := s.EndSession(t.Context(), session.ID, now, now)
		noError(t, err)
	}
	race(t, func(int) (bool, error) {
		for {
			got, err := s.TakeDeliveries(t.Context(), now, now.Add(time.Minute), 5)
			if err != nil || len(got) == 0 {
				return true, err
			}
			lock.Lock()
			taken = append(taken, ofDeliveries(got)...)
			lock.Unlock()
		}
	})
	slices.Sort(all)
	slices.Sort(taken)
	same(t, "deliveries", taken, all)
}

func testDeliveryOnce(t *testing.T, s Store) {
	session := toldSession(t, s)
	race(t, func(i int) (bool, error) {
		if i%2 == 0 {
			return true, s.EndUserSessions(t.Context(), session.UserID, "", now, now)
		}
		return s.EndSession(t.Context(), session.ID, now, now)
	})
	same(t, "deliveries", ofDeliveries(take(t, s, now)), []string{session.ID})
}
