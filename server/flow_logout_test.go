package server_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/servertest"
)

const (
	endSessionAt = "/oauth2/logout"
	goodbye      = "https://app.example.com/bye?a=b"
)

// withGoodbye lets an application have people go on after they have signed out.
func withGoodbye(a *identity.Application) { a.PostLogoutRedirectURIs = []string{goodbye} }

// leaving is the address of a request to sign out, of pairs of name and value.
func leaving(pairs ...string) string {
	params := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		params.Set(pairs[i], pairs[i+1])
	}
	return endSessionAt + "?" + params.Encode()
}

// isSignedIn says whether a user is signed in in the browser.
func (p party) isSignedIn(t *testing.T, b *servertest.Browser, userID string) bool {
	t.Helper()
	v := b.Get(t, address(p.request("prompt", "select_account")))
	return v.URL.Path == "/accounts" && strings.Contains(string(v.Body), `name="account" value="`+userID+`"`)
}

// atGoodbye checks that people are where the application wants them.
func atGoodbye(t *testing.T, v servertest.View, state string) {
	t.Helper()
	to := goodbye
	if state != "" {
		to += "&" + url.Values{"state": {state}}.Encode()
	}
	if !v.Away || v.URL.String() != to {
		t.Fatalf("at %s (%d %s), want %s", v.URL, v.Status, v.Body, to)
	}
}

// asked checks that people are asked whether they want to sign out.
func asked(t *testing.T, v servertest.View, name string) {
	t.Helper()
	if v.Away || v.Status != http.StatusOK || !strings.HasPrefix(html.UnescapeString(v.To), "/logout?") || !strings.Contains(string(v.Body), name) {
		t.Fatalf("at %s: %d %s, want to be asked whether %s signs out", v.URL, v.Status, v.Body, name)
	}
}

