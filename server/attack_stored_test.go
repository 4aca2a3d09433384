package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server"
	"gatehouse/server/interaction"
	"gatehouse/server/servertest"
)

// visitor is a browser that sends one request at a time, from any address, to any
// node, and goes nowhere by itself.
type visitor struct {
	node    *servertest.Server
	address string
	cookies map[string]*http.Cookie
}

func newVisitor(s *servertest.Server, address string) *visitor {
	return &visitor{s, address, map[string]*http.Cookie{}}
}

// send returns the answer, and where it leads.
func (v *visitor) send(t testing.TB, method, target string, form url.Values) (*httptest.ResponseRecorder, *url.URL) {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	r.RemoteAddr = "[" + v.address + "]:4711"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, cookie := range v.cookies {
		r.AddCookie(cookie)
	}
	answer := httptest.NewRecorder()
	v.node.Handler().ServeHTTP(answer, r)
	for _, cookie := range answer.Result().Cookies() {
		v.cookies[cookie.Name] = cookie
	}
	to, err := url.Parse(answer.Header().Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return answer, to
}

func (v *visitor) get(t testing.TB, target string) (*httptest.ResponseRecorder, *url.URL) {
	t.Helper()
	return v.send(t, http.MethodGet, target, nil)
}

// begin begins a sign-in and returns its id.
func (v *visitor) begin(t testing.TB, params url.Values) string {
	t.Helper()
	answer, to := v.get(t, address(params))
	id := to.Query().Get("interaction")
	if answer.Code != http.StatusSeeOther || id == "" {
		t.Fatalf("no sign-in has begun: %d %s %s", answer.Code, to, answer.Body)
	}
	return id
}

// signIn posts the form of the login page as Ada.
func (v *visitor) signIn(t testing.TB, id string) *httptest.ResponseRecorder {
	t.Helper()
	page, _ := v.get(t, "/login?"+url.Values{"interaction": {id}}.Encode())
	_, token, found := strings.Cut(page.Body.String(), `name="csrf_token" value="`)
	if !found {
		t.Fatalf("no login page: %d %s", page.Code, page.Body)
	}
	token, _, _ = strings.Cut(token, `"`)
	answer, _ := v.send(t, http.MethodPost, "/login", url.Values{
		"interaction": {id}, "csrf_token": {token}, "username": {v.node.Username}, "password": {v.node.Password},
	})
	return answer
}

// code goes on with a sign-in, and returns the code that it leads to; "": none.
func (v *visitor) code(t testing.TB, id string) string {
	t.Helper()
	_, to := v.get(t, authorizeAt+"?"+url.Values{"interaction": {id}}.Encode())
	return to.Query().Get("code")
}

// rows is how many rows of sign-ins there are.
func rows(t testing.TB, s *servertest.Server) int {
	t.Helper()
	return s.Count(t, "SELECT count(*) FROM interactions")
}

// TestBegunSignInsStoreNothing: whoever asks for a sign-in, and for its pages, makes
// the server write nothing, and makes it read once at most.
func TestBegunSignInsStoreNothing(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		text := strings.Repeat("s", 43)
		ordinary := []string{"scope", "openid profile email offline_access", "state", text, "nonce", text}
		p, asks := newParty(t, s), newParty(t, s, func(a *identity.Application) { a.Trusted = false })
		for name, tt := range map[string]struct {
			p        party
			signedIn bool
			pairs    []string
			path     string
			reads    int64 // of the page
		}{
			"nobody":  {p, false, nil, "/login", 1},
			"login":   {p, true, []string{"prompt", "login"}, "/login", 1},
			"choose":  {p, true, []string{"prompt", "select_account"}, "/accounts", 2},
			"consent": {asks, true, nil, "/consent", 3},
		} {
			t.Run(name, func(t *testing.T) {
				v := newVisitor(s, "2001:db8::1")
				if tt.signedIn {
					cookie := s.NewBrowser(t).SignInAs(t, s.UserID, s.Clock.Now())
					v.cookies[cookie.Name] = cookie
				}
				params := tt.p.request(append(append(tt.pairs, ordinary...), challenge()...)...)
				v.begin(t, params) // warms the caches
				before := s.Writes.Load()
				id := v.begin(t, params)
				page := tt.path + "?" + url.Values{"interaction": {id}}.Encode()
				v.get(t, page)
				reads := s.Reads.Load()
				if answer, _ := v.get(t, page); answer.Code != http.StatusOK {
					t.Fatalf("%s: %d %s", page, answer.Code, answer.Body)
				}
				if got := s.Reads.Load() - reads; got > tt.reads {
					t.Errorf("the page took %d reads, want %d at most", got, tt.reads)
				}
				_, again := v.get(t, authorizeAt+"?"+url.Values{"interaction": {id}}.Encode())
				if again.Path != tt.path {
					t.Errorf("went on to %s, want %s", again, tt.path)
				}
				if got := s.Writes.Load() - before; got != 0 || rows(t, s) != 0 {
					t.Errorf("%d writes and %d rows, want none", got, rows(t, s))
				}
				if len(id) > 800 {
					t.Errorf("the id has %d bytes", len(id))
				}
			})
		}
	})
}

