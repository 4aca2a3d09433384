package templates_test

import (
	"strings"
	"testing"

	"gatehouse/templates"
)

func TestSourcesOfAPolicy(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"https://app.example/callback?x=1#y": "https://app.example",
		"https://app.example:8443":           "https://app.example:8443",
		"http://127.0.0.1:53121/cb":          "http://127.0.0.1:53121",
		"http://[::1]:53121/cb":              "http:", // policies have no word for IPv6 addresses
		"https://münchen.example/":           "https:",
		"https://app.example;x/":             "https:",
		"com.example.app:/callback":          "com.example.app:",
		"javascript:alert(1)":                "",
		"data:text/html,x":                   "",
		"/login":                             "",
		"https://app.example\r\nX: y":        "",
		"":                                   "",
	}
	for address, want := range tests {
		if got := templates.SourceOf(address); got != want {
			t.Errorf("source of %q = %q, want %q", address, got, want)
		}
	}
}

func TestAPolicyAllowsWhatThePageNeeds(t *testing.T) {
	t.Parallel()
	const strict = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
	set := newSet(t, "")
	login := func(onward ...string) (templates.Page, error) {
		return set.Login(templates.Login{Form: templates.Form{Action: "/login", Onward: onward}})
	}
	tests := []struct {
		name   string
		render func() (templates.Page, error)
		want   string
	}{
		{"no way onward", func() (templates.Page, error) { return login() }, "form-action 'self'"},
		{"each origin once", func() (templates.Page, error) {
			return login("https://a.example/1", "https://a.example/2", "com.example.app:/x", "nonsense")
		}, "form-action 'self' https://a.example com.example.app:"},
		{"form post", func() (templates.Page, error) {
			return set.FormPost(templates.FormPost{URI: "https://a.example/cb"})
		}, "script-src 'self'"},
		{"frames", func() (templates.Page, error) {
			return set.SignedOut(templates.SignedOut{Frames: []string{"https://a.example/1", "https://b.example/2", "x"}})
		}, "frame-src https://a.example https://b.example; form-action 'none'"},
		{"nothing", func() (templates.Page, error) { return set.SignedOut(templates.SignedOut{}) }, "form-action 'none'"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			page, err := tt.render()
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := strings.CutPrefix(page.Policy, strict+"; "); !ok || got != tt.want {
				t.Errorf("policy = %s, want %s; %s", page.Policy, strict, tt.want)
			}
		})
	}
}
