package templates

import "html/template"

// SignInError is the page for what cannot be told to an application, because it
// is not known which one asks or where its answers go (RFC 6749 §4.1.2.1).
type SignInError struct {
	Language    string      // of Languages
	Application Application // that asks; its Name is "" when it is not known
	Code        string      // of package errors, "AUT-2015": linked to its explanation
	Title       string      // of the code, in English
	Message     string      // of the code, in English
	RequestID   string      // under which an administrator finds the reason; "": not shown
	Back        string      // an address of the application that is known to be its own, of the web or of a private-use scheme; "" or anything else: no link
}

// signInErrorView is a SignInError whose link has been looked at.
type signInErrorView struct {
	SignInError
	Link template.URL
}

// SignInError renders the page.
func (s *Set) SignInError(p SignInError) (Page, error) {
	p.Application = p.Application.checked()
	p.Title, p.Message, p.RequestID = shown(p.Title), shown(p.Message), shown(p.RequestID)
	//nolint:gosec // G203: appAddress lets no scheme through that runs anything
	view := signInErrorView{p, template.URL(appAddress(p.Back))}
	return s.page(p.Language, "problem.html", &view, policy{})
}
