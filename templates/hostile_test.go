package templates_test

import (
	"bytes"
	"strings"
	"testing"

	"gatehouse/templates"
)

// hostile are pages in which everything from outside is hostile.
func hostile() []sample {
	const text = `"'><script>alert(1)</script>{{.CSRF}}[[.Base]]`
	application := templates.Application{Name: text, Logo: "//evil.example/" + text, Policy: "javascript:alert(1)", Terms: "data:text/html," + text}
	account := templates.Account{ID: text, Name: text, Email: text}
	form := templates.Form{Action: "/login", CSRF: text, Interaction: text, Onward: []string{"javascript:alert(1)", "https://app.example; script-src *", text}}
	return []sample{
		{"login", func(s *templates.Set, language string) (templates.Page, error) {
			return s.Login(templates.Login{Language: language, Application: application, Form: form, Username: text, Problem: templates.LoginProblem(text), Other: "/" + text})
		}},
		{"login-again", func(s *templates.Set, language string) (templates.Page, error) {
			return s.Login(templates.Login{Language: text, Application: application, Form: form, Username: text, Account: &account})
		}},
		{"accounts", func(s *templates.Set, language string) (templates.Page, error) {
			return s.AccountChooser(templates.AccountChooser{Language: language, Application: application, Form: form, Accounts: []templates.Account{account}})
		}},
		{"consent", func(s *templates.Set, language string) (templates.Page, error) {
			return s.Consent(templates.Consent{Language: language, Application: application, Form: form, User: account, Scopes: []templates.ConsentScope{{Name: text, Description: text}}, Returns: "javascript://app.example/%0aalert(1)"})
		}},
		{"logout", func(s *templates.Set, language string) (templates.Page, error) {
			return s.LogoutConfirm(templates.LogoutConfirm{Language: language, Application: application, Form: form, Account: &account})
		}},
		{"stayed", func(s *templates.Set, language string) (templates.Page, error) {
			return s.StillSignedIn(templates.StillSignedIn{Language: language, Application: application})
		}},
		{"signedout", func(s *templates.Set, language string) (templates.Page, error) {
			return s.SignedOut(templates.SignedOut{Language: language, Application: application, Back: "javascript:alert(1)", Frames: []string{"data:text/html," + text, "javascript:alert(1)", "https://app.example/" + text}})
		}},
		{"problem", func(s *templates.Set, language string) (templates.Page, error) {
			return s.SignInError(templates.SignInError{Language: language, Application: application, Code: text, Title: text, Message: text, RequestID: text, Back: "vbscript:x"})
		}},
		{"proceed", func(s *templates.Set, language string) (templates.Page, error) {
			return s.Proceed(templates.Proceed{Language: language, Application: application, Address: "https://app.example/" + text + ";url=javascript:alert(1)"})
		}},
		{"formpost", func(s *templates.Set, language string) (templates.Page, error) {
			return s.FormPost(templates.FormPost{Language: language, Application: application, URI: "https://app.example/" + text, Values: []templates.FormValue{{Name: text, Value: text}}})
		}},
	}
}

func TestWhatComesFromOutsideStaysText(t *testing.T) {
	t.Parallel()
	set := newSet(t, "")
	for _, sample := range hostile() {
		t.Run(sample.name, func(t *testing.T) {
			t.Parallel()
			page, err := sample.render(set, "pt")
			if err != nil {
				t.Fatal(err)
			}
			scripts := 0
			if sample.name == "formpost" {
				scripts = 1
			}
			if got := bytes.Count(page.Body, []byte("<script")); got != scripts || bytes.Contains(page.Body, []byte("<script>")) {
				t.Errorf("%d scripts in %s", got, page.Body)
			}
			all, err := elements(page.Body)
			if err != nil {
				t.Fatalf("%v in %s", err, page.Body)
			}
			for _, e := range all {
				for name, value := range e.attributes {
					scheme, _, _ := strings.Cut(value, ":")
					if name == "href" || name == "src" || name == "action" {
						if scheme == "javascript" || scheme == "data" || scheme == "vbscript" || strings.HasPrefix(value, "//") {
							t.Errorf("<%s %s=%q>", e.name, name, value)
						}
					}
				}
			}
			if strings.ContainsAny(page.Policy, "<>\"*") || strings.Count(page.Policy, "script-src") != scripts {
				t.Errorf("policy = %s", page.Policy)
			}
		})
	}
}

