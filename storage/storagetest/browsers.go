package storagetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

func testBrowsers(t *testing.T, open func(t *testing.T) Store) {
	parallel(t, open(t), map[string]func(t *testing.T, s Store){
		"who signs in is read back":                testBrowser,
		"an unknown browser is not found":          testBrowserUnknown,
		"any bytes of a request can be kept":       testBrowserStrange,
		"a sign-in renews the browser":             testSignInRenews,
		"a sign-in after the end is another's":     testSignInAfterEnd,
		"a sign-in needs the user as they were":    testSignInGuarded,
		"one of many renews a browser":             testSignInRace,
		"the account used last comes first":        testUseAccount,
		"uses of accounts do not mix":              testUseAccountRace,
		"of too many accounts the oldest goes":     testMostAccounts,
		"who is disabled or deleted is signed out": testSignedOut,
		"a user has browsers":                      testBrowsersOfUser,
	})
}

// newSignIn is a sign-in of a user in a new browser.
func newSignIn(userID string) storage.BrowserSignIn {
	return storage.BrowserSignIn{
		Browser: storage.Browser{
			ID: newID(), Hash: []byte(newID()), CreatedAt: kept(now), ExpiresAt: kept(now.Add(720 * time.Hour)),
		},
		Account: storage.Account{UserID: userID, AuthTime: kept(now), LastUsedAt: kept(now), ExpiresAt: kept(now.Add(720 * time.Hour))},
	}
}

// createUser creates a user.
func createUser(t *testing.T, s Store) identity.User {
	t.Helper()
	user := newUser()
	noError(t, s.CreateUser(t.Context(), user))
	return user
}

// signIn signs a new user in in a new browser.
func signIn(t *testing.T, s Store) (identity.User, storage.Browser) {
	t.Helper()
	user := createUser(t, s)
	in := newSignIn(user.ID)
	noError(t, s.SignInBrowser(t.Context(), in))
	in.Browser.Accounts = []storage.Account{in.Account}
	return user, in.Browser
}

// browserWith returns the browser with a hash.
func browserWith(t *testing.T, s Store, hash []byte) storage.Browser {
	t.Helper()
	got, ok, err := s.Browser(t.Context(), hash, now)
	noError(t, err)
	if !ok {
		t.Fatal("there is no such browser")
	}
	return got
}

// accountsOf returns who is signed in in the browser with a hash.
func accountsOf(t *testing.T, s Store, hash []byte) []string {
	t.Helper()
	var ids []string
	for _, account := range browserWith(t, s, hash).Accounts {
		ids = append(ids, account.UserID)
	}
	return ids
}

func testBrowser(t *testing.T, s Store) {
	user := createUser(t, s)
	in := newSignIn(user.ID)
	in.Browser.Address, in.Browser.UserAgent = "2001:db8::1", "Mozilla/5.0 (ação)"
	in.Browser.CreatedAt, in.Browser.ExpiresAt = now, now.Add(time.Hour)
	in.Account.AuthTime, in.Account.LastUsedAt = now.Add(-time.Minute), now.Truncate(time.Minute)
	in.Account.Remembered, in.Account.ExpiresAt = true, in.Browser.ExpiresAt
	in.Account.ACR, in.Account.AMR = "urn:example:gold", []string{"pwd", "otp"}
	in.Password, in.SignedIn = user.PasswordHash, signedIn(user.ID, kept(now))
	noError(t, s.SignInBrowser(t.Context(), in))

	want := in.Browser
	want.Accounts = []storage.Account{in.Account}
	for _, at := range []*time.Time{
		&want.CreatedAt, &want.ExpiresAt, &want.Accounts[0].AuthTime, &want.Accounts[0].LastUsedAt, &want.Accounts[0].ExpiresAt,
	} {
		*at = kept(*at)
	}
	same(t, "Browser()", browserWith(t, s, in.Browser.Hash), want)
	wantSignedIn(t, s, user.ID, 1, now)
	if _, ok, err := s.Browser(t.Context(), in.Browser.Hash, in.Browser.ExpiresAt); ok || err != nil {
		t.Errorf("Browser() at its end = %v, %v, want false", ok, err)
	}
}

func testBrowserUnknown(t *testing.T, s Store) {
	for _, hash := range [][]byte{nil, {}, []byte(newID())} {
		if _, ok, err := s.Browser(t.Context(), hash, now); ok || err != nil {
			t.Errorf("Browser() = %v, %v, want false", ok, err)
		}
	}
	ids := map[string]string{"unknown": newID(), "empty": ""}
	for name, text := range strange {
		ids[name] = text
	}
	for name, id := range ids {
		noError(t, s.UseAccount(t.Context(), id, id, now))
		noError(t, s.SignOutEverywhere(t.Context(), id, id))
		if ended, err := s.LeaveBrowser(t.Context(), id, id, now, now); len(ended) > 0 || err != nil {
			t.Errorf("LeaveBrowser(%s) = %v, %v, want nothing", name, ended, err)
		}
	}
}

