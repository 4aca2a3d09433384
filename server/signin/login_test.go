package signin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server"
	"gatehouse/server/ratelimit"
	"gatehouse/server/servertest"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	each(t, trusted, func(t *testing.T, w world) {
		b := w.NewBrowser(t)
		page := at(t, b.Get(t, w.address()), "/login")
		if !strings.Contains(string(page.Body), "Acme Portal") {
			t.Error("the page does not name the application")
		}
		signedIn(t, b.Submit(t, page, w.ada()))
		signedIn(t, b.Get(t, w.address())) // without a page
	})
}

func TestWrongSignIns(t *testing.T) {
	t.Parallel()
	each(t, trusted, func(t *testing.T, w world) {
		b := w.NewBrowser(t)
		page := at(t, b.Get(t, w.address()), "/login")
		for _, tt := range []struct {
			name               string
			username, password string
			says               string
		}{
			{"wrong password", "ada", "guess", saysWrong},
			{"unknown user", "nobody", "guess", saysWrong},
			{"no username", "", "guess", saysNoUsername},
			{"no password", "ada", "", saysNoPassword},
			{"neither", "", "", saysNoUsername},
			{"a long username", strings.Repeat("a", 10_000), "guess", saysWrong},
			{"a long password", "ada", strings.Repeat("guess", 10_000), saysWrong},
			{"markup", `"><script>alert(1)</script>`, "guess", saysWrong},
		} {
			v := refused(t, b.Submit(t, page, map[string]string{"username": tt.username, "password": tt.password}), http.StatusBadRequest, tt.says)
			if strings.Contains(string(v.Body), "<script") {
				t.Errorf("%s: markup gets onto the page", tt.name)
			}
			if want := tt.username[:min(len(tt.username), 255)]; v.Form["username"] != want {
				t.Errorf("%s: the field has %q, want %q", tt.name, v.Form["username"], want)
			}
		}
		signedIn(t, b.Submit(t, page, w.ada()))
	})
}

// Whether somebody is there, is disabled, or has a frozen account: nobody can tell.
func TestNobodyIsGivenAway(t *testing.T) {
	t.Parallel()
	each(t, trusted, func(t *testing.T, w world) {
		w.DisableUser(t, w.NewUser(t, w.Admin(t), "disabled", identity.AdminGroup))
		w.NewUser(t, w.Admin(t), "frozen", identity.AdminGroup)
		b := w.NewBrowser(t)
		page := at(t, b.Get(t, w.address()), "/login")
		try := func(username, password string) servertest.View {
			return b.Submit(t, page, map[string]string{"username": username, "password": password})
		}
		for range 5 {
			try("frozen", "guess")
		}
		want := try("ada", "guess")
		for username, password := range map[string]string{"nobody": "guess", "disabled": "guess", "frozen": servertest.NewPassword, "ADA": "guess"} {
			got := try(username, password)
			if body := strings.ReplaceAll(string(got.Body), username, "ada"); body != string(want.Body) || got.Status != want.Status {
				t.Errorf("%s is answered %d %s\nada %d %s", username, got.Status, got.Body, want.Status, want.Body)
			}
			for _, header := range []http.Header{got.Header, want.Header} {
				header.Del("X-Request-Id")
				header.Del("Date")
				header.Del("Content-Length")
			}
			if g, w := asText(got.Header), asText(want.Header); g != w {
				t.Errorf("%s is answered with\n%s\nada with\n%s", username, g, w)
			}
		}
	})
}

func asText(h http.Header) string {
	var out strings.Builder
	_ = h.Write(&out)
	return out.String()
}

func TestPasswordsLeaveNoTrace(t *testing.T) {
	t.Parallel()
	each(t, trusted, func(t *testing.T, w world) {
		b := w.NewBrowser(t)
		page := at(t, b.Get(t, w.address()), "/login")
		v := b.Submit(t, page, map[string]string{"username": "ada", "password": "secret-guess-42"})
		if strings.Contains(string(v.Body), "secret-guess-42") {
			t.Error("the page has the password that was sent")
		}
		signedIn(t, b.Submit(t, page, w.ada()))
		for _, password := range []string{"secret-guess-42", w.Password} {
			if strings.Contains(w.Log.String(), password) {
				t.Error("the log has a password")
			}
		}
	})
}

func TestTooManySignIns(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{Config: func(c *server.Config) { c.RateLimit = ratelimit.Config{PerMinute: 6} }})
	w := newWorld(t, s, trusted)
	b := w.NewBrowser(t)
	page := at(t, b.Get(t, w.address()), "/login")
	for range 10 {
		v := b.Submit(t, page, map[string]string{"username": "nobody", "password": "guess"})
		if v.Status == http.StatusTooManyRequests {
			refused(t, v, http.StatusTooManyRequests, saysTooMany)
			if v.Header.Get("Retry-After") == "" {
				t.Error("nobody is told when to try again")
			}
			return
		}
	}
	t.Error("any number of forms is taken")
}

