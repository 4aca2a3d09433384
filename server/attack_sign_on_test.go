package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// TestRedirectTricks: an answer goes to an address that is registered, character by
// character, and nowhere else (RFC 9700 §4.1); of an address of this machine the port
// alone is free (RFC 8252 §7.3).
func TestRedirectTricks(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	p := newParty(t, s, func(a *identity.Application) {
		a.RedirectURIs = []string{returnTo, "http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost:8080/cb"}
	})
	b := s.NewBrowser(t)
	b.SignInAs(t, s.UserID, s.Clock.Now())
	for name, uri := range map[string]string{
		"a longer path":                   returnTo + "/x",
		"a shorter path":                  "https://app.example.com/callbac",
		"no path":                         "https://app.example.com",
		"a slash":                         returnTo + "/",
		"a query":                         returnTo + "?x=y",
		"an empty query":                  returnTo + "?",
		"a fragment":                      returnTo + "#x",
		"an empty fragment":               returnTo + "#",
		"a port":                          "https://app.example.com:8443/callback",
		"the default port":                "https://app.example.com:443/callback",
		"no encryption":                   "http://app.example.com/callback",
		"another scheme":                  "javascript://app.example.com/callback",
		"a scheme in capitals":            "HTTPS://app.example.com/callback",
		"a host in capitals":              "https://APP.example.com/callback",
		"a path in capitals":              "https://app.example.com/Callback",
		"a user":                          "https://ada@app.example.com/callback",
		"a host as the user":              "https://app.example.com@evil.example/callback",
		"a host and password":             "https://app.example.com:443@evil.example/callback",
		"a host behind a backslash":       `https://evil.example\@app.example.com/callback`,
		"a longer host":                   "https://app.example.com.evil.example/callback",
		"a subdomain":                     "https://x.app.example.com/callback",
		"a dot behind the host":           "https://app.example.com./callback",
		"dots":                            "https://app.example.com/x/../callback",
		"encoded dots":                    "https://app.example.com/x/%2e%2e/callback",
		"an encoded letter":               "https://app.example.com/c%61llback",
		"an encoded slash":                "https://app.example.com%2Fcallback",
		"two slashes":                     "https://app.example.com//callback",
		"a space before":                  " " + returnTo,
		"a space behind":                  returnTo + " ",
		"a tab within":                    "https://app.example.com/call\tback",
		"a new line":                      returnTo + "\r\nLocation: https://evil.example/",
		"a wide letter":                   "https://app.example.com/ｃallback",
		"no scheme":                       "//app.example.com/callback",
		"a path alone":                    "/callback",
		"another path of this machine":    "http://127.0.0.1:5000/cb/x",
		"another name of this machine":    "http://127.0.0.2:5000/cb",
		"a number of this machine":        "http://2130706433:5000/cb",
		"a short name of this machine":    "http://127.1:5000/cb",
		"a host behind a port":            "http://127.0.0.1:5000@evil.example/cb",
		"a port that is none":             "http://127.0.0.1:99999/cb",
		"a port that is a word":           "http://127.0.0.1:x/cb",
		"this machine, encrypted":         "https://127.0.0.1:5000/cb",
		"the other family of addresses":   "http://[::ffff:127.0.0.1]:5000/cb",
		"another port of a name":          "http://localhost:8081/cb",
		"a user on this machine":          "http://ada@127.0.0.1:5000/cb",
		"a query on this machine":         "http://127.0.0.1:5000/cb?x=y",
		"an address of this machine, six": "http://[::1]:5000/cb/",
	} {
		t.Run(name, func(t *testing.T) {
			for _, mode := range []string{"query", "form_post"} {
				params := p.request("redirect_uri", uri, "response_mode", mode)
				for _, v := range []servertest.View{b.Get(t, address(params)), b.PostFromElsewhere(t, authorizeAt, params)} {
					if v.Away || v.Status < 400 || v.Header.Get("Location") != "" || strings.Contains(string(v.Body), "evil.example") {
						t.Errorf("%s: led to %s: %d %s", uri, v.URL, v.Status, v.Body)
					}
				}
			}
			if a := s.Form(t, "/oauth2/par", p.request("redirect_uri", uri), servertest.Basic(p.id, p.secret)); a.Status != http.StatusBadRequest {
				t.Errorf("%s was pushed: %d %s", uri, a.Status, a.Body)
			}
		})
	}
	for _, uri := range []string{returnTo, "http://127.0.0.1/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb", "http://[::1]:5000/cb", "http://localhost:8080/cb"} {
		if v := b.Get(t, address(p.request("redirect_uri", uri))); !v.Away || v.Given.Get("code") == "" {
			t.Errorf("%s: %d %s", uri, v.Status, v.URL)
		}
	}
}