func TestNamesAreShownHarmlessly(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"":                                  "",
		"Acme Portal":                       "Acme Portal",
		"João – 東京 – مرحبا":                 "João – 東京 – مرحبا",
		"user\u202Etxt.exe":                 "usertxt.exe",
		"\u2066a\u2069\u200F\u061Cb":        "ab",
		"two\nlines\tand\x00nul\x7f":        "two lines and nul ",
		"para\u2029graph":                   "para graph",
		"\xff":                              "\uFFFD",
		"family \U0001F468\u200D\U0001F469": "family \U0001F468\u200D\U0001F469",
	}
	for name, want := range tests {
		if got := templates.Shown(name); got != want {
			t.Errorf("%q is shown as %q, want %q", name, got, want)
		}
	}
}

func TestAnInitialIsALetter(t *testing.T) {
	t.Parallel()
	set := newSet(t, "")
	for name, want := range map[string]string{"ada": "A", "  émile": "É", "«7»": "7", "…": "?", "": "?"} {
		page, err := set.AccountChooser(templates.AccountChooser{Accounts: []templates.Account{{Name: name}}})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(page.Body, []byte(`<span class="face" aria-hidden="true">`+want+`</span>`)) {
			t.Errorf("%q: no %s in %s", name, want, page.Body)
		}
	}
}

func TestLinksOfAnApplication(t *testing.T) {
	t.Parallel()
	set := newSet(t, "")
	tests := []struct {
		address   string
		web, back bool
	}{
		{"https://app.example/x", true, true},
		{"http://localhost:3000", true, true},
		{"com.example.app:/x", false, true},
		{"javascript:alert(1)", false, false},
		{"data:text/html,x", false, false},
		{"https://user:pass@app.example/", false, false},
		{"https:///path", false, false},
		{"/relative", false, false},
		{"//app.example", false, false},
		{" https://app.example", false, false},
		{"", false, false},
	}
	for _, tt := range tests {
		consent, err := set.Consent(templates.Consent{Application: templates.Application{Policy: tt.address}})
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(consent.Body, []byte("<a ")); got != tt.web {
			t.Errorf("a policy at %q is linked: %v", tt.address, got)
		}
		out, err := set.SignedOut(templates.SignedOut{Back: tt.address})
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(out.Body, []byte(`<a class="main" href="`+tt.address+`"`)); got != tt.back {
			t.Errorf("a way back to %q is linked: %v", tt.address, got)
		}
		_, err = set.FormPost(templates.FormPost{URI: tt.address})
		if got := err == nil; got != tt.web {
			t.Errorf("a form is posted to %q: %v", tt.address, err)
		}
		_, err = set.Proceed(templates.Proceed{Address: tt.address})
		if got := err == nil; got != (tt.back || tt.address == "/relative") {
			t.Errorf("people are sent to %q: %v", tt.address, err)
		}
	}
}

func TestAnApplicationsLogoIsOnThisServer(t *testing.T) {
	t.Parallel()
	set := newSet(t, "/id")
	for logo, want := range map[string]string{
		"/logos/a.png":         `src="/id/logos/a.png"`,
		"//evil.example/a":     "",
		"https://evil.example": "",
		`/\evil.example`:       "",
		"a.png":                "",
	} {
		page, err := set.Login(templates.Login{Application: templates.Application{Logo: logo}})
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(page.Body, []byte("<img")); got != (want != "") || !bytes.Contains(page.Body, []byte(want)) {
			t.Errorf("logo %q: %s", logo, page.Body)
		}
	}
}