// farewell checks that a page says that people are signed out.
func farewell(t *testing.T, v servertest.View) {
	t.Helper()
	if v.Away || v.Status != http.StatusOK || !strings.Contains(string(v.Body), "You are signed out") {
		t.Fatalf("at %s: %d %s, want the page of those who are signed out", v.URL, v.Status, v.Body)
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p, other := newParty(t, s, withGoodbye), newParty(t, s)
		begin := func(t *testing.T) (*servertest.Browser, servertest.Answer) {
			t.Helper()
			b := s.NewBrowser(t)
			b.SignInAs(t, s.UserID, s.Clock.Now())
			return b, p.tokens(t, b)
		}
		t.Run("at once, with a hint", func(t *testing.T) {
			b, tokens := begin(t)
			elsewhere := other.tokens(t, b)
			atGoodbye(t, b.Get(t, leaving("id_token_hint", tokens.Text("id_token"), "post_logout_redirect_uri", goodbye, "state", "x &y", "unknown", "1")), "x &y")
			if p.isSignedIn(t, b, s.UserID) || p.alive(t, tokens) || other.alive(t, elsewhere) {
				t.Error("somebody is signed in still")
			}
			a := s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.Text("refresh_token")}}, servertest.Basic(p.id, p.secret))
			want(t, a, http.StatusBadRequest, "AUT-1005")
		})
		t.Run("by POST", func(t *testing.T) {
			b, tokens := begin(t)
			atGoodbye(t, b.Post(t, endSessionAt, url.Values{"id_token_hint": {tokens.Text("id_token")}, "post_logout_redirect_uri": {goodbye}}), "")
			if p.alive(t, tokens) {
				t.Error("the session has not ended")
			}
		})
		t.Run("with a hint that has expired, of a browser that was idle", func(t *testing.T) {
			b, tokens := begin(t)
			s.Clock.Advance(13 * time.Hour)
			if p.isSignedIn(t, b, s.UserID) {
				t.Fatal("the browser was not idle")
			}
			atGoodbye(t, b.Get(t, leaving("id_token_hint", tokens.Text("id_token"), "client_id", p.id, "post_logout_redirect_uri", goodbye)), "")
			a := s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.Text("refresh_token")}}, servertest.Basic(p.id, p.secret))
			want(t, a, http.StatusBadRequest, "AUT-1005")
		})
		t.Run("with nowhere to go", func(t *testing.T) {
			b, tokens := begin(t)
			v := b.Get(t, leaving("id_token_hint", tokens.Text("id_token"), "state", "s", "ui_locales", "pt"))
			if v.Away || !strings.Contains(string(v.Body), "Você saiu da sua conta") || v.Header.Get("Refresh") != "" {
				t.Errorf("at %s: %d %s", v.URL, v.Status, v.Body)
			}
			if p.alive(t, tokens) {
				t.Error("the session has not ended")
			}
		})
		t.Run("only after they have agreed, without a hint", func(t *testing.T) {
			for _, request := range []string{endSessionAt, "/logout", leaving("client_id", p.id), leaving("client_id", p.id, "logout_hint", s.Username), leaving("id_token_hint", "nonsense")} {
				b, tokens := begin(t)
				v := b.Get(t, request)
				asked(t, v, "Ada Lovelace")
				if !p.isSignedIn(t, b, s.UserID) || !p.alive(t, tokens) {
					t.Fatalf("%s signs out by itself", request)
				}
				stayed := b.Submit(t, v, map[string]string{"logout": "no"})
				if !strings.Contains(string(stayed.Body), "You are still signed in") || !p.isSignedIn(t, b, s.UserID) {
					t.Errorf("no was taken for yes: %s", stayed.Body)
				}
				if b.Submit(t, v, nil); !p.isSignedIn(t, b, s.UserID) {
					t.Error("no answer was taken for yes")
				}
				farewell(t, b.Submit(t, v, map[string]string{"logout": "yes"}))
				if p.isSignedIn(t, b, s.UserID) || p.alive(t, tokens) {
					t.Error("yes was taken for no")
				}
				farewell(t, b.Submit(t, v, map[string]string{"logout": "yes"})) // once more
			}
		})
		t.Run("after they have agreed, they go on", func(t *testing.T) {
			b, _ := begin(t)
			v := b.Get(t, leaving("client_id", p.id, "post_logout_redirect_uri", goodbye, "state", "s"))
			asked(t, v, "Ada Lovelace")
			atGoodbye(t, b.Submit(t, v, map[string]string{"logout": "yes"}), "s")
		})
		t.Run("where nobody is signed in", func(t *testing.T) {
			b := s.NewBrowser(t)
			farewell(t, b.Get(t, endSessionAt))
			atGoodbye(t, b.Get(t, leaving("client_id", p.id, "post_logout_redirect_uri", goodbye)), "")
		})
	})
}