func testBrowserStrange(t *testing.T, s Store) {
	for name, text := range strange {
		in := newSignIn(createUser(t, s).ID)
		in.Browser.Address, in.Browser.UserAgent, in.Account.ACR = text, text, text
		noError(t, s.SignInBrowser(t.Context(), in))
		if got := accountsOf(t, s, in.Browser.Hash); len(got) != 1 {
			t.Errorf("%s: accounts %v, want one", name, got)
		}
	}
}

func testSignInRenews(t *testing.T, s Store) {
	user, first := signIn(t, s)
	for _, other := range []bool{true, false} { // somebody else, then the same again
		in := newSignIn(user.ID)
		if other {
			in.Account.UserID = createUser(t, s).ID
		}
		in.Old, in.Account.Remembered, in.Browser.Address, in.Account.ACR = first.Hash, other, "203.0.113.7", "gold"
		in.Account.ExpiresAt, in.Account.AuthTime = kept(now.Add(time.Hour)), kept(now.Add(time.Minute)) // the other's is later
		noError(t, s.SignInBrowser(t.Context(), in))
		if _, ok, err := s.Browser(t.Context(), first.Hash, now); ok || err != nil {
			t.Errorf("Browser() by the old hash = %v, %v, want false", ok, err)
		}
		want := in.Browser
		want.ID, want.Accounts = first.ID, []storage.Account{in.Account}
		want.Accounts = append(want.Accounts, slices.DeleteFunc(first.Accounts, func(a storage.Account) bool {
			return a.UserID == in.Account.UserID
		})...)
		first = browserWith(t, s, in.Browser.Hash)
		same(t, "Browser()", first, want)
	}
}

func testSignInAfterEnd(t *testing.T, s Store) {
	user, gone := signIn(t, s)
	_, err := s.LeaveBrowser(t.Context(), gone.ID, "", now, now)
	noError(t, err)
	_, over := signIn(t, s)
	for name, old := range map[string][]byte{"gone": gone.Hash, "over": over.Hash, "unknown": []byte(newID())} {
		in := newSignIn(user.ID)
		in.Old, in.Browser.CreatedAt, in.Account.ExpiresAt = old, over.ExpiresAt, over.ExpiresAt.Add(time.Hour)
		noError(t, s.SignInBrowser(t.Context(), in))
		got := browserWith(t, s, in.Browser.Hash)
		if got.ID != in.Browser.ID || len(got.Accounts) != 1 || !got.CreatedAt.Equal(in.Browser.CreatedAt) {
			t.Errorf("after one that is %s: %+v, want a new one", name, got)
		}
	}
}

func testSignInGuarded(t *testing.T, s Store) {
	user, browser := signIn(t, s)
	disabled := createUser(t, s)
	noError(t, DisableUser(t.Context(), s, disabled.ID, true, now))
	for name, change := range map[string]func(in *storage.BrowserSignIn){
		"has another password": func(in *storage.BrowserSignIn) { in.Password = "$old$" },
		"is disabled":          func(in *storage.BrowserSignIn) { in.Account.UserID = disabled.ID },
		"is gone":              func(in *storage.BrowserSignIn) { in.Account.UserID = newID() },
		"cannot be":            func(in *storage.BrowserSignIn) { in.Account.UserID = strange["NUL"] },
	} {
		for _, old := range [][]byte{nil, browser.Hash} {
			in := newSignIn(user.ID)
			in.Old, in.SignedIn = old, signedIn(user.ID, kept(now))
			change(&in)
			if err := s.SignInBrowser(t.Context(), in); !errors.Is(err, errors.Unavailable) {
				t.Errorf("SignInBrowser() of one who %s = %v, want Unavailable", name, err)
			}
			if _, ok, err := s.Browser(t.Context(), in.Browser.Hash, now); ok || err != nil {
				t.Errorf("the browser of one who %s: %v, %v, want none", name, ok, err)
			}
		}
	}
	same(t, "Browser()", browserWith(t, s, browser.Hash), browser)
}

// Of those who show the same cookie one goes on with the browser. The others
// leave nothing behind.
func testSignInRace(t *testing.T, s Store) {
	user, browser := signIn(t, s)
	hashes := make([][]byte, racers)
	won := race(t, func(i int) (bool, error) {
		in := newSignIn(user.ID)
		in.Old, hashes[i] = browser.Hash, in.Browser.Hash
		err := s.SignInBrowser(t.Context(), in)
		if errors.Is(err, errors.Unavailable) {
			return false, nil
		}
		return err == nil, err
	})
	found := 0
	for _, hash := range hashes {
		got, ok, err := s.Browser(t.Context(), hash, now)
		noError(t, err)
		if ok {
			found++
			same(t, "id", got.ID, browser.ID)
		}
	}
	if won != 1 || found != 1 {
		t.Errorf("%d of %d renewed the browser, %d are found, want 1", won, racers, found)
	}
}

