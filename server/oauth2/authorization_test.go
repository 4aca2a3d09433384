package oauth2_test

import (
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"gatehouse/identity"
	"gatehouse/server/oauth2"
)

func TestRegistered(t *testing.T) {
	t.Parallel()
	app := &identity.Application{RedirectURIs: []string{
		"https://app.example.com/callback", "https://app.example.com/cb?tenant=1", "http://127.0.0.1/cb", "http://[::1]:8080/cb",
		"http://localhost/cb", "com.example.app:/cb", "http://127.0.0.1:7777",
	}}
	for uri, want := range map[string]bool{
		"https://app.example.com/callback":               true,
		"https://app.example.com/callback/":              false,
		"https://app.example.com/Callback":               false,
		"https://APP.example.com/callback":               false,
		"https://app.example.com:443/callback":           false,
		"https://app.example.com/callback?":              false,
		"https://app.example.com/callback#":              false,
		"https://app.example.com/callback#x":             false,
		"https://app.example.com/callback?x=1":           false,
		"https://app.example.com/%63allback":             false,
		"https://app.example.com/x/../callback":          false,
		"https://app.example.com/x/%2e%2e/callback":      false,
		"https://app.example.com//callback":              false,
		"https://app.example.com\\callback":              false,
		"https://app.example.com/callback ":              false,
		" https://app.example.com/callback":              false,
		"https://user@app.example.com/callback":          false,
		"https://app.example.com@evil.example/callback":  false,
		"https://app.example.com.evil.example/callback":  false,
		"https://evil.example/https://app.example.com":   false,
		"http://app.example.com/callback":                false,
		"//app.example.com/callback":                     false,
		"javascript:alert(1)":                            false,
		"https://app.example.com/cb?tenant=1":            true,
		"https://app.example.com/cb?tenant=2":            false,
		"https://app.example.com/cb":                     false,
		"com.example.app:/cb":                            true,
		"com.example.app:/cb/x":                          false,
		"http://127.0.0.1/cb":                            true,
		"http://127.0.0.1:49152/cb":                      true,
		"http://127.0.0.1:1/cb":                          true,
		"http://127.0.0.1:0/cb":                          false,
		"http://127.0.0.1:65536/cb":                      false,
		"http://127.0.0.1:/cb":                           false,
		"http://127.0.0.1:+80/cb":                        false,
		"http://127.0.0.1:80:80/cb":                      false,
		"http://127.0.0.1:80@evil.example/cb":            false,
		"http://127.0.0.1@evil.example/cb":               false,
		"http://127.0.0.1.evil.example/cb":               false,
		"http://127.0.0.1:99999999999999999999999999/cb": false,
		"http://127.0.0.1:80/cb/x":                       false,
		"http://127.0.0.1:80/cb?x":                       false,
		"http://127.0.0.2:80/cb":                         false,
		"http://127.1:80/cb":                             false,
		"https://127.0.0.1:80/cb":                        false,
		"HTTP://127.0.0.1:80/cb":                         false,
		"http://[::1]/cb":                                true,
		"http://[::1]:9/cb":                              true,
		"http://[0:0:0:0:0:0:0:1]:9/cb":                  false,
		"http://localhost/cb":                            true,
		"http://localhost:80/cb":                         false,
		"http://127.0.0.1":                               true,
		"http://127.0.0.1:80":                            true,
		"http://127.0.0.1:80/":                           false,
		"":                                               false,
	} {
		if got := oauth2.Registered(app, uri); got != want {
			t.Errorf("Registered(%q) = %v, want %v", uri, got, want)
		}
	}
}

