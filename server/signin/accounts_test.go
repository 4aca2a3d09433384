package signin_test

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// choices are the accounts that a page offers, in their order.
func choices(v servertest.View) []string {
	var ids []string
	for part := range strings.SplitSeq(string(v.Body), `name="account" value="`) {
		id, _, found := strings.Cut(part, `"`)
		if found && !strings.HasPrefix(part, "<!doctype") {
			ids = append(ids, id)
		}
	}
	return ids
}

// both returns a browser in which Bob, and after him Ada, is signed in.
func (w world) both(t *testing.T) (b *servertest.Browser, bob string) {
	t.Helper()
	bob = w.NewUser(t, w.Admin(t), "bob", identity.AdminGroup)
	b = w.NewBrowser(t)
	b.SignInAs(t, bob, w.Clock.Now())
	b.SignInAs(t, w.UserID, w.Clock.Now())
	return b, bob
}

func TestChoose(t *testing.T) {
	t.Parallel()
	each(t, trusted, func(t *testing.T, w world) {
		b, bob := w.both(t)
		choose := func() servertest.View { return at(t, b.Get(t, w.address("prompt", "select_account")), "/accounts") }
		t.Run("one of those that are signed in", func(t *testing.T) {
			page := choose()
			if got := choices(page); strings.Join(got, " ") != w.UserID+" "+bob+" " {
				t.Errorf("choices: %q, want Ada, Bob, and another", got)
			}
			signedIn(t, b.Submit(t, page, map[string]string{"account": bob}))
			if got := choices(choose()); got[0] != bob {
				t.Errorf("choices: %q, want who was used last first", got)
			}
		})
		t.Run("another", func(t *testing.T) {
			page := at(t, b.Submit(t, choose(), map[string]string{"account": ""}), "/login")
			if page.Form["username"] != "" {
				t.Errorf("the page is about %q", page.Form["username"])
			}
			signedIn(t, b.Submit(t, page, w.ada()))
		})
		t.Run("somebody who is not signed in", func(t *testing.T) {
			for _, id := range []string{w.SomeUser(t, "carol"), "nobody", `'"<`, strings.Repeat("x", 10_000)} {
				at(t, b.Submit(t, choose(), map[string]string{"account": id}), "/accounts")
			}
		})
		t.Run("in two tabs", func(t *testing.T) {
			page := choose()
			at(t, b.Submit(t, page, map[string]string{"account": ""}), "/login")
			signedIn(t, b.Submit(t, page, map[string]string{"account": bob}))
			failed(t, b.Submit(t, page, map[string]string{"account": bob}), http.StatusBadRequest, "AUT-2024")
		})
		t.Run("who was disabled meanwhile", func(t *testing.T) {
			page := choose()
			w.DisableUser(t, bob)
			page = at(t, b.Submit(t, page, map[string]string{"account": bob}), "/accounts")
			if got := choices(page); strings.Join(got, " ") != w.UserID+" " {
				t.Errorf("choices: %q, want Ada and another", got)
			}
		})
	})
}

func TestSwitchOnTheWay(t *testing.T) {
	t.Parallel()
	each(t, asking, func(t *testing.T, w world) {
		b, bob := w.both(t)
		page := at(t, b.Get(t, w.address()), "/consent")
		page = at(t, b.Get(t, "/accounts?interaction="+page.Form["interaction"]), "/accounts")
		page = at(t, b.Submit(t, page, map[string]string{"account": bob}), "/consent")
		if !strings.Contains(string(page.Body), "bob@example.com") {
			t.Error("the page asks somebody else")
		}
		signedIn(t, b.Submit(t, page, map[string]string{"decision": "allow"}))
		for id, want := range map[string]int{bob: 2, w.UserID: 0} {
			if got, err := w.Store.Consent(t.Context(), id, w.application(t)); err != nil || len(got) != want {
				t.Errorf("%s has allowed %v (%v), want %d scopes", id, got, err, want)
			}
		}
	})
}

func TestNothingToChooseFrom(t *testing.T) {
	t.Parallel()
	each(t, trusted, func(t *testing.T, w world) {
		b := w.NewBrowser(t)
		page := at(t, b.Get(t, w.address("prompt", "select_account")), "/login")
		at(t, b.Get(t, "/accounts?interaction="+page.Form["interaction"]), "/login")
	})
}

// application is the id of the application.
func (w world) application(t *testing.T) string {
	t.Helper()
	app, err := w.Store.ApplicationByClientID(t.Context(), w.clientID)
	if err != nil {
		t.Fatal(err)
	}
	return app.ID
}