func TestSignOutOfOneAccount(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s, withGoodbye)
		bob := s.NewUser(t, s.Admin(t), "bob", identity.AdminGroup)
		both := func(t *testing.T) (b *servertest.Browser, ofBob, ofAda servertest.Answer) {
			t.Helper()
			b = s.NewBrowser(t)
			b.SignInAs(t, bob, s.Clock.Now())
			ofBob = p.tokens(t, b)
			b.SignInAs(t, s.UserID, s.Clock.Now())
			return b, ofBob, p.tokens(t, b)
		}
		t.Run("that of the hint", func(t *testing.T) {
			b, ofBob, ofAda := both(t)
			farewell(t, b.Get(t, leaving("id_token_hint", ofBob.Text("id_token"))))
			if p.alive(t, ofBob) || !p.alive(t, ofAda) || p.isSignedIn(t, b, bob) || !p.isSignedIn(t, b, s.UserID) {
				t.Error("the wrong account was signed out")
			}
		})
		t.Run("that which is named", func(t *testing.T) {
			b, ofBob, ofAda := both(t)
			v := b.Get(t, leaving("logout_hint", "BOB@example.com"))
			asked(t, v, "bob@example.com")
			farewell(t, b.Submit(t, v, map[string]string{"logout": "yes"}))
			if p.alive(t, ofBob) || !p.alive(t, ofAda) {
				t.Error("the wrong account was signed out")
			}
		})
		t.Run("that which was used last", func(t *testing.T) {
			b, ofBob, ofAda := both(t)
			v := b.Get(t, leaving("logout_hint", "mallory"))
			asked(t, v, "ada@example.com")
			farewell(t, b.Submit(t, v, map[string]string{"logout": "yes"}))
			if !p.alive(t, ofBob) || p.alive(t, ofAda) {
				t.Error("the wrong account was signed out")
			}
		})
		t.Run("not by the hint of another", func(t *testing.T) {
			_, ofBob, ofAda := both(t)
			here, _, _ := both(t)
			for _, hint := range []servertest.Answer{ofBob, ofAda} {
				v := here.Get(t, leaving("id_token_hint", hint.Text("id_token"), "post_logout_redirect_uri", goodbye))
				asked(t, v, "@example.com")
			}
			alone := s.NewBrowser(t)
			alone.SignInAs(t, bob, s.Clock.Now())
			asked(t, alone.Get(t, leaving("id_token_hint", ofAda.Text("id_token"))), "bob@example.com")
			if !p.alive(t, ofBob) || !p.alive(t, ofAda) || !p.isSignedIn(t, here, bob) || !p.isSignedIn(t, here, s.UserID) || !p.isSignedIn(t, alone, bob) {
				t.Error("somebody was signed out by a hint of another browser")
			}
		})
	})
}

// TestSignOutFromElsewhere: a hint ends its session, also where the browser knows
// nothing of that, and no other one.
func TestSignOutFromElsewhere(t *testing.T) {
	t.Parallel()
	eachNear(t, func(t *testing.T, s *servertest.Server) {
		r := newReceiver(t)
		p := newParty(t, s, told(r), withGoodbye)
		b := s.NewBrowser(t)
		b.SignInAs(t, s.UserID, s.Clock.Now())
		here, other := p.tokens(t, b), p.tokens(t, b)
		to := leaving("id_token_hint", here.Text("id_token"), "post_logout_redirect_uri", goodbye)
		atGoodbye(t, s.NewBrowser(t).Get(t, to), "")
		if p.alive(t, here) || !p.alive(t, other) || !p.isSignedIn(t, b, s.UserID) {
			t.Error("another session than that of the hint has ended")
		}
		r.told(t, s, p, sid(t, here))
		atGoodbye(t, s.NewBrowser(t).Get(t, to), "")
		if !p.alive(t, other) {
			t.Error("a hint of a session that has ended ends another")
		}

		tokens := other
		for range 8 { // until nobody is signed in in the browser any more
			s.Clock.Advance(23 * time.Hour)
			form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.Text("refresh_token")}}
			tokens = s.Form(t, tokenPath, form, servertest.Basic(p.id, p.secret))
			want(t, tokens, http.StatusOK, "")
		}
		atGoodbye(t, b.Get(t, leaving("id_token_hint", tokens.Text("id_token"), "post_logout_redirect_uri", goodbye)), "")
		if p.alive(t, tokens) {
			t.Error("the session lives on")
		}
	})
}