func testUseAccount(t *testing.T, s Store) {
	ada, browser := signIn(t, s)
	bea := createUser(t, s)
	in := newSignIn(bea.ID)
	in.Old = browser.Hash
	noError(t, s.SignInBrowser(t.Context(), in))
	same(t, "accounts", accountsOf(t, s, in.Browser.Hash), []string{bea.ID, ada.ID})

	noError(t, s.UseAccount(t.Context(), browser.ID, ada.ID, now)) // in the same minute
	same(t, "accounts", accountsOf(t, s, in.Browser.Hash), []string{ada.ID, bea.ID})
	later := now.Add(time.Minute)
	noError(t, s.UseAccount(t.Context(), browser.ID, bea.ID, later))
	noError(t, s.UseAccount(t.Context(), browser.ID, newID(), later.Add(time.Hour)))
	got := browserWith(t, s, in.Browser.Hash)
	same(t, "LastUsedAt of the account", got.Accounts[0].LastUsedAt, kept(later))
	same(t, "LastUsedAt of the other", got.Accounts[1].LastUsedAt, kept(now))
	same(t, "accounts", accountsOf(t, s, in.Browser.Hash), []string{bea.ID, ada.ID})
}

func testUseAccountRace(t *testing.T, s Store) {
	ada, browser := signIn(t, s)
	bea := createUser(t, s)
	in := newSignIn(bea.ID)
	in.Old = browser.Hash
	noError(t, s.SignInBrowser(t.Context(), in))
	race(t, func(i int) (bool, error) {
		return true, s.UseAccount(t.Context(), browser.ID, []string{ada.ID, bea.ID}[i%2], now)
	})
	if got := accountsOf(t, s, in.Browser.Hash); len(got) != 2 || got[0] == got[1] {
		t.Errorf("accounts = %v, want both", got)
	}
}

func testMostAccounts(t *testing.T, s Store) {
	first, browser := signIn(t, s)
	session := begin(t, s, first.ID, browser.ID)
	hash, want := browser.Hash, []string{first.ID}
	for i := range 10 {
		in := newSignIn(createUser(t, s).ID)
		in.Old, hash = hash, in.Browser.Hash
		want = slices.Insert(want, 0, in.Account.UserID)
		if i == 9 {
			same(t, "EndedAt before", endedAt(t, s, session.ID), time.Time{})
		}
		noError(t, s.SignInBrowser(t.Context(), in))
	}
	same(t, "accounts", accountsOf(t, s, hash), want[:10])
	same(t, "EndedAt of the first one's session", endedAt(t, s, session.ID), kept(now))
}

func testBrowsersOfUser(t *testing.T, s Store) {
	user, first := signIn(t, s)
	later := newSignIn(user.ID)
	later.Account.AuthTime, later.Account.ExpiresAt = kept(now.Add(time.Minute)), kept(now.Add(time.Hour))
	noError(t, s.SignInBrowser(t.Context(), later))
	other := newSignIn(createUser(t, s).ID)
	other.Old = first.Hash
	noError(t, s.SignInBrowser(t.Context(), other))
	for at, want := range map[time.Time][]string{now: {later.Browser.ID, first.ID}, later.Account.ExpiresAt: {first.ID}, first.ExpiresAt: nil} {
		browsers, err := s.BrowsersOfUser(t.Context(), user.ID, at)
		noError(t, err)
		var ids []string
		for _, b := range browsers {
			if ids = append(ids, b.ID); len(b.Accounts) != 1 || b.Accounts[0].UserID != user.ID {
				t.Errorf("accounts: %+v", b.Accounts)
			}
		}
		same(t, "browsers", ids, want)
	}
	known := browserWith(t, s, later.Browser.Hash)
	browsers, err := s.BrowsersOfUser(t.Context(), user.ID, now)
	noError(t, err)
	same(t, "entry", browsers[0], known)
	noError(t, DisableUser(t.Context(), s, user.ID, true, now))
	for name, id := range map[string]string{"disabled": user.ID, "unknown": newID(), "empty": "", "strange": strange["NUL"]} {
		if browsers, err := s.BrowsersOfUser(t.Context(), id, now); len(browsers) > 0 || err != nil {
			t.Errorf("BrowsersOfUser(%s) = %v, %v, want none", name, browsers, err)
		}
	}
}

func testSignedOut(t *testing.T, s Store) {
	for name, end := range map[string]func(ctx context.Context, id string) error{
		"disabled": func(ctx context.Context, id string) error { return DisableUser(ctx, s, id, true, now) },
		"deleted":  func(ctx context.Context, id string) error { return s.DeleteUser(ctx, id, now) },
	} {
		user, browser := signIn(t, s)
		other := newSignIn(createUser(t, s).ID)
		other.Old = browser.Hash
		noError(t, s.SignInBrowser(t.Context(), other))
		noError(t, end(t.Context(), user.ID))
		same(t, "accounts after one was "+name, accountsOf(t, s, other.Browser.Hash), []string{other.Account.UserID})
		if name == "disabled" {
			noError(t, DisableUser(t.Context(), s, user.ID, false, now))
			same(t, "accounts after they were enabled", accountsOf(t, s, other.Browser.Hash), []string{other.Account.UserID})
		}
	}
}