// TestMadeUpSignIns: what comes with a sealed id, and is not what was
// sealed for this browser, is refused and leaves nothing.
func TestMadeUpSignIns(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		v := newVisitor(s, "2001:db8::1")
		id := v.begin(t, p.request())
		other := newVisitor(s, "2001:db8::1")
		theirs := other.begin(t, p.request())
		middle := len(id) / 2
		for name, made := range map[string]string{
			"of another browser": theirs,
			"cut":                id[:middle],
			"without its end":    id[:len(id)-1],
			"longer":             id + "A",
			"two in one":         id[:middle] + theirs[middle:],
			"changed":            id[:middle] + flip(id[middle]) + id[middle+1:],
			"of another secret":  "AAAAAAAAAAA" + id[11:],
			"empty":              "",
			"padded":             id + "=",
			"huge":               strings.Repeat("A", 9<<10),
		} {
			for _, path := range []string{"/login", "/accounts", "/consent", authorizeAt} {
				answer, to := v.get(t, path+"?"+url.Values{"interaction": {made}}.Encode())
				if answer.Code != http.StatusBadRequest || to.String() != "" {
					t.Errorf("%s, at %s: %d %s", name, path, answer.Code, to)
				}
			}
		}
		if v.signIn(t, id).Code != http.StatusOK || v.code(t, id) == "" {
			t.Error("the right one does not lead to a code")
		}
		s.Clock.Advance(interaction.Life - time.Second)
		other.get(t, "/login?interaction="+theirs)
		s.Clock.Advance(time.Second)
		if answer, _ := other.get(t, "/login?interaction="+theirs); answer.Code != http.StatusBadRequest {
			t.Errorf("an expired one: %d", answer.Code)
		}
		if got := rows(t, s); got != 1 {
			t.Errorf("%d rows, want that of the one who signed in", got)
		}
	})
}

// flip returns another letter.
func flip(b byte) string {
	if b == 'A' {
		return "B"
	}
	return "A"
}

// TestASignInLeadsToOneCode: neither the id of a sign-in that is over, nor another id
// that it had on its way, leads anywhere, least of all for a pushed request, which
// may be used once (RFC 9126 §4).
func TestASignInLeadsToOneCode(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		for name, large := range map[string]string{"sealed": "", "too large to be sealed": strings.Repeat("x", 3000)} {
			t.Run(name, func(t *testing.T) {
				pushed := s.Form(t, "/oauth2/par", p.request("state", "s"+large), servertest.Basic(p.id, p.secret)).Text("request_uri")
				v := newVisitor(s, "2001:db8::1")
				first := v.begin(t, url.Values{"client_id": {p.id}, "request_uri": {pushed}})
				cookie := s.NewBrowser(t).SignInAs(t, s.UserID, s.Clock.Now())
				v.cookies[cookie.Name] = cookie
				if v.code(t, first) == "" {
					t.Fatal("no code for who has signed in meanwhile")
				}
				for range 2 {
					if code := v.code(t, first); code != "" {
						t.Error("a second code for a pushed request")
					}
				}
				if answer, _ := v.get(t, "/login?interaction="+url.QueryEscape(first)); answer.Code != http.StatusBadRequest {
					t.Errorf("the login page of what is over: %d", answer.Code)
				}
			})
		}
		t.Run("by an id that it had before", func(t *testing.T) {
			asks := newParty(t, s, func(a *identity.Application) { a.Trusted = false })
			v := newVisitor(s, "2001:db8::1")
			login := v.begin(t, asks.request())
			cookie := s.NewBrowser(t).SignInAs(t, s.UserID, s.Clock.Now())
			v.cookies[cookie.Name] = cookie
			_, to := v.get(t, authorizeAt+"?interaction="+login)
			consent := to.Query().Get("interaction")
			if to.Path != "/consent" || consent == login {
				t.Fatalf("at %s with the same id: %v", to.Path, consent == login)
			}
			app, err := s.Store.ApplicationByClientID(t.Context(), asks.id)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Store.AddConsent(t.Context(), s.UserID, app, []string{"openid", "profile"}, s.Clock.Now()); err != nil {
				t.Fatal(err)
			}
			if v.code(t, consent) == "" || v.code(t, login) != "" || v.code(t, consent) != "" {
				t.Error("want one code of both ids")
			}
		})
	})
}

