package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/servertest"
)

// sentBack checks that an application got an error, and where.
func sentBack(t *testing.T, v servertest.View, name, code string) {
	t.Helper()
	if !v.Away || !strings.HasPrefix(v.URL.String(), returnTo) {
		t.Fatalf("at %s: %d %s", v.URL, v.Status, v.Body)
	}
	if v.Given.Get("error") != name || !strings.HasSuffix(v.Given.Get("error_uri"), "/errors/"+code) || v.Given.Get("error_description") == "" {
		t.Errorf("given: %v, want %s, %s", v.Given, name, code)
	}
	if v.Given.Has("code") || v.Given.Get("state") != "s" || v.Given.Get("iss") == "" {
		t.Errorf("given: %v", v.Given)
	}
}

func TestAuthorizationFaultsForTheApplication(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s, func(a *identity.Application) { a.Trusted = false })
		pushes := newParty(t, s, func(a *identity.Application) { a.RequirePAR = true })
		secretless := newParty(t, s, public)
		other := newParty(t, s, func(a *identity.Application) { a.GrantTypes = []string{identity.GrantClientCredentials} })
		for _, tt := range []struct {
			name       string
			p          party
			pairs      []string
			error, aut string
		}{
			{"no response type", p, []string{"response_type", ""}, "invalid_request", "AUT-0001"},
			{"implicit", p, []string{"response_type", "token"}, "unsupported_response_type", "AUT-2019"},
			{"hybrid", p, []string{"response_type", "code id_token"}, "unsupported_response_type", "AUT-2019"},
			{"fragment", p, []string{"response_mode", "fragment"}, "invalid_request", "AUT-0009"},
			{"request object", p, []string{"request", "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported", "AUT-2020"},
			{"request URI", p, []string{"request_uri", "https://app.example.com/request.jwt"}, "request_uri_not_supported", "AUT-2021"},
			{"unknown scope", p, []string{"scope", "openid root"}, "invalid_scope", "AUT-2011"},
			{"part of a scope", p, []string{"scope", "openid.x"}, "invalid_scope", "AUT-2011"},
			{"unknown resource", p, []string{"resource", "https://api.example.com/x"}, "invalid_target", "AUT-2012"},
			{"prompt none beside another", p, []string{"prompt", "none login"}, "invalid_request", "AUT-0009"},
			{"unknown prompt", p, []string{"prompt", "create"}, "invalid_request", "AUT-0009"},
			{"negative age", p, []string{"max_age", "-1"}, "invalid_request", "AUT-0009"},
			{"foreign id token", p, []string{"id_token_hint", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."}, "invalid_request", "AUT-0009"},
			{"plain", p, []string{"code_challenge", challenge()[1], "code_challenge_method", "plain"}, "invalid_request", "AUT-0009"},
			{"plain by default", p, []string{"code_challenge", challenge()[1]}, "invalid_request", "AUT-0009"},
			{"method without challenge", p, []string{"code_challenge_method", "S256"}, "invalid_request", "AUT-0009"},
			{"public without challenge", secretless, nil, "invalid_request", "AUT-0009"},
			{"not pushed", pushes, nil, "invalid_request", "AUT-2027"},
			{"not its grant", other, nil, "unauthorized_client", "AUT-1001"},
			{"nobody, silently", p, []string{"prompt", "none"}, "login_required", "AUT-2015"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				b := s.NewBrowser(t)
				sentBack(t, b.Get(t, address(tt.p.request(tt.pairs...))), tt.error, tt.aut)
				sentBack(t, b.PostFromElsewhere(t, authorizeAt, tt.p.request(tt.pairs...)), tt.error, tt.aut)
				if tt.pairs == nil || tt.pairs[0] != "response_mode" {
					v := b.Get(t, address(tt.p.request(append(tt.pairs, "response_mode", "form_post")...)))
					if sentBack(t, v, tt.error, tt.aut); v.Status != http.StatusOK {
						t.Errorf("form_post was answered %d", v.Status)
					}
				}
			})
		}
		t.Run("consent, silently", func(t *testing.T) {
			b := s.NewBrowser(t)
			b.SignInAs(t, s.UserID, s.Clock.Now())
			sentBack(t, b.Get(t, address(p.request("prompt", "none"))), "consent_required", "AUT-2016")
		})
		t.Run("too long ago, silently", func(t *testing.T) {
			b := s.NewBrowser(t)
			b.SignInAs(t, s.UserID, s.Clock.Now().Add(-time.Hour))
			sentBack(t, b.Get(t, address(p.request("prompt", "none", "max_age", "3599"))), "login_required", "AUT-2015")
		})
	})
}

