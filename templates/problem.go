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
	RequestID   string      // under which an administrator finds the reason
	Back        string      // an address of the application that is known to be its own, of the web or of a private-use scheme; "" or anything else: no link
}

// signInErrorView is what the template takes.
type signInErrorView struct {
	Application                     Application
	Code, Title, Message, RequestID string
	Back                            template.URL
}

// SignInError renders the page.
func (s *Set) SignInError(p SignInError) (Page, error) {
	view := signInErrorView{
		Application: p.Application.checked(),
		Code:        p.Code,
		Title:       shown(p.Title),
		Message:     shown(p.Message),
		RequestID:   shown(p.RequestID),
		Back:        appAddress(p.Back),
	}
	return s.page(p.Language, "problem.html", &view, policy{})
}