// TestInjectedCodes: what an attacker has got of somebody's sign-in is worth nothing in
// a sign-in of their own (RFC 9700 §4.5), nor to another application (§4.4).
func TestInjectedCodes(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p, other := newParty(t, s), newParty(t, s)
		stolen := p.codeFor(t, challenge()...)
		t.Run("with the verifier of another sign-in", func(t *testing.T) {
			want(t, p.exchange(t, stolen, "code_verifier", strings.Repeat("attackers-verifier.", 3)), http.StatusBadRequest, "AUT-2013")
		})
		t.Run("at another application, which was taken for the one", func(t *testing.T) {
			want(t, other.exchange(t, stolen, "code_verifier", verifierText), http.StatusBadRequest, "AUT-2013")
		})
		t.Run("by a public application, in the name of the one", func(t *testing.T) {
			form := url.Values{
				"grant_type": {"authorization_code"}, "code": {stolen}, "redirect_uri": {returnTo}, "code_verifier": {verifierText}, "client_id": {p.id},
			}
			want(t, s.Form(t, tokenPath, form), http.StatusUnauthorized, "AUT-1004")
		})
		t.Run("as a refresh token, and the other way round", func(t *testing.T) {
			a := s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {stolen}}, servertest.Basic(p.id, p.secret))
			want(t, a, http.StatusBadRequest, "AUT-1005")
		})
		tokens := p.exchange(t, stolen, "code_verifier", verifierText)
		want(t, tokens, http.StatusOK, "")
		want(t, p.exchange(t, tokens.Text("refresh_token")), http.StatusBadRequest, "AUT-2013")
		t.Run("the answer says whose it is", func(t *testing.T) {
			b := s.NewBrowser(t)
			if v := b.Get(t, address(p.request("prompt", "none"))); v.Given.Get("iss") != s.Issuer {
				t.Errorf("a refusal is of %q", v.Given.Get("iss"))
			}
			b.SignInAs(t, s.UserID, s.Clock.Now())
			v := b.Get(t, address(p.request()))
			if v.Given.Get("iss") != s.Issuer || decode(t, p.exchange(t, v.Given.Get("code")).Text("id_token"))["nonce"] != "n-0S6_WzA2Mj" {
				t.Errorf("an answer is of %q", v.Given.Get("iss"))
			}
		})
	})
}

// TestStolenLogoutTokens: a token that tells an application of the end of a session is
// good for nothing else.
func TestStolenLogoutTokens(t *testing.T) {
	t.Parallel()
	eachNear(t, func(t *testing.T, s *servertest.Server) {
		r := newReceiver(t)
		p := newParty(t, s, told(r), withGoodbye)
		b := s.NewBrowser(t)
		b.SignInAs(t, s.UserID, s.Clock.Now())
		first := p.tokens(t, b)
		farewell(t, b.Get(t, leaving("id_token_hint", first.Text("id_token"))))
		stolen := r.wait(t, s, 1)[0]

		b.SignInAs(t, s.UserID, s.Clock.Now())
		second := p.tokens(t, b)
		want(t, s.Get(t, "/oauth2/userinfo", servertest.Bearer(stolen)), http.StatusUnauthorized, "AUT-0007")
		want(t, s.Get(t, "/v1/users", servertest.Bearer(stolen)), http.StatusUnauthorized, "IDE-0009")
		sentBack(t, b.Get(t, address(p.request("id_token_hint", stolen))), "invalid_request", "AUT-0009")
		asked(t, b.Get(t, leaving("id_token_hint", stolen)), "Ada Lovelace") // as without a hint
		want(t, s.Form(t, "/v1/logout", url.Values{"id_token_hint": {stolen}}), http.StatusUnauthorized, "AUT-0007")
		a := s.Form(t, "/oauth2/introspect", url.Values{"token": {stolen}}, servertest.Basic(p.id, p.secret))
		if want(t, a, http.StatusOK, ""); a.JSON["active"] != false {
			t.Errorf("introspection: %s", a.Body)
		}
		want(t, s.Form(t, "/oauth2/revoke", url.Values{"token": {stolen}}, servertest.Basic(p.id, p.secret)), http.StatusOK, "")
		a = s.Form(t, tokenPath, url.Values{
			"grant_type": {"client_credentials"}, "client_assertion": {stolen},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		})
		want(t, a, http.StatusUnauthorized, "AUT-1004")
		want(t, p.exchange(t, stolen), http.StatusBadRequest, "AUT-2013")
		if !p.alive(t, second) {
			t.Error("the session was ended")
		}
	})
}