// TestAuthorizationFaultsAreExplained: also of what the application is told of.
func TestAuthorizationFaultsAreExplained(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	p := newParty(t, s, public)
	v := s.NewBrowser(t).Get(t, address(p.request("code_challenge", challenge()[1], "code_challenge_method", "plain")))
	sentBack(t, v, "invalid_request", "AUT-0009")
	if got := v.Given.Get("error_description"); !strings.Contains(got, "code_challenge_method must be S256") {
		t.Errorf("description = %q", got)
	}
	e := s.Refusal(t, v.Answer)
	i := slices.IndexFunc(e.Checks, func(o explain.Outcome) bool { return !o.Passed })
	if e.Code != "AUT-0009" || e.Status != http.StatusSeeOther || i < 0 || e.Checks[i].Check != explain.Challenge.String() || e.Caller == nil || e.Caller.ID != p.id {
		t.Errorf("record: %+v", e.Record)
	}
	code := p.codeFor(t, challenge()...)
	p.public = true
	a := p.exchange(t, code, "code_verifier", strings.Repeat("x", 50))
	want(t, a, http.StatusBadRequest, "AUT-2013")
	reason{check: explain.CodeVerifier, got: "another one, of 50 bytes", passed: []string{"code.client", "code.redirect-uri"}, caller: s.Username}.of(t, a, s.Refusal(t, a))
}

func TestAuthorizationFaultsForPeople(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	p := newParty(t, s)
	gone := newParty(t, s, func(a *identity.Application) { a.Disabled = true })
	several := newParty(t, s, func(a *identity.Application) { a.RedirectURIs = []string{returnTo, returnTo + "/2"} })
	get := func(query string) func(t *testing.T) servertest.Answer {
		return func(t *testing.T) servertest.Answer { return s.Get(t, authorizeAt+"?"+query) }
	}
	post := func(body, contentType string) func(t *testing.T) servertest.Answer {
		return func(t *testing.T) servertest.Answer {
			return s.Send(t, http.MethodPost, authorizeAt, contentType, []byte(body))
		}
	}
	good := p.request().Encode()
	for _, tt := range []struct {
		name   string
		ask    func(t *testing.T) servertest.Answer
		status int
		code   string
	}{
		{"no client", get(p.request("client_id", "").Encode()), 400, "AUT-0001"},
		{"unknown client", get(p.request("client_id", "0123456789abcdef0123").Encode()), 401, "AUT-1004"},
		{"disabled client", get(gone.request().Encode()), 401, "AUT-1004"},
		{"no redirect URI beside openid", get(p.request("redirect_uri", "").Encode()), 400, "AUT-0001"},
		{"no redirect URI of several", get(several.request("redirect_uri", "", "scope", "profile").Encode()), 400, "AUT-0001"},
		{"another redirect URI", get(p.request("redirect_uri", returnTo+"/").Encode()), 400, "AUT-2014"},
		{"another redirect URI and other faults", get(p.request("redirect_uri", "https://evil.example/", "response_type", "token").Encode()), 400, "AUT-2014"},
		{"client twice", get(good + "&client_id=" + p.id), 400, "AUT-0009"},
		{"redirect URI twice", get(good + "&redirect_uri=https%3A%2F%2Fevil.example"), 400, "AUT-0009"},
		{"something unknown twice", get(good + "&x=1&x=2"), 400, "AUT-0009"},
		{"NUL", get(good + "&login_hint=%00"), 400, "AUT-0009"},
		{"no UTF-8", get(good + "&login_hint=%ff"), 400, "AUT-0009"},
		{"no escape", get(good + "&login_hint=%zz"), 400, "AUT-0009"},
		{"too long", get(good + "&x=" + strings.Repeat("x", 16<<10)), 400, "AUT-0009"},
		{"too long, posted", post(good+"&x="+strings.Repeat("x", 16<<10), "application/x-www-form-urlencoded"), 400, "AUT-0009"},
		{"10 MB", post(good+"&x="+strings.Repeat("x", 10<<20), "application/x-www-form-urlencoded"), 413, "AUT-2003"},
		{"multipart", post("--x\r\n\r\n--x--", "multipart/form-data; boundary=x"), 415, "AUT-2004"},
		{"JSON", post("{}", "application/json"), 415, "AUT-2004"},
		{"an interaction that there is not", get("interaction=x"), 400, "AUT-2024"},
		{"a pushed request that there is not", get("client_id=" + p.id + "&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Ax"), 400, "AUT-2028"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want(t, tt.ask(t), tt.status, tt.code)
		})
	}
	t.Run("an administrator sees what was received beside what is registered", func(t *testing.T) {
		for _, tt := range []struct{ sent, got, want string }{
			{"https://app.example.com/Callback", "https://app.example.com/‹C›allback", "https://app.example.com/‹c›allback"},
			{returnTo + "/", "https://app.example.com/callback‹/›", "https://app.example.com/callback"},
			{returnTo + "?token=4f9c", "https://app.example.com/callback‹?…›", "https://app.example.com/callback"},
		} {
			a := s.Get(t, address(p.request("redirect_uri", tt.sent)))
			want(t, a, http.StatusBadRequest, "AUT-2014")
			e := s.Refusal(t, a)
			reason{check: explain.RedirectURI, got: tt.got, want: tt.want, passed: []string{"client.known"}}.of(t, a, e)
		}
	})
}

