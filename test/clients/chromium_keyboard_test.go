package clients_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"golang.org/x/oauth2"
)

// TestKeyboardInChromium goes the main path with the keyboard alone, with and without
// JavaScript: somebody opens a page, signs in, allows what it asks for, is there, and
// signs out.
func TestKeyboardInChromium(t *testing.T) {
	t.Parallel()
	s := start(t)
	formPost := []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("response_mode", "form_post")}
	for name, tt := range map[string]struct {
		mode    []oauth2.AuthCodeOption
		scripts bool
	}{
		"query":                     {scripts: true},
		"query without scripts":     {},
		"form_post":                 {mode: formPost, scripts: true},
		"form_post without scripts": {mode: formPost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := serve(t, func(base string) http.Handler { return newGoOIDC(t, s, base, nil, tt.mode) })
			w := newWindow(t, "en")
			if !tt.scripts {
				w.withoutScripts(t)
			}
			onward := func() { // what scripts do, if there are any
				if tt.mode != nil && !tt.scripts {
					w.arrive(t, "/consent")
					w.tab(t, "button Continue")
					w.keys(t, kb.Enter)
				}
			}

			w.open(t, base+"/", "/login")
			if at := w.focused(t); at.Name != "input username" || !at.Ring {
				t.Errorf("the keyboard is at first at %+v", at)
			}
			w.keys(t, s.Admin.Username)
			w.tab(t, "input password")
			w.keys(t, "not it"+kb.Enter)
			w.arrive(t, "/login")
			if at := w.focused(t); at.Name != "input password" || !at.Ring {
				t.Errorf("the keyboard is after a wrong password at %+v", at)
			}
			if got := evaluate[string](t, w, `document.getElementById(document.activeElement.getAttribute("aria-describedby")).role`); got != "alert" {
				t.Errorf("the field is described by %q, want an alert", got)
			}
			w.keys(t, s.Admin.Password)
			w.tab(t, "input remember")
			w.keys(t, " ")
			w.tab(t, "button Sign in")
			w.keys(t, kb.Enter)
			w.arrive(t, "/consent")
			w.tab(t, "button decision")
			w.keys(t, kb.Enter)
			onward()
			w.arrive(t, "/callback")
			if got := w.text(t); !strings.Contains(got, s.Admin.Username) {
				t.Errorf("shown: %s", got)
			}
			w.open(t, base+"/logout", "/bye")
			w.open(t, base+"/", "/login")
			if complaints := w.complained(); len(complaints) > 0 {
				t.Errorf("complained of: %q", complaints)
			}
		})
	}
}

// TestBrandInChromium has the pages look like somebody's own.
func TestBrandInChromium(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, content := range map[string]string{
		"logo.svg":  `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="32"><rect width="120" height="32" fill="#7f7f7f"/></svg>`,
		"pages.css": `:root { --accent: #0a4b8f } @media (prefers-color-scheme: dark) { :root { --accent: #8fc1ff; --on-accent: #06192e } }`,
		"config":    "pages:\n  name: Acme ID\n  logo: " + filepath.Join(folder, "logo.svg") + "\n  css: " + filepath.Join(folder, "pages.css") + "\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, "--config", filepath.Join(folder, "config"))
	app := s.newParty(t, "http://127.0.0.1:1")
	w := newWindow(t, "en")
	w.open(t, s.Issuer+"/oauth2/authorize?response_type=code&scope=openid&redirect_uri=http://127.0.0.1:1/callback&client_id="+app.ClientID, "/login")
	w.looksGood(t, "brand.en", "en")
	const button = `getComputedStyle(document.querySelector("button.main")).backgroundColor`
	if got := evaluate[string](t, w, button); got != "rgb(143, 193, 255)" {
		t.Errorf("the button is %s in the dark", got)
	}
	w.size(t, 1280, "light")
	if got := evaluate[string](t, w, button); got != "rgb(10, 75, 143)" {
		t.Errorf("the button is %s", got)
	}
	if got := evaluate[string](t, w, `(logo => logo.alt + " " + logo.naturalWidth)(document.querySelector("header img"))`); got != "Acme ID 120" {
		t.Errorf("the logo is %q", got)
	}
	if got := evaluate[string](t, w, `document.title`); got != "Sign in – Acme ID" {
		t.Errorf("the page is called %q", got)
	}
}