func TestSignOutRefuses(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	p, other := newParty(t, s, withGoodbye), newParty(t, s)
	gone := newParty(t, s, withGoodbye, func(a *identity.Application) { a.Disabled = true })
	b := s.NewBrowser(t)
	b.SignInAs(t, s.UserID, s.Clock.Now())
	tokens := p.tokens(t, b)
	hint := tokens.Text("id_token")
	to := func(uri string) []string { return []string{"id_token_hint", hint, "post_logout_redirect_uri", uri} }
	for name, tt := range map[string]struct {
		pairs []string
		code  string
	}{
		"another address":          {to("https://evil.example/"), "AUT-2014"},
		"a longer address":         {to(goodbye + "&c=d"), "AUT-2014"},
		"a shorter address":        {to("https://app.example.com/bye"), "AUT-2014"},
		"another case":             {to("https://APP.example.com/bye?a=b"), "AUT-2014"},
		"another port":             {to("https://app.example.com:443/bye?a=b"), "AUT-2014"},
		"a user before the host":   {to("https://app.example.com@evil.example/bye?a=b"), "AUT-2014"},
		"dots":                     {to("https://app.example.com/x/../bye?a=b"), "AUT-2014"},
		"a fragment":               {to(goodbye + "#x"), "AUT-2014"},
		"a script":                 {to("javascript:alert(1)"), "AUT-2014"},
		"no scheme":                {to("//app.example.com/bye?a=b"), "AUT-2014"},
		"its redirect URI":         {to(returnTo), "AUT-2014"},
		"an address of nobody":     {[]string{"post_logout_redirect_uri", goodbye}, "AUT-2014"},
		"the address of another":   {[]string{"client_id", other.id, "post_logout_redirect_uri", goodbye}, "AUT-2014"},
		"an unknown application":   {[]string{"client_id", "nobody", "post_logout_redirect_uri", goodbye}, "AUT-1004"},
		"a disabled application":   {[]string{"client_id", gone.id, "post_logout_redirect_uri", goodbye}, "AUT-1004"},
		"a hint for another":       {[]string{"client_id", other.id, "id_token_hint", hint}, "AUT-0009"},
		"a changed hint":           {[]string{"id_token_hint", hint[:len(hint)-8] + "AAAAAAAA", "post_logout_redirect_uri", goodbye}, "AUT-0009"},
		"an access token":          {[]string{"id_token_hint", tokens.Text("access_token"), "post_logout_redirect_uri", goodbye}, "AUT-0009"},
		"a hint without signature": {[]string{"id_token_hint", unsigned(hint), "post_logout_redirect_uri", goodbye}, "AUT-0009"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, v := range []servertest.View{b.Get(t, leaving(tt.pairs...)), b.Get(t, strings.Replace(leaving(tt.pairs...), endSessionAt, "/logout", 1))} {
				if v.Away || v.Form != nil || v.Status < 400 || !strings.Contains(string(v.Body), ">"+tt.code+"<") {
					t.Errorf("at %s: %d %s, want a page with %s", v.URL, v.Status, v.Body, tt.code)
				}
			}
		})
	}
	for _, query := range []string{"?state=a&state=b", "?id_token_hint=" + hint + "&id_token_hint=" + hint, "?state=%ff", "?client_id=%zz", "?state=" + strings.Repeat("x", 20_000)} {
		if v := b.Get(t, endSessionAt+query); v.Away || v.Form != nil || v.Status != http.StatusBadRequest {
			t.Errorf("%.40s: at %s: %d", query, v.URL, v.Status)
		}
	}
	if !p.alive(t, tokens) || !p.isSignedIn(t, b, s.UserID) {
		t.Error("somebody was signed out")
	}
	t.Run("the administrator sees what differs", func(t *testing.T) {
		a := s.Get(t, leaving(to("https://app.example.com/by?a=b")...))
		reason{
			check: explain.PostLogoutURI, got: "https://app.example.com/by", want: "https://app.example.com/by‹e›",
			passed: []string{"authorization.id-token-hint"}, caller: "party",
		}.of(t, a, s.Refusal(t, a))
	})
}

// unsigned is a token with another header and no signature.
func unsigned(token string) string {
	return "eyJhbGciOiJub25lIn0." + strings.Split(token, ".")[1] + "."
}