func TestAuthorizationAnswers(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	p := newParty(t, s, func(a *identity.Application) {
		a.RedirectURIs = []string{returnTo, returnTo + "?tenant=1", "http://127.0.0.1/cb", "com.example.app:/cb"}
	})
	b := s.NewBrowser(t)
	b.SignInAs(t, s.UserID, s.Clock.Now())
	t.Run("in the query", func(t *testing.T) {
		v := b.Get(t, address(p.request("redirect_uri", returnTo+"?tenant=1", "state", "a b&c", "colour", "red")))
		if v.Status != http.StatusSeeOther || v.Given.Get("tenant") != "1" || v.Given.Get("state") != "a b&c" || v.Given.Get("iss") != s.Issuer || len(v.Given.Get("code")) != 43 || len(v.Given) != 4 {
			t.Errorf("%d, given %v", v.Status, v.Given)
		}
		if v.Header.Get("Cache-Control") != "no-store" || v.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("headers: %v", v.Header)
		}
	})
	t.Run("in a form", func(t *testing.T) {
		v := b.Get(t, address(p.request("response_mode", "form_post")))
		if v.Status != http.StatusOK || v.URL.String() != returnTo || v.Given.Get("state") != "s" || v.Given.Get("iss") != s.Issuer || len(v.Given.Get("code")) != 43 {
			t.Errorf("%d %s, given %v", v.Status, v.URL, v.Given)
		}
		if v.Header.Get("Cache-Control") != "no-store" || !strings.Contains(v.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("headers: %v", v.Header)
		}
	})
	t.Run("to a request that was posted", func(t *testing.T) {
		if v := b.PostFromElsewhere(t, authorizeAt, p.request()); !v.Away || v.Given.Get("code") == "" {
			t.Errorf("%d %s %v", v.Status, v.URL, v.Given)
		}
	})
	t.Run("without state there is none", func(t *testing.T) {
		if v := b.Get(t, address(p.request("state", ""))); v.Given.Has("state") || v.Given.Get("code") == "" {
			t.Errorf("given %v", v.Given)
		}
	})
	t.Run("to a port of this machine", func(t *testing.T) {
		v := b.Get(t, address(p.request("redirect_uri", "http://127.0.0.1:49152/cb")))
		if v.URL.Host != "127.0.0.1:49152" || v.Given.Get("code") == "" {
			t.Fatalf("%s", v.URL)
		}
		want(t, p.exchange(t, v.Given.Get("code"), "redirect_uri", "http://127.0.0.1:49152/cb"), http.StatusOK, "")
	})
	t.Run("to an installed application", func(t *testing.T) {
		if v := b.Get(t, address(p.request("redirect_uri", "com.example.app:/cb"))); v.URL.Scheme != "com.example.app" || v.Given.Get("code") == "" {
			t.Errorf("%s", v.URL)
		}
		v := b.Get(t, address(p.request("redirect_uri", "com.example.app:/cb", "response_mode", "form_post")))
		if v.URL.Scheme != "com.example.app" || v.Given.Get("error") != "invalid_request" {
			t.Errorf("form_post: %s", v.URL)
		}
	})
	t.Run("with an id token of another application as a hint", func(t *testing.T) {
		other := newParty(t, s)
		hint := p.exchange(t, p.codeFor(t)).Text("id_token")
		sentBack(t, b.Get(t, address(other.request("id_token_hint", hint))), "invalid_request", "AUT-0009")
		s.Clock.Advance(2 * time.Hour)
		if v := b.Get(t, address(p.request("id_token_hint", hint, "prompt", "none"))); v.Given.Get("code") == "" {
			t.Errorf("an expired hint: %v", v.Given)
		}
	})
	t.Run("no secret in the log", func(t *testing.T) {
		v := b.Get(t, address(p.request("state", "secret-state", "nonce", "secret-nonce")))
		p.exchange(t, v.Given.Get("code"))
		for _, secret := range []string{"secret-state", "secret-nonce", v.Given.Get("code")} {
			if strings.Contains(s.Log.String(), secret) {
				t.Errorf("the log has %q", secret)
			}
		}
	})
}

