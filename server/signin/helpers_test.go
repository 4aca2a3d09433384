package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

const returnTo = "https://app.example.com/callback"

// world is a server with an application that signs people in.
type world struct {
	*servertest.Server
	clientID, secret string
}

// each runs a test with an application, changed as given, on every database.
func each(t *testing.T, change func(*identity.Application), run func(t *testing.T, w world)) {
	t.Helper()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) { run(t, newWorld(t, s, change)) })
}

func newWorld(tb testing.TB, s *servertest.Server, change func(*identity.Application)) world {
	tb.Helper()
	id, secret := s.NewApplication(tb, "portal", func(a *identity.Application) {
		a.DisplayName = "Acme Portal"
		a.GrantTypes = []string{identity.GrantAuthorizationCode}
		a.RedirectURIs = []string{returnTo}
		a.Scopes = []string{"openid", "profile", "email", "reports"}
		a.PolicyURI, a.TOSURI = "https://app.example.com/privacy", "https://app.example.com/terms"
		change(a)
	})
	return world{s, id, secret}
}

// trusted is an application that needs no consent.
func trusted(a *identity.Application) { a.Trusted = true }

// asking is one that does.
func asking(*identity.Application) {}

// address is that of an authorization request, changed by pairs of name and value.
func (w world) address(pairs ...string) string {
	params := url.Values{
		"client_id": {w.clientID}, "redirect_uri": {returnTo}, "response_type": {"code"}, "scope": {"openid profile"}, "state": {"s"},
	}
	for i := 0; i < len(pairs); i += 2 {
		params.Set(pairs[i], pairs[i+1])
	}
	return "/oauth2/authorize?" + params.Encode()
}

// hint returns an id token of Ada's for the application.
func (w world) hint(t *testing.T) string {
	t.Helper()
	b := w.NewBrowser(t)
	b.SignInAs(t, w.UserID, w.Clock.Now())
	a := w.Form(t, "/oauth2/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {b.Get(t, w.address()).Given.Get("code")}, "redirect_uri": {returnTo},
	}, servertest.Basic(w.clientID, w.secret))
	if a.Text("id_token") == "" {
		t.Fatalf("no id token: %d %s", a.Status, a.Body)
	}
	return a.Text("id_token")
}

// at checks that a browser shows the page at a path.
func at(t *testing.T, v servertest.View, path string) servertest.View {
	t.Helper()
	if v.Away || v.URL.Path != path || v.Status != http.StatusOK {
		t.Fatalf("at %s: %d %s, want the page %s", v.URL, v.Status, v.Body, path)
	}
	return v
}

// signedIn checks that the application got a code.
func signedIn(t *testing.T, v servertest.View) {
	t.Helper()
	if !v.Away || !strings.HasPrefix(v.URL.String(), returnTo+"?") || v.Given.Get("code") == "" || v.Given.Get("state") != "s" {
		t.Fatalf("at %s: %d %s, want a code for the application", v.URL, v.Status, v.Body)
	}
}

// ada is what Ada sends.
func (w world) ada() map[string]string {
	return map[string]string{"username": w.Username, "password": w.Password}
}

// refused checks that a form was shown once more, with this on it.
func refused(t *testing.T, v servertest.View, status int, text string) servertest.View {
	t.Helper()
	if v.Away || v.Status != status || v.Form == nil || !strings.Contains(string(v.Body), text) {
		t.Fatalf("at %s: %d %s, want %d and a form that says %q", v.URL, v.Status, v.Body, status, text)
	}
	if strings.Contains(string(v.Body), "guess") {
		t.Error("the password that was sent is on the page")
	}
	return v
}

// failed checks that people see an error page with the code.
func failed(t *testing.T, v servertest.View, status int, code string) {
	t.Helper()
	if v.Away || v.Status != status || v.Form != nil || !strings.Contains(string(v.Body), ">"+code+"<") {
		t.Fatalf("at %s: %d %s, want an error page with %s", v.URL, v.Status, v.Body, code)
	}
	if id := v.Header.Get("X-Request-Id"); id == "" || !strings.Contains(string(v.Body), id) {
		t.Errorf("the page lacks the request's id %q", id)
	}
}

// The texts of the login page.
const (
	saysWrong      = "The username or password is incorrect."
	saysAnother    = "The application asked for another account. "
	saysNoUsername = "Enter your username."
	saysNoPassword = "Enter your password."
	saysTooMany    = "There were too many attempts."
	saysExpired    = "This page was open for too long."
)