func TestForgedSignOut(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	p := newParty(t, s)
	b := s.NewBrowser(t)
	b.SignInAs(t, s.UserID, s.Clock.Now())
	v := b.Get(t, endSessionAt)
	asked(t, v, "Ada Lovelace")
	to := html.UnescapeString(v.To)
	stranger := s.NewBrowser(t).Get(t, address(p.request()))
	for name, form := range map[string]url.Values{
		"without a token":       {"logout": {"yes"}},
		"with an empty one":     {"logout": {"yes"}, "csrf_token": {""}},
		"with that of another":  {"logout": {"yes"}, "csrf_token": {stranger.Form["csrf_token"]}},
		"with a token too many": {"logout": {"yes"}, "csrf_token": {v.Form["csrf_token"], v.Form["csrf_token"]}},
	} {
		if got := b.Post(t, to, form); got.Status < 400 {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	b.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := b.Submit(t, v, map[string]string{"logout": "yes"}); got.Status != http.StatusForbidden {
		t.Errorf("from another site: %d %s", got.Status, got.Body)
	}
	b.Header.Del("Sec-Fetch-Site")
	b.Get(t, to+"&logout=yes&csrf_token="+v.Form["csrf_token"])
	if !p.isSignedIn(t, b, s.UserID) {
		t.Error("somebody was signed out")
	}
	if v.Header.Get("X-Frame-Options") != "DENY" || !strings.Contains(v.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") || !strings.Contains(v.Header.Get("Cache-Control"), "no-store") {
		t.Errorf("headers of the page: %v", v.Header)
	}
}

func TestFrontchannelLogout(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		framed := func(uri string) func(*identity.Application) {
			return func(a *identity.Application) { a.FrontchannelLogoutURI = uri }
		}
		one, two := newParty(t, s, withGoodbye, framed("https://app.example.com/out")), newParty(t, s, framed("https://two.example.com:8443/out?x=y"))
		none := newParty(t, s, withGoodbye)
		b := s.NewBrowser(t)
		begin := func() (hint string, frames []string) {
			b.SignInAs(t, s.UserID, s.Clock.Now())
			first, second := one.tokens(t, b), two.tokens(t, b)
			iss := url.QueryEscape(s.Issuer)
			return none.tokens(t, b).Text("id_token"), []string{
				`<iframe src="https://app.example.com/out?iss=` + iss + `&amp;sid=` + sid(t, first) + `"`,
				`<iframe src="https://two.example.com:8443/out?x=y&amp;iss=` + iss + `&amp;sid=` + sid(t, second) + `"`,
			}
		}
		check := func(v servertest.View, frames []string) {
			t.Helper()
			farewell(t, v)
			for _, frame := range frames {
				if !strings.Contains(string(v.Body), frame) {
					t.Errorf("no %s in %s", frame, v.Body)
				}
			}
			if got := strings.Count(string(v.Body), "<iframe"); got != len(frames) {
				t.Errorf("%d frames, want %d", got, len(frames))
			}
			policy := v.Header.Get("Content-Security-Policy")
			_, sources, _ := strings.Cut(policy, "frame-src ")
			if sources, _, _ = strings.Cut(sources, ";"); len(strings.Fields(sources)) != 2 || !strings.Contains(sources, "https://two.example.com:8443") {
				t.Errorf("policy: %s", policy)
			}
		}
		hint, frames := begin()
		v := b.Get(t, leaving("id_token_hint", hint))
		if check(v, frames); v.Header.Get("Refresh") != "" {
			t.Errorf("goes on to %s", v.Header.Get("Refresh"))
		}
		hint, frames = begin()
		v = b.Get(t, leaving("id_token_hint", hint, "post_logout_redirect_uri", goodbye, "state", "s"))
		check(v, frames)
		if got := v.Header.Get("Refresh"); got != "2;url="+goodbye+"&state=s" {
			t.Errorf("Refresh: %s", got)
		}
		if !strings.Contains(string(v.Body), `href="https://app.example.com/bye?a=b&amp;state=s"`) {
			t.Errorf("no link onward in %s", v.Body)
		}
		_, frames = begin()
		v = b.Get(t, leaving("client_id", none.id, "post_logout_redirect_uri", goodbye))
		asked(t, v, "Ada Lovelace")
		v = b.Submit(t, v, map[string]string{"logout": "yes"})
		if check(v, frames); v.Header.Get("Refresh") != "2;url="+goodbye {
			t.Errorf("Refresh: %s", v.Header.Get("Refresh"))
		}
	})
}