func TestPushedRequests(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s, func(a *identity.Application) { a.RequirePAR = true })
		other := newParty(t, s)
		b := s.NewBrowser(t)
		b.SignInAs(t, s.UserID, s.Clock.Now())
		push := func(t *testing.T, params url.Values, with ...servertest.With) servertest.Answer {
			t.Helper()
			return s.Form(t, "/oauth2/par", params, with...)
		}
		client := servertest.Basic(p.id, p.secret)
		goTo := func(t *testing.T, id, requestURI string, pairs ...string) servertest.View {
			t.Helper()
			params := url.Values{"client_id": {id}, "request_uri": {requestURI}}
			for i := 0; i < len(pairs); i += 2 {
				params.Set(pairs[i], pairs[i+1])
			}
			b.Header.Set("Accept", "application/json")
			return b.Get(t, address(params))
		}
		t.Run("once", func(t *testing.T) {
			a := push(t, p.request("client_id", ""), client)
			want(t, a, http.StatusCreated, "")
			if a.JSON["expires_in"] != 60.0 || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("answer: %s", a.Body)
			}
			v := goTo(t, p.id, a.Text("request_uri"), "redirect_uri", "https://evil.example/", "state", "other")
			if !v.Away || v.URL.Host != "app.example.com" || v.Given.Get("state") != "s" {
				t.Fatalf("%d %s %s", v.Status, v.URL, v.Body)
			}
			want(t, p.exchange(t, v.Given.Get("code")), http.StatusOK, "")
			if v := goTo(t, p.id, a.Text("request_uri")); v.Away || v.Status != http.StatusBadRequest || !strings.Contains(string(v.Body), "AUT-2028") {
				t.Errorf("again: %d %s", v.Status, v.URL)
			}
		})
		t.Run("a minute, by the application that pushed it", func(t *testing.T) {
			uri := push(t, p.request(), client).Text("request_uri")
			if v := goTo(t, other.id, uri); v.Away || v.Status != http.StatusBadRequest {
				t.Errorf("another application's: %d %s", v.Status, v.URL)
			}
			s.Clock.Advance(time.Minute)
			if v := goTo(t, p.id, uri); v.Away || v.Status != http.StatusBadRequest {
				t.Errorf("late: %d %s", v.Status, v.URL)
			}
		})
		t.Run("faults are told at once", func(t *testing.T) {
			want(t, push(t, p.request("redirect_uri", "https://evil.example/"), client), http.StatusBadRequest, "AUT-2014")
			want(t, push(t, p.request("response_type", "token"), client), http.StatusBadRequest, "AUT-2019")
			want(t, push(t, p.request("request_uri", "urn:ietf:params:oauth:request_uri:x"), client), http.StatusBadRequest, "AUT-2021")
			want(t, push(t, p.request("client_id", other.id), client), http.StatusBadRequest, "AUT-0009")
			want(t, push(t, p.request()), http.StatusUnauthorized, "AUT-1004")
			want(t, push(t, p.request(), servertest.Basic(p.id, "wrong")), http.StatusUnauthorized, "AUT-1004")
			want(t, push(t, url.Values{}), http.StatusUnauthorized, "AUT-1004")
			params := p.request()
			params["scope"] = []string{"openid", "profile"}
			want(t, push(t, params, client), http.StatusBadRequest, "AUT-0009")
		})
		t.Run("what is pushed is no code, and the other way round", func(t *testing.T) {
			uri := push(t, p.request(), client).Text("request_uri")
			want(t, p.exchange(t, uri[strings.LastIndex(uri, ":")+1:]), http.StatusBadRequest, "AUT-2013")
			if v := goTo(t, other.id, "urn:ietf:params:oauth:request_uri:"+other.codeFor(t)); v.Away {
				t.Errorf("a code passes for a pushed request: %s", v.URL)
			}
		})
	})
}

