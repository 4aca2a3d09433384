package templates

import (
	"net/url"
	"slices"
)

// Consent is the page on which people let an application have what it asks for.
// Its form sends decision=allow or decision=deny.
type Consent struct {
	Language    string         // of Languages
	Application Application    // that asks
	Form        Form           // where the decision goes
	User        Account        // who decides
	Scopes      []ConsentScope // what is asked for, in the order in which it is shown
	Shown       string         // sent as shown: what tells this page from one for another user or other scopes
	Other       string         // the path, without the base, that lets people choose another account; "": no link
	Returns     string         // the redirect URI: its host is shown, when it has one
}

// ConsentKind says what is asked for; empty: a scope (RFC 6749 §3.3).
type ConsentKind string

// The other kinds, by what ConsentScope.Name then is.
const (
	ConsentProduct  ConsentKind = "product"  // a product, at which the application acts for the user
	ConsentClaim    ConsentKind = "claim"    // a claim, made from what is recorded about the user
	ConsentAudience ConsentKind = "audience" // an address that the application uses for the user
)

// ConsentScope is one thing that an application asks for.
type ConsentScope struct {
	Kind        ConsentKind
	Name        string // openid, profile, email, phone, address, groups and offline_access have texts of their own
	Description string // what any other scope is for, in the language of the page, or the key of a claim; "": its name is shown alone
	New         bool   // it was not allowed before; marked when something else was
}

// consentView is what the template takes.
type consentView struct {
	Application Application
	Form        Form
	User        *accountView
	Scopes      []ConsentScope // New is set for those that are marked
	Shown       string
	Other       string
	Host        string // that people are sent to afterwards
}

// Consent renders the page.
func (s *Set) Consent(p Consent) (Page, error) {
	view := consentView{
		Application: p.Application.checked(),
		Form:        p.Form,
		User:        p.User.checked(),
		Scopes:      make([]ConsentScope, len(p.Scopes)),
		Shown:       p.Shown,
		Other:       p.Other,
		Host:        hostOf(p.Returns),
	}
	mark := slices.ContainsFunc(p.Scopes, func(scope ConsentScope) bool { return !scope.New })
	for i, scope := range p.Scopes {
		view.Scopes[i] = ConsentScope{scope.Kind, shown(scope.Name), shown(scope.Description), scope.New && mark}
	}
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
