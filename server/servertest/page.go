package servertest

import (
	"html"
	"regexp"
	"testing"
)

// Person is somebody in front of a browser, who does what pages ask of them.
type Person struct {
	Username, Password string
	Deny               bool   // says no when an application asks for consent
	Account            string // id of the user to be, where there is a choice; empty: another account
}

// Through opens an address and does what pages ask for, until the browser leaves
// the server or shows a page that asks for something else.
func (b *Browser) Through(t testing.TB, address string, p Person) View {
	t.Helper()
	v := b.Get(t, address)
	for range mostHops {
		var values map[string]string
		switch path := v.URL.Path; {
		case v.Away || v.Form == nil:
			return v
		case path == "/login":
			values = map[string]string{"username": p.Username, "password": p.Password}
			if v.Form["username"] != "" {
				values["username"] = v.Form["username"]
			}
		case path == "/accounts":
			values = map[string]string{"account": p.Account}
		case path == "/consent" && p.Deny:
			values = map[string]string{"decision": "deny"}
		case path == "/consent":
			values = map[string]string{"decision": "allow"}
		default:
			return v
		}
		before := len(b.Visits)
		if v = b.Submit(t, v, values); len(b.Visits) == before+1 {
			return v // the page did not take it
		}
	}
	t.Fatalf("asked again and again: %v", b.Visits)
	return View{}
}

// Ada is the user whom Start made.
func (s *Server) Ada() Person { return Person{Username: s.Username, Password: s.Password} }

var (
	formTag    = regexp.MustCompile(`(?s)<form method="post" action="([^"]*)">(.*?)</form>`)
	inputTag   = regexp.MustCompile(`(?s)<input ([^>]*)>`)
	attribute  = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
	refreshTag = regexp.MustCompile(`<meta http-equiv="refresh" content="0;url=([^"]*)">`)
)

// formOf returns the fields of the first form of a page, unticked boxes and
// buttons left out, and where it goes.
func formOf(page []byte) (fields map[string]string, action string) {
	form := formTag.FindSubmatch(page)
	if form == nil {
		return nil, ""
	}
	fields = make(map[string]string)
	for _, input := range inputTag.FindAllSubmatch(form[2], -1) {
		of := make(map[string]string)
		for _, a := range attribute.FindAllSubmatch(input[1], -1) {
			of[string(a[1])] = html.UnescapeString(string(a[2]))
		}
		if of["type"] != "checkbox" && of["name"] != "" {
			fields[of["name"]] = of["value"]
		}
	}
	return fields, html.UnescapeString(string(form[1]))
}

// refreshOf is where a page takes people by itself; empty: nowhere.
func refreshOf(page []byte) string {
	if tag := refreshTag.FindSubmatch(page); tag != nil {
		return html.UnescapeString(string(tag[1]))
	}
	return ""
}