func TestStepsForPeople(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		asks := newParty(t, s, func(a *identity.Application) { a.Trusted = false })
		for _, tt := range []struct {
			name     string
			p        party
			signedIn bool
			pairs    []string
			path     string
		}{
			{"nobody", p, false, nil, "/login"},
			{"login", p, true, []string{"prompt", "login"}, "/login"},
			{"too long ago", p, true, []string{"max_age", "10"}, "/login"},
			{"choose", p, true, []string{"prompt", "select_account"}, "/accounts"},
			{"consent", asks, true, nil, "/consent"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				b := s.NewBrowser(t)
				if tt.signedIn {
					b.SignInAs(t, s.UserID, s.Clock.Now().Add(-time.Minute))
				}
				v := b.Get(t, address(tt.p.request(tt.pairs...)))
				if v.Away || v.URL.Path != tt.path || v.URL.Query().Get("interaction") == "" {
					t.Fatalf("at %s: %d %s", v.URL, v.Status, v.Body)
				}
				again := b.Get(t, authorizeAt+"?interaction="+v.URL.Query().Get("interaction"))
				if again.URL.String() != v.URL.String() {
					t.Errorf("went on to %s", again.URL)
				}
				if v := s.NewBrowser(t).Get(t, authorizeAt+"?interaction="+v.URL.Query().Get("interaction")); v.Away || v.Status != http.StatusBadRequest {
					t.Errorf("in another browser: %d %s", v.Status, v.URL)
				}
			})
		}
		t.Run("what is taken away meanwhile counts", func(t *testing.T) {
			p := newParty(t, s)
			b := s.NewBrowser(t)
			v := b.Get(t, address(p.request()))
			s.DisableApplication(t, p.id, true)
			b.SignInAs(t, s.UserID, s.Clock.Now())
			if v = b.Get(t, authorizeAt+"?"+v.URL.RawQuery); v.Away || !strings.Contains(string(v.Body), "AUT-1004") {
				t.Errorf("%d %s %s", v.Status, v.URL, v.Body)
			}
		})
		t.Run("somebody who is disabled is not signed in", func(t *testing.T) {
			id := s.SomeUser(t, "short")
			b := s.NewBrowser(t)
			b.SignInAs(t, id, s.Clock.Now())
			if v := b.Get(t, address(p.request("prompt", "none"))); v.Given.Get("code") == "" {
				t.Fatalf("enabled: %v", v.Given)
			}
			s.DisableUser(t, id)
			sentBack(t, b.Get(t, address(p.request("prompt", "none"))), "login_required", "AUT-2015")
		})
		t.Run("of several accounts the one used last goes on, unless another is meant", func(t *testing.T) {
			grace := s.SomeUser(t, "grace")
			b := s.NewBrowser(t)
			b.SignInAs(t, s.UserID, s.Clock.Now())
			b.SignInAs(t, grace, s.Clock.Now())
			sub := func(pairs ...string) any {
				v := b.Get(t, address(p.request(append(pairs, "prompt", "none")...)))
				return decode(t, p.exchange(t, v.Given.Get("code")).Text("id_token"))["sub"]
			}
			got := []any{sub(), sub("login_hint", "ADA@example.com"), sub(), sub("login_hint", "grace")}
			if !slices.Equal(got, []any{grace, s.UserID, s.UserID, grace}) {
				t.Errorf("subjects: %v; ada is %s, grace %s", got, s.UserID, grace)
			}
			sentBack(t, b.Get(t, address(p.request("prompt", "none", "login_hint", "mallory"))), "account_selection_required", "AUT-2022")
		})
	})
}