func TestCheckPKCE(t *testing.T) {
	t.Parallel()
	good := strings.Repeat("aZ0-_", 9)[:43]
	for _, tt := range []struct {
		challenge, method string
		public            bool
		field             string // at fault; empty: none
	}{
		{"", "", false, ""},
		{"", "", true, "code_challenge"},
		{good, "S256", false, ""},
		{good, "S256", true, ""},
		{good, "", true, "code_challenge_method"},
		{good, "plain", true, "code_challenge_method"},
		{good, "plain", false, "code_challenge_method"},
		{good, "s256", false, "code_challenge_method"},
		{"", "S256", false, "code_challenge"},
		{good[:42], "S256", false, "code_challenge"},
		{good + "a", "S256", false, "code_challenge"},
		{good[:42] + "=", "S256", false, "code_challenge"},
		{good[:42] + "+", "S256", false, "code_challenge"},
		{good[:42] + "\n", "S256", false, "code_challenge"},
	} {
		params := url.Values{}
		if tt.challenge != "" {
			params.Set("code_challenge", tt.challenge)
		}
		if tt.method != "" {
			params.Set("code_challenge_method", tt.method)
		}
		err := oauth2.CheckPKCE(nil, &identity.Application{Public: tt.public}, params)
		if (err == nil) != (tt.field == "") || err != nil && fieldsOf(err)[0] != tt.field {
			t.Errorf("CheckPKCE(%q, %q, public %v) = %v, want a fault of %q", tt.challenge, tt.method, tt.public, err, tt.field)
		}
	}
}

func TestParsePrompt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]*oauth2.Prompt{
		"":                      {},
		"none":                  {None: true},
		"login":                 {Login: true},
		"login consent":         {Login: true, Consent: true},
		"select_account  login": {Login: true, Choose: true},
		"none login":            nil,
		"login none":            nil,
		"none none":             nil,
		"create":                nil,
		"LOGIN":                 nil,
	} {
		got, ok := oauth2.ParsePrompt(text)
		if ok != (want != nil) || ok && got != *want {
			t.Errorf("ParsePrompt(%q) = %v, %v", text, got, ok)
		}
	}
}

func TestAnswersInAQuery(t *testing.T) {
	t.Parallel()
	values := [][2]string{{"code", "a b"}, {"state", `"&=#?/é`}}
	for uri, want := range map[string]string{
		"https://app.example.com/cb":            "https://app.example.com/cb?code=a+b&state=%22%26%3D%23%3F%2F%C3%A9",
		"https://app.example.com/cb?tenant=1%2": "https://app.example.com/cb?tenant=1%2&code=a+b&state=%22%26%3D%23%3F%2F%C3%A9",
		"com.example.app:/cb":                   "com.example.app:/cb?code=a+b&state=%22%26%3D%23%3F%2F%C3%A9",
	} {
		if got := oauth2.In(uri, values...); got != want {
			t.Errorf("In(%q) = %q, want %q", uri, got, want)
		}
	}
}

func FuzzReadAuthorization(f *testing.F) {
	for _, seed := range []string{
		"client_id=a&redirect_uri=https%3A%2F%2Fa.example%2F&response_type=code", "client_id=a&client_id=b", "state=%00", "state=%ff", "state=%zz",
		"resource=a&resource=b&resource=", "claims=%7B%7D&prompt=none+login", "a=b;c=d", "&&&=&", "state=" + strings.Repeat("x", 20<<10), "interaction=x",
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, text string, post bool) {
		r := httptest.NewRequest("GET", "/oauth2/authorize", nil)
		r.URL.RawQuery = text
		if post {
			r = httptest.NewRequest("POST", "/oauth2/authorize?client_id=query", strings.NewReader(text))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		params, err := oauth2.ReadAuthorization(echo.New().NewContext(r, httptest.NewRecorder()))
		if err != nil {
			return
		}
		length := 0
		for name, values := range oauth2.KnownParameters(params) {
			if len(values) > 1 && name != "resource" && name != "audience" || len(values) == 0 {
				t.Errorf("%s is there %d times", name, len(values))
			}
			for _, value := range values {
				if length += len(value); value == "" || value == "query" && !strings.Contains(text, "query") || strings.Contains(value, "\x00") || !utf8.ValidString(value) {
					t.Errorf("%s = %q", name, value)
				}
			}
		}
		if length > 12<<10 {
			t.Errorf("%d bytes were taken", length)
		}
		if slices.Contains(params["client_id"], "") && oauth2.KnownParameters(params).Has("client_id") {
			t.Error("an empty parameter is there")
		}
	})
}