// TestHeadChangesNothing: who looks whether an address is there signs nobody in or out.
func TestHeadChangesNothing(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	p := newParty(t, s, withGoodbye)
	pushed := s.Form(t, "/oauth2/par", p.request(), servertest.Basic(p.id, p.secret)).Text("request_uri")
	target := address(url.Values{"client_id": {p.id}, "request_uri": {pushed}})
	for _, path := range []string{target, endSessionAt, "/logout"} {
		a := s.Send(t, http.MethodHead, path, "", nil)
		if a.Status != http.StatusMethodNotAllowed || a.Header.Get("Allow") == "" {
			t.Errorf("HEAD %s: %d %v", path, a.Status, a.Header)
		}
	}
	b := s.NewBrowser(t)
	b.SignInAs(t, s.UserID, s.Clock.Now())
	if v := b.Get(t, target); v.Given.Get("code") == "" {
		t.Errorf("the pushed request is spent: %d %s", v.Status, v.Body)
	}
}

// TestLongRequests: what may be posted may be sent on to its address.
func TestLongRequests(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	p := newParty(t, s)
	b := s.NewBrowser(t)
	b.SignInAs(t, s.UserID, s.Clock.Now())
	for _, tt := range []struct {
		state string
		ok    bool
	}{{strings.Repeat("x", 11<<10), true}, {strings.Repeat("{", 3<<10), true}, {strings.Repeat("{", 5<<10), false}, {strings.Repeat("x", 13<<10), false}} {
		v := b.PostFromElsewhere(t, authorizeAt, p.request("state", tt.state))
		if got := v.Given.Get("state") == tt.state; got != tt.ok || !tt.ok && v.URL.RawQuery != "" {
			t.Errorf("state of %d: %d at %.100s", len(tt.state), v.Status, v.URL)
		}
		want := map[bool]int{true: http.StatusCreated, false: http.StatusBadRequest}[tt.ok]
		if a := s.Form(t, "/oauth2/par", p.request("state", tt.state), servertest.Basic(p.id, p.secret)); a.Status != want {
			t.Errorf("state of %d: pushed: %d %s", len(tt.state), a.Status, a.Body)
		}
	}
}

// TestHostileBodies sends what no client sends to all endpoints that take a form.
func TestHostileBodies(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	p := newParty(t, s)
	client := servertest.Basic(p.id, p.secret)
	const form = "application/x-www-form-urlencoded"
	for _, path := range []string{authorizeAt, "/oauth2/par", tokenPath, "/oauth2/introspect", "/oauth2/revoke", "/oauth2/userinfo", endSessionAt, "/logout", "/v1/logout"} {
		for name, tt := range map[string]struct {
			media, body string
			status      int
		}{
			"10 MB":            {form, "token=" + strings.Repeat("a", 10<<20), http.StatusRequestEntityTooLarge},
			"duplicates":       {form, "token=a&token=b", http.StatusBadRequest},
			"NUL":              {form, "token=%00", http.StatusBadRequest},
			"invalid UTF-8":    {form, "token=%c3%28", http.StatusBadRequest},
			"a broken escape":  {form, "token=%zz", http.StatusBadRequest},
			"1,000 parameters": {form, strings.Repeat("a=&", 1000), http.StatusBadRequest},
			"multipart":        {"multipart/form-data; boundary=x", "--x--", http.StatusUnsupportedMediaType},
			"XML":              {"text/xml", "<token/>", http.StatusUnsupportedMediaType},
		} {
			a := s.Send(t, http.MethodPost, path, tt.media, []byte(tt.body), client)
			if path == "/oauth2/userinfo" && tt.media != form {
				tt.status = http.StatusUnauthorized // which looks for a token in forms alone
			}
			if a.Status != tt.status || a.Code() == "" {
				t.Errorf("%s, %s: %d %s, want %d", path, name, a.Status, a.Body, tt.status)
			}
		}
	}
}