// TestTwoForms: the forms of several tabs, posted at once, are of one sign-in: they
// share a row and lead to one code.
func TestTwoForms(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		v := newVisitor(s, "2001:db8::1")
		id := v.begin(t, p.request())
		const tabs = 4
		done := make(chan *httptest.ResponseRecorder, tabs)
		for range tabs {
			tab := newVisitor(s, "2001:db8::1")
			for name, cookie := range v.cookies {
				tab.cookies[name] = cookie
			}
			go func() { done <- tab.signIn(t, id) }()
		}
		for range tabs {
			answer := <-done
			if answer.Code != http.StatusOK {
				t.Errorf("a form: %d %s", answer.Code, answer.Body)
			}
			for _, cookie := range answer.Result().Cookies() {
				v.cookies[cookie.Name] = cookie
			}
		}
		if got := rows(t, s); got != 1 {
			t.Errorf("%d rows, want 1", got)
		}
		if v.code(t, id) == "" || v.code(t, id) != "" {
			t.Error("want one code")
		}
	})
}

// TestSealedSignInsGoOnElsewhere: at another node, and under a master secret that has
// become the second one.
func TestSealedSignInsGoOnElsewhere(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		const next = "the master secret that comes after it, for tests"
		another := func() *servertest.Server {
			return s.Another(t, servertest.Options{Master: []string{next, servertest.Master}, Config: func(c *server.Config) { c.Tokens.Issuer = s.Issuer }})
		}
		p := newParty(t, s)
		v := newVisitor(s, "2001:db8::1")
		id := v.begin(t, p.request())
		v.node = another()
		if v.signIn(t, id).Code != http.StatusOK {
			t.Fatal("the other node does not take the form")
		}
		v.node = another()
		if v.code(t, id) == "" {
			t.Fatal("no code")
		}
		v.node = s
		if v.code(t, id) != "" {
			t.Error("a second code at the first node")
		}
	})
}

// TestPushedFlood: 300 pushed requests as large as they may be, from 300 networks of
// one site, keep no more than the site's share; others push and go on throughout.
func TestPushedFlood(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		open := newParty(t, s, public)
		known := newParty(t, s)
		push := func(p party, address, state string) string {
			form := p.request(append([]string{"state", state}, challenge()...)...)
			r := httptest.NewRequest(http.MethodPost, "/oauth2/par", strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if r.RemoteAddr = "[" + address + "]:4711"; p.id == known.id {
				r.SetBasicAuth(p.id, p.secret)
			}
			answer := httptest.NewRecorder()
			if s.Handler().ServeHTTP(answer, r); answer.Code != http.StatusCreated {
				t.Fatalf("push: %d %s", answer.Code, answer.Body)
			}
			_, uri, _ := strings.Cut(answer.Body.String(), `"request_uri":"`)
			uri, _, _ = strings.Cut(uri, `"`)
			return uri
		}
		goesOn := func(who string, p party, uri string) {
			t.Helper()
			answer, to := newVisitor(s, "192.0.2.1").get(t, address(url.Values{"client_id": {p.id}, "request_uri": {uri}}))
			if to.Path != "/login" {
				t.Errorf("%s does not go on: %d %s", who, answer.Code, answer.Body)
			}
		}
		near, far, app := push(open, "2001:db8:1:fff0::1", "s"), push(open, "198.51.100.7", "s"), push(known, "2001:db8:1:1::1", "s")
		long := strings.Repeat("x", 11<<10)
		for i := range 300 {
			push(open, fmt.Sprintf("2001:db8:1:%x::1", i), long)
			if i%100 == 99 {
				goesOn("a neighbour", open, near)
				goesOn("somebody elsewhere", open, far)
				goesOn("an application that has a secret", known, app)
				near, far, app = push(open, "2001:db8:1:fff0::1", "s"), push(open, "198.51.100.7", "s"), push(known, "2001:db8:1:1::1", "s")
			}
		}
		if got := s.Count(t, "SELECT sum(length(payload)) FROM codes"); got > 1<<20+64<<10 {
			t.Errorf("%d bytes are stored, want the share of a /48 and the others' few", got)
		}
		for i := range 100 { // from a whole provider
			push(open, fmt.Sprintf("2001:db9:%x::1", i), long)
		}
		goesOn("a neighbour", open, near)
		goesOn("somebody elsewhere", open, far)
		goesOn("an application that has a secret", known, app)
	})
}

// TestLargeFlood: the same with sign-ins that are too large for an address.
func TestLargeFlood(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		victim := newVisitor(s, "2001:db8:1:fff0::1")
		large := victim.begin(t, p.request("state", strings.Repeat("v", 3000)))
		small := newVisitor(s, "2001:db8:1:1::1")
		begun := small.begin(t, p.request())
		for i := range 300 {
			newVisitor(s, fmt.Sprintf("2001:db8:1:%x::1", i)).begin(t, p.request("state", strings.Repeat("x", 11<<10)))
		}
		if got := s.Count(t, "SELECT sum(length(payload)) FROM interactions"); got > 1<<20 {
			t.Errorf("%d bytes are stored, want the share of a /48", got)
		}
		for name, v := range map[string]*visitor{large: victim, begun: small} {
			if v.signIn(t, name).Code != http.StatusOK || v.code(t, name) == "" {
				t.Error("somebody who began before the flood does not go on")
			}
		}
	})
}
