package signin_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"gatehouse/server/servertest"
)

// agreed are the scopes that Ada has allowed the application.
func (w world) agreed(t *testing.T) []string {
	t.Helper()
	scopes, err := w.Store.Consent(t.Context(), w.UserID, w.application(t))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(scopes)
	return scopes
}

func TestConsent(t *testing.T) {
	t.Parallel()
	each(t, asking, func(t *testing.T, w world) {
		b := w.NewBrowser(t)
		page := at(t, b.Submit(t, at(t, b.Get(t, w.address()), "/login"), w.ada()), "/consent")
		for _, part := range []string{
			"Acme Portal", "Ada Lovelace", "ada@example.com", "See your profile", "app.example.com",
			`href="https://app.example.com/privacy"`, `href="https://app.example.com/terms"`, `href="/accounts?interaction=`,
		} {
			if !strings.Contains(string(page.Body), part) {
				t.Errorf("the page lacks %q", part)
			}
		}
		if strings.Contains(string(page.Body), "New</strong>") {
			t.Error("something is marked as new, though all is")
		}
		signedIn(t, b.Submit(t, page, map[string]string{"decision": "allow"}))
		if got := w.agreed(t); !slices.Equal(got, []string{"openid", "profile"}) {
			t.Errorf("agreed to %q", got)
		}
		signedIn(t, b.Get(t, w.address())) // nobody is asked twice

		page = at(t, b.Get(t, w.address("scope", "openid profile reports")), "/consent")
		if got := strings.Count(string(page.Body), "New</strong>"); got != 1 {
			t.Errorf("%d scopes are marked as new, want 1", got)
		}
		signedIn(t, b.Submit(t, page, map[string]string{"decision": "allow"}))
		if got := w.agreed(t); !slices.Equal(got, []string{"openid", "profile", "reports"}) {
			t.Errorf("agreed to %q", got)
		}
	})
}

func TestDeny(t *testing.T) {
	t.Parallel()
	each(t, asking, func(t *testing.T, w world) {
		b := w.NewBrowser(t)
		b.SignInAs(t, w.UserID, w.Clock.Now())
		page := at(t, b.Get(t, w.address()), "/consent")
		v := b.Submit(t, page, map[string]string{"decision": "deny"})
		if !v.Away || v.Given.Get("error") != "access_denied" || v.Given.Get("code") != "" {
			t.Errorf("at %s: %v, want access_denied", v.URL, v.Given)
		}
		if got := w.agreed(t); len(got) != 0 {
			t.Errorf("agreed to %q", got)
		}
		failed(t, b.Submit(t, page, map[string]string{"decision": "allow"}), http.StatusBadRequest, "AUT-2024")
		at(t, b.Get(t, w.address()), "/consent") // to be asked again
	})
}

func TestNoDecision(t *testing.T) {
	t.Parallel()
	each(t, asking, func(t *testing.T, w world) {
		b := w.NewBrowser(t)
		b.SignInAs(t, w.UserID, w.Clock.Now())
		page := at(t, b.Get(t, w.address()), "/consent")
		for _, decision := range []string{"", "yes", "ALLOW", "allow deny"} {
			at(t, b.Submit(t, page, map[string]string{"decision": decision}), "/consent")
		}
		if got := w.agreed(t); len(got) != 0 {
			t.Errorf("agreed to %q", got)
		}
	})
}

// People agree to what they have seen, as whom they have seen.
func TestConsentToWhatWasShown(t *testing.T) {
	t.Parallel()
	each(t, asking, func(t *testing.T, w world) {
		b, bob := w.both(t)
		allow := map[string]string{"decision": "allow"}
		t.Run("not as another", func(t *testing.T) {
			page := at(t, b.Get(t, w.address()), "/consent")
			chooser := at(t, b.Get(t, "/accounts?interaction="+page.Form["interaction"]), "/accounts")
			at(t, b.Submit(t, chooser, map[string]string{"account": bob}), "/consent")
			again := at(t, b.Submit(t, page, allow), "/consent")
			if !strings.Contains(string(again.Body), "bob@example.com") {
				t.Error("the page asks somebody else")
			}
		})
		t.Run("not to another request", func(t *testing.T) {
			small := at(t, b.Get(t, w.address("scope", "openid")), "/consent")
			large := at(t, b.Get(t, w.address("scope", "openid reports")), "/consent")
			at(t, b.Submit(t, large, map[string]string{"decision": "allow", "shown": small.Form["shown"]}), "/consent")
		})
		t.Run("not after signing out", func(t *testing.T) {
			page := at(t, b.Get(t, w.address()), "/consent")
			for _, id := range []string{w.UserID, bob} {
				if err := w.Store.SignOutEverywhere(t.Context(), id, ""); err != nil {
					t.Fatal(err)
				}
			}
			at(t, b.Get(t, page.URL.String()), "/login")
			at(t, b.Submit(t, page, allow), "/login")
		})
		if got := w.agreed(t); len(got) != 0 {
			t.Errorf("Ada has agreed to %q", got)
		}
	})
}

func TestFormsOfOtherSteps(t *testing.T) {
	t.Parallel()
	each(t, asking, func(t *testing.T, w world) {
		b := w.NewBrowser(t)
		login := at(t, b.Get(t, w.address()), "/login")
		post := func(page servertest.View, path string, values map[string]string) servertest.View {
			page.To = path
			return b.Submit(t, page, values)
		}
		id := "?interaction=" + login.Form["interaction"]
		at(t, b.Get(t, "/consent"+id), "/login")
		at(t, post(login, "/consent", map[string]string{"decision": "allow"}), "/login")
		consent := at(t, b.Submit(t, login, w.ada()), "/consent")
		at(t, b.Get(t, "/login"+id), "/consent")
		at(t, b.Submit(t, login, w.ada()), "/consent") // the form, once more
		at(t, b.Submit(t, login, map[string]string{"username": "nobody", "password": "guess"}), "/consent")
		signedIn(t, b.Submit(t, consent, map[string]string{"decision": "allow"}))
		failed(t, b.Get(t, "/login"+id), http.StatusBadRequest, "AUT-2024")
		failed(t, b.Submit(t, login, w.ada()), http.StatusBadRequest, "AUT-2024")
	})
}
