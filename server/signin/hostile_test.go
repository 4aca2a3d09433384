package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gatehouse/server/servertest"
)

// forms are the pages with a form, each with what brings a browser there and a
// right answer.
func (w world) forms(t *testing.T) map[string]func() (*servertest.Browser, servertest.View, map[string]string) {
	t.Helper()
	open := func(path string, pairs ...string) (*servertest.Browser, servertest.View) {
		b := w.NewBrowser(t)
		if path != "/login" {
			b.SignInAs(t, w.UserID, w.Clock.Now())
		}
		return b, at(t, b.Get(t, w.address(pairs...)), path)
	}
	return map[string]func() (*servertest.Browser, servertest.View, map[string]string){
		"/login": func() (*servertest.Browser, servertest.View, map[string]string) {
			b, v := open("/login")
			return b, v, w.ada()
		},
		"/accounts": func() (*servertest.Browser, servertest.View, map[string]string) {
			b, v := open("/accounts", "prompt", "select_account")
			return b, v, map[string]string{"account": w.UserID}
		},
		"/consent": func() (*servertest.Browser, servertest.View, map[string]string) {
			b, v := open("/consent")
			return b, v, map[string]string{"decision": "allow"}
		},
	}
}

func TestForgedForms(t *testing.T) {
	t.Parallel()
	each(t, asking, func(t *testing.T, w world) {
		other := w.NewBrowser(t)
		foreign := at(t, other.Get(t, w.address()), "/login").Form["csrf_token"]
		for path, open := range w.forms(t) {
			for name, forge := range map[string]func(b *servertest.Browser, v servertest.View){
				"no token":          func(_ *servertest.Browser, v servertest.View) { delete(v.Form, "csrf_token") },
				"an empty token":    func(_ *servertest.Browser, v servertest.View) { v.Form["csrf_token"] = "" },
				"a foreign token":   func(_ *servertest.Browser, v servertest.View) { v.Form["csrf_token"] = foreign },
				"another site":      func(b *servertest.Browser, _ servertest.View) { b.Header.Set("Sec-Fetch-Site", "cross-site") },
				"another subdomain": func(b *servertest.Browser, _ servertest.View) { b.Header.Set("Sec-Fetch-Site", "same-site") },
			} {
				b, page, values := open()
				token := page.Form["csrf_token"]
				forge(b, page)
				v := b.Submit(t, page, values)
				if path == "/login" {
					if refused(t, v, http.StatusForbidden, saysExpired).Form["username"] != "" {
						t.Errorf("%s: the page has what a forged form has sent", name)
					}
				} else {
					failed(t, v, http.StatusForbidden, "AUT-2025")
				}
				if got := w.agreed(t); len(got) != 0 {
					t.Fatalf("%s, %s: a forged form has allowed %q", path, name, got)
				}
				b.Header.Del("Sec-Fetch-Site")
				page.Form["csrf_token"] = token
				if v := b.Submit(t, page, values); v.Status != http.StatusOK && !v.Away {
					t.Errorf("%s, %s: the right form then gets %d", path, name, v.Status)
				}
				if err := w.withdraw(t); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// withdraw takes back what Ada has allowed.
func (w world) withdraw(t *testing.T) error {
	t.Helper()
	_, err := w.Store.WithdrawConsent(t.Context(), w.UserID, w.application(t), w.Clock.Now(), w.Clock.Now())
	return err
}

// An interaction is worth nothing in another browser, whoever is signed in there.
func TestAnotherBrowser(t *testing.T) {
	t.Parallel()
	each(t, asking, func(t *testing.T, w world) {
		for path, open := range w.forms(t) {
			_, page, values := open()
			b := w.NewBrowser(t)
			b.SignInAs(t, w.UserID, w.Clock.Now())
			failed(t, b.Get(t, page.URL.String()), http.StatusBadRequest, "AUT-2024")
			failed(t, b.Submit(t, page, values), http.StatusBadRequest, "AUT-2024")
			failed(t, b.Get(t, "/oauth2/authorize?interaction="+page.Form["interaction"]), http.StatusBadRequest, "AUT-2024")
			if got := w.agreed(t); len(got) != 0 {
				t.Errorf("%s: another browser has allowed %q", path, got)
			}
		}
	})
}

// Each page and each refusal keeps others from framing, keeping or reaching it.
func TestHeaders(t *testing.T) {
	t.Parallel()
	each(t, asking, func(t *testing.T, w world) {
		views := map[string]servertest.View{"error": w.NewBrowser(t).Get(t, "/login")}
		for path, open := range w.forms(t) {
			b, page, _ := open()
			views[path] = page
			delete(page.Form, "csrf_token")
			views[path+", refused"] = b.Submit(t, page, nil)
		}
		for name, v := range views {
			for header, want := range map[string]string{
				"X-Frame-Options": "DENY", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
				"Cross-Origin-Opener-Policy": "same-origin", "Content-Language": "en", "Content-Type": "text/html; charset=UTF-8",
			} {
				if got := v.Header.Get(header); got != want {
					t.Errorf("%s: %s: %q, want %q", name, header, got, want)
				}
			}
			policy := v.Header.Get("Content-Security-Policy")
			for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action '"} {
				if !strings.Contains(policy, part) {
					t.Errorf("%s: the policy %q lacks %s", name, policy, part)
				}
			}
			if strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src") {
				t.Errorf("%s: the policy is %q", name, policy)
			}
		}
	})
}

// Applications that ask for a window of their own have to reach it afterwards.
func TestPopup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, servertest.Start(t, servertest.Options{}), asking)
	b := w.NewBrowser(t)
	page := at(t, b.Get(t, w.address("display", "popup")), "/login")
	if got := page.Header.Get("Cross-Origin-Opener-Policy"); got != "" {
		t.Errorf("Cross-Origin-Opener-Policy: %s", got)
	}
	if v := b.Submit(t, page, w.ada()); v.Header.Get("Cross-Origin-Opener-Policy") != "" {
		t.Error("the next page has another policy")
	}
}

func TestHostileForms(t *testing.T) {
	t.Parallel()
	each(t, asking, func(t *testing.T, w world) {
		page := servertest.Header("Accept", "text/html")
		const form = "application/x-www-form-urlencoded"
		for _, path := range []string{"/login", "/accounts", "/consent"} {
			for _, tt := range []struct {
				name, media, body string
				status            int
				code              string
			}{
				{"no body", "", "", http.StatusBadRequest, "AUT-2024"},
				{"no interaction", form, "csrf_token=x&username=ada&password=guess", http.StatusBadRequest, "AUT-2024"},
				{"JSON", "application/json", `{"interaction":"x"}`, http.StatusUnsupportedMediaType, "AUT-2004"},
				{"multipart", "multipart/form-data; boundary=x", "--x--", http.StatusUnsupportedMediaType, "AUT-2004"},
				{"twice", form, "interaction=a&interaction=b", http.StatusBadRequest, "AUT-0009"},
				{"NUL", form, "interaction=%00", http.StatusBadRequest, "AUT-0009"},
				{"not UTF-8", form, "interaction=%ff", http.StatusBadRequest, "AUT-0009"},
				{"a broken escape", form, "interaction=%zz", http.StatusBadRequest, "AUT-0009"},
				{"10 MB", form, "interaction=" + strings.Repeat("a", 10<<20), http.StatusRequestEntityTooLarge, "AUT-2003"},
				{"SQL", form, "interaction=" + url.QueryEscape("' OR '1'='1"), http.StatusBadRequest, "AUT-2024"},
			} {
				a := w.Send(t, http.MethodPost, path, tt.media, []byte(tt.body), page)
				if a.Status != tt.status || !strings.Contains(string(a.Body), ">"+tt.code+"<") {
					t.Errorf("%s, %s: %d %s, want %d and %s", path, tt.name, a.Status, a.Body, tt.status, tt.code)
				}
			}
			for _, query := range []string{"", "?interaction=", "?interaction=%00", "?interaction=%ff", "?interaction=" + strings.Repeat("a", 8<<10), "?interaction[]=x", "?%zz"} {
				a := w.Get(t, path+query, page)
				if a.Status != http.StatusBadRequest || !strings.Contains(string(a.Body), ">AUT-2024<") {
					t.Errorf("%s%.30s: %d %s", path, query, a.Status, a.Body)
				}
			}
			if a := w.Send(t, http.MethodPut, path, "", nil, page); a.Status != http.StatusMethodNotAllowed {
				t.Errorf("PUT %s: %d", path, a.Status)
			}
		}
	})
}

// Who does not ask for pages gets JSON, as everywhere.
func TestErrorsForPrograms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, servertest.Start(t, servertest.Options{}), asking)
	for accept, page := range map[string]bool{
		"": false, "*/*": false, "application/json": false, "application/json, text/html;q=0.9": false, "text/html;q=0": false,
		"text/html": true, "text/html,application/xhtml+xml,*/*;q=0.8": true,
	} {
		for _, path := range []string{"/login", "/accounts", "/consent", "/oauth2/authorize"} {
			a := w.Get(t, path, servertest.Header("Accept", accept))
			if got := strings.HasPrefix(a.Header.Get("Content-Type"), "text/html"); got != page || page == (a.Code() != "") {
				t.Errorf("%s for %q: %s", path, accept, a.Body)
			}
		}
		a := w.Get(t, "/oauth2/userinfo", servertest.Header("Accept", accept))
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
			t.Errorf("userinfo for %q: %s", accept, a.Header.Get("Content-Type"))
		}
	}
}

