package servertest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/storage"
)

// Browser is somebody's browser. It keeps cookies, and goes where answers send it
// as long as that is on the server.
type Browser struct {
	Header http.Header // of every request
	Visits []string    // the paths that it has been to on its way, in their order
	Stays  bool        // it shows the first answer, and does not go where that sends it

	server    *Server
	client    *http.Client
	elsewhere bool // the next request is made by another site
}

// NewBrowser returns a browser in which nobody is signed in.
func (s *Server) NewBrowser(tb testing.TB) *Browser {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatalf("cookie jar: %v", err)
	}
	client := *s.client
	client.Jar = jar
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Browser{Header: http.Header{}, server: s, client: &client}
}

// View is what a browser shows: a page of the server, or where it was sent to.
type View struct {
	Answer
	URL   *url.URL
	Away  bool              // it has left the server; the answer is the one that it left with
	Given url.Values        // what it took along: of the query, or of the form
	Form  map[string]string // of the page: names and values of its fields; nil when it has none
	To    string            // where the form goes
}

// Get opens an address, of the server if it begins with a slash.
func (b *Browser) Get(t testing.TB, address string) View {
	t.Helper()
	return b.follow(t, http.MethodGet, address, nil)
}

// Post sends a form as a page of the server would.
func (b *Browser) Post(t testing.TB, address string, form url.Values) View {
	t.Helper()
	return b.follow(t, http.MethodPost, address, form)
}

// PostFromElsewhere sends a form that another site has made: browsers keep cookies
// back then (SameSite=Lax), and take those that they are given.
func (b *Browser) PostFromElsewhere(t testing.TB, address string, form url.Values) View {
	t.Helper()
	b.elsewhere = true
	return b.follow(t, http.MethodPost, address, form)
}

// Submit sends the form of a page, with these values in it.
func (b *Browser) Submit(t testing.TB, v View, values map[string]string) View {
	t.Helper()
	if v.Form == nil {
		t.Fatalf("%s has no form: %d %s", v.URL, v.Status, v.Body)
	}
	form := url.Values{}
	for name, value := range v.Form {
		form.Set(name, value)
	}
	for name, value := range values {
		form.Set(name, value)
	}
	return b.follow(t, http.MethodPost, v.URL.ResolveReference(mustParse(t, v.To)).String(), form)
}

// mostHops is how often a browser lets itself be sent on.
const mostHops = 20

func (b *Browser) follow(t testing.TB, method, address string, form url.Values) View {
	t.Helper()
	at := mustParse(t, b.server.URL).ResolveReference(mustParse(t, address))
	for range mostHops {
		v := b.send(t, method, at, form)
		next := v.Header.Get("Location")
		if v.Status == http.StatusOK {
			next = refreshOf(v.Body)
		}
		if next == "" || b.Stays {
			return b.shown(t, v)
		}
		method, form = http.MethodGet, nil
		if at = at.ResolveReference(mustParse(t, next)); "http://"+at.Host != b.server.URL {
			v.URL, v.Away, v.Given = at, true, at.Query()
			return v
		}
	}
	t.Fatalf("sent on and on: %v", b.Visits)
	return View{}
}

// shown is a page, or where its form takes the browser by itself.
func (b *Browser) shown(t testing.TB, v View) View {
	t.Helper()
	v.Form, v.To = formOf(v.Body)
	if to := mustParse(t, v.To); to.Host != "" && "http://"+to.Host != b.server.URL {
		v.URL, v.Away, v.Given = to, true, url.Values{}
		for name, value := range v.Form {
			v.Given.Set(name, value)
		}
	}
	return v
}

func (b *Browser) send(t testing.TB, method string, at *url.URL, form url.Values) View {
	t.Helper()
	r, err := http.NewRequestWithContext(context.WithValue(t.Context(), asking{}, t), method, at.String(), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatalf("%s %s: %v", method, at, err)
	}
	for name, values := range b.Header {
		r.Header[name] = values
	}
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	b.Visits = append(b.Visits, at.Path)
	client := *b.client
	if b.elsewhere {
		client.Jar = nil
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	}
	response, err := client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, at, err)
	}
	defer response.Body.Close()
	if b.elsewhere {
		b.client.Jar.SetCookies(at, response.Cookies())
		b.elsewhere = false
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: read: %v", method, at, err)
	}
	v := View{Answer: Answer{Status: response.StatusCode, Header: response.Header, Body: body}, URL: at}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		_ = json.Unmarshal(body, &v.JSON) // lists are read from Body
	}
	return v
}

// SignInAs has a user signed in in the browser since a time, without a page. It
// returns the cookie that says so.
func (b *Browser) SignInAs(t testing.TB, userID string, at time.Time) *http.Cookie {
	t.Helper()
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	cookie := &http.Cookie{Name: sessionCookie, Value: base64.RawURLEncoding.EncodeToString(secret), Path: "/"}
	hash := sha256.Sum256([]byte(cookie.Value))
	in := storage.BrowserSignIn{
		Browser: storage.Browser{ID: newID(t), Hash: hash[:], CreatedAt: at},
		Account: storage.Account{UserID: userID, AuthTime: at, ACR: "1", AMR: []string{"pwd"}, LastUsedAt: at.Truncate(time.Minute), ExpiresAt: at.Add(24 * time.Hour)},
	}
	home := mustParse(t, b.server.URL)
	for _, old := range b.client.Jar.Cookies(home) {
		if old.Name == sessionCookie {
			sum := sha256.Sum256([]byte(old.Value))
			in.Old = sum[:]
		}
	}
	if err := b.server.Store.SignInBrowser(t.Context(), in); err != nil {
		t.Fatalf("sign in in the browser: %v", err)
	}
	b.client.Jar.SetCookies(home, []*http.Cookie{cookie})
	return cookie
}

// SetCookie has the browser hold a cookie of the server's.
func (b *Browser) SetCookie(t testing.TB, cookie *http.Cookie) {
	t.Helper()
	b.client.Jar.SetCookies(mustParse(t, b.server.URL), []*http.Cookie{cookie})
}

// sessionCookie is the name that the cookie of sign-ins has over http.
const sessionCookie = "gatehouse-session"

func mustParse(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("address %q: %v", address, err)
	}
	return u
}
