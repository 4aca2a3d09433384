package clients_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// person is somebody with a browser, who does what the pages of Gatehouse ask for:
// signs in, and allows what applications want.
type person struct {
	username, password string
	browser            *http.Client
	paths              []string // where the browser has been, one path after another
}

// newPerson returns somebody with a browser that knows nobody.
func newPerson(t *testing.T, username, password string) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &person{username: username, password: password}
	p.browser = &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		p.paths = append(p.paths, r.URL.Path)
		return nil
	}}
	return p
}

// admin is the administrator whom the server made up.
func (s *server) admin(t *testing.T) *person {
	t.Helper()
	return newPerson(t, s.Admin.Username, s.Admin.Password)
}

// page is what the browser shows.
type page struct {
	URL    *url.URL
	Status int
	Header http.Header
	Body   string

	refresh string // where it goes by itself
	forms   []form
}

// form is one that is on a page.
type form struct {
	action  string
	fields  url.Values // hidden ones with their values, others empty
	scripts bool       // the page has a script, which sends the form
}

// visit opens an address and does what pages of Gatehouse ask for, until there is one
// that asks for nothing else: of an application, mostly.
func (p *person) visit(t *testing.T, address string) page {
	t.Helper()
	return p.goOn(t, p.get(t, address))
}

// goOn does what a page asks for, and the ones after it.
func (p *person) goOn(t *testing.T, at page) page {
	t.Helper()
	for range 10 {
		switch {
		case at.refresh != "":
			at = p.get(t, at.resolve(t, at.refresh))
		case len(at.forms) == 0:
			return at
		case at.forms[0].fields.Has("password"):
			at = p.send(t, at, at.forms[0], "username", p.username, "password", p.password)
			if len(at.forms) > 0 && at.forms[0].fields.Has("password") {
				t.Fatalf("%s was not signed in: %s", p.username, at.Body)
			}
		case at.URL.Path == "/consent":
			at = p.send(t, at, at.forms[0], "decision", "allow")
		case at.forms[0].scripts:
			at = p.send(t, at, at.forms[0])
		default:
			return at
		}
	}
	t.Fatalf("sent from page to page: %v", p.paths)
	return page{}
}

// press sends the form of a page that goes to a path, and does what comes after it.
func (p *person) press(t *testing.T, at page, path string) page {
	t.Helper()
	for _, f := range at.forms {
		if f.action == path {
			return p.goOn(t, p.send(t, at, f))
		}
	}
	t.Fatalf("no form on %s goes to %s: %s", at.URL, path, at.Body)
	return page{}
}

// send sends a form with further values, name and value in turn.
func (p *person) send(t *testing.T, at page, f form, pairs ...string) page {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		f.fields.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at.resolve(t, f.action), strings.NewReader(f.fields.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", at.URL.Scheme+"://"+at.URL.Host)
	return p.do(t, r)
}

func (p *person) get(t *testing.T, address string) page {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p.do(t, r)
}

func (p *person) do(t *testing.T, r *http.Request) page {
	t.Helper()
	r.Header.Set("Accept", "text/html")
	p.paths = append(p.paths, r.URL.Path)
	answer, err := p.browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	shown := page{URL: answer.Request.URL, Status: answer.StatusCode, Header: answer.Header, Body: string(body)}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		shown.read(t)
	}
	return shown
}

// resolve is an address on the page.
func (at *page) resolve(t *testing.T, address string) string {
	t.Helper()
	to, err := at.URL.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return to.String()
}

// read finds what the page asks for.
func (at *page) read(t *testing.T) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(at.Body))
	if err != nil {
		t.Fatal(err)
	}
	scripts := false
	for node := range root.Descendants() {
		of := func(name string) string {
			for _, attribute := range node.Attr {
				if attribute.Key == name {
					return attribute.Val
				}
			}
			return ""
		}
		switch node.Data {
		case "script":
			scripts = true
		case "meta":
			if of("http-equiv") == "refresh" {
				_, at.refresh, _ = strings.Cut(of("content"), "url=")
			}
		case "form":
			at.forms = append(at.forms, form{action: of("action"), fields: url.Values{}})
		case "input":
			if n := len(at.forms); n > 0 && of("name") != "" && of("type") != "checkbox" {
				at.forms[n-1].fields.Set(of("name"), of("value"))
			}
		}
	}
	for i := range at.forms {
		at.forms[i].scripts = scripts
	}
}
