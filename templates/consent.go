package templates

import "net/url"

// Consent is the page on which people let an application have what it asks for.
// Its form sends decision=allow or decision=deny.
type Consent struct {
	Language    string         // of Languages
	Application Application    // that asks
	Form        Form           // where the decision goes
	User        Account        // who decides
	Scopes      []ConsentScope // what is asked for, in the order in which it is shown
	Other       string         // the path, without the base, that lets people choose another account; "": no link
	Returns     string         // the redirect URI: its host is shown, when it has one
}

// ConsentScope is one thing that an application asks for.
type ConsentScope struct {
	Name        string // openid, profile, email, phone, address, groups and offline_access have texts of their own
	Description string // what any other scope is for, in the language of the page; "": its name is shown alone
	New         bool   // it was not allowed before; marked when something else was
}

// consentView is a Consent with what follows from it.
type consentView struct {
	Consent
	Mark bool   // some scopes are new and some are not
	Host string // that people are sent to afterwards
}

// Consent renders the page.
func (s *Set) Consent(p Consent) (Page, error) {
	p.Application, p.User = p.Application.checked(), p.User.checked()
	view := consentView{Consent: p, Host: hostOf(p.Returns)}
	view.Scopes = make([]ConsentScope, len(p.Scopes))
	var known, added bool
	for i, scope := range p.Scopes {
		view.Scopes[i] = ConsentScope{shown(scope.Name), shown(scope.Description), scope.New}
		known, added = known || !scope.New, added || scope.New
	}
	view.Mark = known && added
	return s.page(p.Language, "consent.html", &view, p.Form.policy())
}

// hostOf is the host and port of a web address, else "".
func hostOf(address string) string {
	u, err := url.Parse(webAddress(address))
	if err != nil {
		return ""
	}
	return shown(u.Host)
}
