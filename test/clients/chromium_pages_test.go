package clients_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPagesInChromium looks at every page as people see it: in both languages, light
// and dark, on a phone, a tablet and a desk.
func TestPagesInChromium(t *testing.T) {
	t.Parallel()
	s := start(t)
	const away = "http://127.0.0.1:1"
	for _, language := range []string{"en", "pt-BR"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			app := s.newParty(t, away, "--display-name", "Departamento de Contabilidade e Planejamento", "--tos-uri", "https://example.com/terms")
			authorize := func(more string) string {
				return s.Issuer + "/oauth2/authorize?client_id=" + app.ClientID + "&response_type=code&scope=openid+profile+email+groups+offline_access&state=1&redirect_uri=" +
					url.QueryEscape(away+"/callback") + more
			}
			w := newWindow(t, language)
			w.halt(t, away)
			is := func(name string) {
				t.Helper()
				w.looksGood(t, name+"."+language, language)
			}
			signIn := func(username, password string) {
				t.Helper()
				w.fill(t, "username", username)
				w.fill(t, "password", password)
				w.press(t, "button")
			}

			w.open(t, authorize("&redirect_uri="), "/oauth2/authorize")
			is("problem")
			w.open(t, authorize(""), "/login")
			is("login")
			signIn(s.Admin.Username, "not it, whatever it is")
			w.arrive(t, "/login")
			is("login-wrong")
			signIn(s.Admin.Username, s.Admin.Password)
			w.arrive(t, "/consent")
			is("consent")
			w.press(t, `button[value="allow"]`)
			w.arrive(t, "/consent")
			is("proceed")
			w.open(t, authorize("&response_mode=form_post"), "/oauth2/authorize")
			is("formpost")
			w.open(t, authorize("&prompt=login"), "/login")
			is("login-again")
			w.open(t, authorize("&prompt=select_account"), "/accounts")
			is("accounts")
			w.open(t, s.Issuer+"/oauth2/logout", "/oauth2/logout")
			is("logout")
			w.press(t, "button:not(.main)")
			w.arrive(t, "/logout")
			is("stayed")
			w.open(t, s.Issuer+"/oauth2/logout", "/oauth2/logout")
			w.press(t, "button.main")
			w.arrive(t, "/logout")
			is("signedout")
			w.open(t, s.Issuer+"/errors", "/errors")
			is("errors")
			w.open(t, s.Issuer+"/errors/AUT-1001", "/errors/AUT-1001")
			is("error")
		})
	}
}

// looksGood holds the page that the window shows to what people, and axe-core,
// expect of it.
func (w *window) looksGood(t *testing.T, name, language string) {
	t.Helper()
	if got := evaluate[string](t, w, `document.documentElement.lang`); got != language && !strings.HasPrefix(name, "error") {
		t.Errorf("%s: in %q", name, got)
	}
	for _, width := range []int64{360, 768, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			w.size(t, width, scheme)
			if got := evaluate[int64](t, w, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s: is %d pixels wide in a window of %d", name, got, width)
			}
			for _, found := range w.axe(t) {
				t.Errorf("%s, %s, %d pixels: %s", name, scheme, width, found)
			}
			w.shoot(t, fmt.Sprintf("%s.%d.%s", name, width, scheme))
		}
	}
	want := evaluate[[]string](t, w, `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), [tabindex='0']")]
		.filter(e => e.checkVisibility()).map(e => e.tagName.toLowerCase() + " " + (e.name || e.innerText).trim())`)
	if got := w.stops(t); !slices.Equal(got, want) {
		t.Errorf("%s: the Tab key goes to %q, want %q", name, got, want)
	}
	if complaints := w.complained(); len(complaints) > 0 {
		t.Errorf("%s: %q", name, complaints)
	}
}

// axe returns what axe-core has to say against the page: violations, and what it
// could not find out.
func (w *window) axe(t *testing.T) []string {
	t.Helper()
	script, missing := os.ReadFile(filepath.Join("node", "node_modules", "axe-core", "axe.min.js"))
	need(t, "node", missing)
	if !evaluate[bool](t, w, `"axe" in window`) {
		evaluate[any](t, w, string(script)+";null")
	}
	return evaluate[[]string](t, w, `axe.run(document, {resultTypes: ["violations", "incomplete"]}).then(found =>
		[...found.violations, ...found.incomplete].map(f => f.id + ": " + f.nodes.map(n => n.html + " " + (n.failureSummary ?? "")).join(" | ")))`)
}

// fill writes into a field, as people do who use the mouse.
func (w *window) fill(t *testing.T, name, value string) {
	t.Helper()
	evaluate[any](t, w, `document.getElementsByName("`+name+`")[0].select(), null`)
	w.keys(t, value)
}

// press clicks on something.
func (w *window) press(t *testing.T, selector string) {
	t.Helper()
	evaluate[any](t, w, `document.querySelector('`+selector+`').click(), null`)
}