func TestRemember(t *testing.T) {
	t.Parallel()
	each(t, trusted, func(t *testing.T, w world) {
		for _, tt := range []struct {
			box  string
			days time.Duration
			in   bool
		}{{"", 0, true}, {"", 1, false}, {"yes", 29, true}, {"yes", 30, false}, {"on", 1, false}} {
			b := w.NewBrowser(t)
			form := w.ada()
			if tt.box != "" {
				form["remember"] = tt.box
			}
			signedIn(t, b.Submit(t, at(t, b.Get(t, w.address()), "/login"), form))
			w.Clock.Advance(tt.days * 24 * time.Hour)
			if v := b.Get(t, w.address()); v.Away != tt.in {
				t.Errorf("box %q, after %d days: at %s", tt.box, tt.days, v.URL)
			}
		}
	})
}

func TestRememberCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{Config: func(c *server.Config) { c.Browser.Remember = -1 }})
	w := newWorld(t, s, trusted)
	b := w.NewBrowser(t)
	page := at(t, b.Get(t, w.address()), "/login")
	if strings.Contains(string(page.Body), `name="remember"`) {
		t.Error("the page has the box")
	}
	form := w.ada()
	form["remember"] = "yes"
	signedIn(t, b.Submit(t, page, form))
	w.Clock.Advance(24 * time.Hour)
	at(t, b.Get(t, w.address()), "/login")
}

func TestWhoHasToSignIn(t *testing.T) {
	t.Parallel()
	each(t, trusted, func(t *testing.T, w world) {
		w.NewUser(t, w.Admin(t), "bob", identity.AdminGroup)
		bob := map[string]string{"username": "bob", "password": servertest.NewPassword}
		hint := w.hint(t)

		b := w.NewBrowser(t)
		page := at(t, b.Get(t, w.address("id_token_hint", hint)), "/login")
		if body := string(page.Body); strings.Contains(body, "Lovelace") || strings.Contains(body, "ada@") || page.Form["username"] != "" {
			t.Errorf("the page says who somebody is who is not signed in: %s", body)
		}
		refused(t, b.Submit(t, page, bob), http.StatusBadRequest, saysAnother+"Sign in as <bdi>Ada Lovelace</bdi>.")
		at(t, b.Get(t, w.address()), "/login") // nobody is signed in now
		signedIn(t, b.Submit(t, page, w.ada()))

		page = at(t, b.Get(t, w.address("id_token_hint", hint, "prompt", "login")), "/login")
		if body := string(page.Body); !strings.Contains(body, "Ada Lovelace") || page.Form["username"] != "ada" || !strings.Contains(body, `href="/accounts?interaction=`) {
			t.Errorf("the page does not say who has to sign in again: %s", body)
		}
		v := refused(t, b.Submit(t, page, bob), http.StatusBadRequest, saysAnother)
		if v.Form["username"] != "ada" {
			t.Errorf("the page is about %q", v.Form["username"])
		}
		signedIn(t, b.Submit(t, v, map[string]string{"password": w.Password}))
	})
}

func TestHints(t *testing.T) {
	t.Parallel()
	each(t, trusted, func(t *testing.T, w world) {
		b := w.NewBrowser(t)
		for hint, want := range map[string]string{"ada": "ada", "": "", `"><img src=x>`: `"><img src=x>`, strings.Repeat("é", 200): strings.Repeat("é", 127)} {
			if page := at(t, b.Get(t, w.address("login_hint", hint)), "/login"); page.Form["username"] != want {
				t.Errorf("login_hint %q: the field has %q, want %q", hint, page.Form["username"], want)
			}
		}
		for locales, want := range map[string]string{"pt": "pt-BR", "fr pt-PT": "pt-BR", "fr": "en", "": "en", "<x>": "en"} {
			page := at(t, b.Get(t, w.address("ui_locales", locales)), "/login")
			if got := page.Header.Get("Content-Language"); got != want {
				t.Errorf("ui_locales %q: in %s, want %s", locales, got, want)
			}
			if want == "en" {
				continue
			}
			v := b.Submit(t, page, map[string]string{"username": "nobody", "password": "guess"})
			if got := v.Header.Get("Content-Language"); got != want {
				t.Errorf("ui_locales %q: once more in %s, want %s", locales, got, want)
			}
		}
		b.Header.Set("Accept-Language", "pt-BR,pt;q=0.9,en;q=0.8")
		if page := at(t, b.Get(t, w.address()), "/login"); page.Header.Get("Content-Language") != "pt-BR" {
			t.Error("the browser's language is not that of the page")
		}
		if page := at(t, b.Get(t, w.address("ui_locales", "en")), "/login"); page.Header.Get("Content-Language") != "en" {
			t.Error("the browser's language counts more than ui_locales")
		}
	})
}

func TestApplicationThatGoesMeanwhile(t *testing.T) {
	t.Parallel()
	each(t, trusted, func(t *testing.T, w world) {
		b := w.NewBrowser(t)
		page := at(t, b.Get(t, w.address()), "/login")
		w.DisableApplication(t, w.clientID, true)
		failed(t, b.Get(t, page.URL.String()), http.StatusBadRequest, "AUT-1004")
		failed(t, b.Submit(t, page, w.ada()), http.StatusBadRequest, "AUT-1004")
		w.DisableApplication(t, w.clientID, false)
		signedIn(t, b.Submit(t, page, w.ada()))
	})
}