// No address that comes from outside leads away: not from a page, not from a form.
func TestNoOpenRedirect(t *testing.T) {
	t.Parallel()
	each(t, trusted, func(t *testing.T, w world) {
		const evil = "https://evil.example.com/"
		b := w.NewBrowser(t)
		page := at(t, b.Get(t, w.address("next", evil, "return_to", evil, "continue", evil)), "/login")
		if strings.Contains(string(page.Body), "evil") {
			t.Error("the page has an address from outside")
		}
		page = at(t, b.Get(t, page.URL.String()+"&redirect_uri="+url.QueryEscape(evil)+"&next="+url.QueryEscape(evil)), "/login")
		values := w.ada()
		for _, name := range []string{"redirect_uri", "next", "return_to", "Address", "action"} {
			values[name] = evil
		}
		b.Header.Set("X-Forwarded-Host", "evil.example.com")
		b.Header.Set("Referer", evil)
		signedIn(t, b.Submit(t, page, values))
		for _, id := range []string{"//evil.example.com", `\\evil.example.com`, evil, "x%0d%0aLocation:+" + evil} {
			failed(t, b.Get(t, "/login?interaction="+id), http.StatusBadRequest, "AUT-2024")
		}
	})
}

// What a browser brought along before somebody signed in there is worth nothing
// afterwards.
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	each(t, trusted, func(t *testing.T, w world) {
		attacker := w.NewBrowser(t)
		planted := attacker.SignInAs(t, w.SomeUser(t, "mallory"), w.Clock.Now())
		victim := w.NewBrowser(t)
		victim.SetCookie(t, planted)
		page := at(t, victim.Get(t, w.address("prompt", "login")), "/login")
		signedIn(t, victim.Submit(t, page, w.ada()))
		at(t, attacker.Get(t, w.address()), "/login") // not even who was signed in there
	})
}
