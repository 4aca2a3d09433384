package server_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// conformance is an OpenID provider as a module of the OpenID Foundation's test plans
// finds it: two applications, a user with all claims, and a browser in which nobody
// is signed in.
type conformance struct {
	party
	second   party
	receiver *receiver // of the first application's logout tokens
	browser  *servertest.Browser
	mode     string // response_mode; empty: none is asked for
}

// module is one of those tests, by its name there.
type module struct {
	name string
	run  func(t *testing.T, c conformance)
}

// profile is what a user's metadata say so that all claims are there.
const profile = `{"metadata":{"middle_name":"King","nickname":"Countess","profile":"https://ada.example.com","picture":"https://ada.example.com/p.png",
	"website":"https://ada.example.com","gender":"female","birthdate":"1815-12-10","zoneinfo":"Europe/London","locale":"en-GB",
	"phone_number":"+44 20 7946 0000","phone_number_verified":true,"address":"12 St James's Square, London","address_country":"UK"}}`

// runPlan runs the modules of a plan, one after the other, on every database.
func runPlan(t *testing.T, mode string, modules []module) {
	t.Helper()
	eachNear(t, func(t *testing.T, s *servertest.Server) {
		want(t, s.JSON(t, http.MethodPatch, "/v1/users/"+s.UserID, profile, s.Admin(t)), http.StatusOK, "")
		r := newReceiver(t)
		registered := func(a *identity.Application) {
			a.Trusted = false
			a.Scopes = []string{"openid", "profile", "email", "address", "phone", "offline_access"}
		}
		first, second := newParty(t, s, registered, withGoodbye, told(r)), newParty(t, s, registered)
		for _, m := range modules {
			t.Run(m.name, func(t *testing.T) {
				m.run(t, conformance{party: first, second: second, receiver: r, browser: s.NewBrowser(t), mode: mode})
			})
		}
	})
}

// send sends a person to the authorization endpoint and goes with them through
// whatever pages there are.
func (c conformance) send(t *testing.T, pairs ...string) servertest.View {
	t.Helper()
	c.browser.Visits = nil
	return c.browser.Through(t, address(c.request(c.with(pairs)...)), c.s.Ada())
}

// with adds the response mode of the plan to pairs of name and value.
func (c conformance) with(pairs []string) []string {
	if c.mode == "" {
		return pairs
	}
	return append([]string{"response_mode", c.mode}, pairs...)
}

// answered checks that an answer reached the application as it is to, and returns it.
func (c conformance) answered(t *testing.T, v servertest.View) url.Values {
	t.Helper()
	posted := v.To != ""
	if !v.Away || !strings.HasPrefix(v.URL.String(), returnTo) || posted != (c.mode == "form_post") {
		t.Fatalf("at %s, form to %q: %d %s", v.URL, v.To, v.Status, v.Body)
	}
	if v.Given.Get("state") != "s" || v.Given.Get("iss") != c.s.Issuer || v.URL.Fragment != "" {
		t.Errorf("answer: %v", v.Given)
	}
	return v.Given
}

// refused checks that the application was told one of some errors.
func (c conformance) refused(t *testing.T, v servertest.View, names ...string) {
	t.Helper()
	given := c.answered(t, v)
	if !slices.Contains(names, given.Get("error")) || given.Has("code") {
		t.Errorf("answer: %v, want one of %v", given, names)
	}
}

// grant is what an application has after a sign-in.
type grant struct {
	servertest.Answer
	id map[string]any // claims of the id token
}

// signIn goes through a whole sign-in and checks all that has to be so in each.
func (c conformance) signIn(t *testing.T, pairs ...string) grant {
	t.Helper()
	given := c.answered(t, c.send(t, pairs...))
	if given.Get("code") == "" || given.Has("error") {
		t.Fatalf("answer: %v", given)
	}
	return c.granted(t, c.exchange(t, given.Get("code")), c.request(pairs...).Get("nonce"))
}

// granted checks the answer of the token endpoint.
func (c conformance) granted(t *testing.T, a servertest.Answer, nonce string) grant {
	t.Helper()
	want(t, a, http.StatusOK, "")
	if !strings.EqualFold(a.Text("token_type"), "bearer") || a.Header.Get("Cache-Control") != "no-store" || a.JSON["expires_in"] == nil {
		t.Errorf("token response: %v %s", a.Header, a.Body)
	}
	id := signedClaims(t, c.s, a.Text("id_token"), "JWT")
	sum := sha256.Sum256([]byte(a.Text("access_token")))
	now := float64(c.s.Clock.Now().Unix())
	for name, want := range map[string]any{
		"iss": c.s.Issuer, "aud": c.id, "sub": c.s.UserID, "iat": now, "at_hash": base64.RawURLEncoding.EncodeToString(sum[:16]),
	} {
		if id[name] != want {
			t.Errorf("id token: %s = %v, want %v", name, id[name], want)
		}
	}
	if got, _ := id["nonce"].(string); got != nonce || id["exp"].(float64) <= now || id["auth_time"] == nil {
		t.Errorf("id token: %v", id)
	}
	return grant{a, id}
}

// userinfo checks that userinfo is about who has signed in, and returns it.
func (c conformance) userinfo(t *testing.T, a servertest.Answer) map[string]any {
	t.Helper()
	want(t, a, http.StatusOK, "")
	if a.Text("sub") != c.s.UserID || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
		t.Errorf("userinfo: %v %s", a.Header, a.Body)
	}
	return a.JSON
}

// asked says whether the person had to sign in on the way.
func (c conformance) asked() bool { return slices.Contains(c.browser.Visits, "/login") }

// TestConformanceTable holds docs/conformance.md to what is tested: each plan there
// lists all of its modules and no others.
func TestConformanceTable(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/conformance.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\| passes \\|")
	listed := map[string][]string{}
	for _, section := range strings.Split(string(page), "\n## ")[1:] {
		heading, text, _ := strings.Cut(section, "\n")
		for _, found := range row.FindAllStringSubmatch(text, -1) {
			listed[heading] = append(listed[heading], found[1])
		}
	}
	for heading, modules := range map[string][]module{
		"Config OP": configModules(), "Basic OP": basicModules(), "Form Post OP": basicModules(),
		"RP-Initiated Logout OP": rpInitiatedModules(), "Back-Channel Logout OP": backchannelModules(),
	} {
		var names []string
		for _, m := range modules {
			names = append(names, m.name)
		}
		if !slices.Equal(listed[heading], names) {
			t.Errorf("%s lists %v, and %v are tested", heading, listed[heading], names)
		}
		delete(listed, heading)
	}
	if len(listed) > 0 {
		t.Errorf("not tested: %v", listed)
	}
}
