package templates

import "fmt"

// FormPost is the page whose form takes an answer to an application (OAuth 2.0
// Form Post Response Mode §2): by itself where scripts run, else by its button.
// Its policy does not say where forms may go: an application may redirect to
// wherever it likes when it has its answer.
type FormPost struct {
	Language    string      // of Languages
	Application Application // that gets the answer
	URI         string      // the redirect URI: https or http
	Values      []FormValue // the answer, in the order in which it is sent
}

// FormValue is a parameter of the answer.
type FormValue struct {
	Name  string // "code"
	Value string
}

// FormPost renders the page; it is an error when URI is not of the web.
func (s *Set) FormPost(p FormPost) (Page, error) {
	if webAddress(p.URI) == "" {
		return Page{}, fmt.Errorf("no form can be posted to %q", p.URI)
	}
	p.Application = p.Application.checked()
	return s.page(p.Language, "formpost.html", &p, policy{forms: openForms, script: true})
}
