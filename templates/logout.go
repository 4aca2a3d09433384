package templates

import "html/template"

// LogoutConfirm is the page that asks whether to sign out (OpenID Connect
// RP-Initiated Logout 1.0 §2). Its form sends logout=yes or logout=no.
type LogoutConfirm struct {
	Language    string      // of Languages
	Application Application // that asks for it; its Name is "" when none does
	Form        Form        // where the answer goes
	Account     *Account    // who would be signed out; nil: not shown
}

// logoutConfirmView is what the template takes.
type logoutConfirmView struct {
	Application Application
	Form        Form
	Account     *accountView
}

// LogoutConfirm renders the page.
func (s *Set) LogoutConfirm(p LogoutConfirm) (Page, error) {
	view := logoutConfirmView{p.Application.checked(), p.Form, p.Account.checked()}
	return s.page(p.Language, "logout.html", &view, p.Form.policy())
}

// StillSignedIn is the page for people who have chosen not to sign out.
type StillSignedIn struct {
	Language    string      // of Languages
	Application Application // that had asked for it; its Name is "" when none did
}

// StillSignedIn renders the page.
func (s *Set) StillSignedIn(p StillSignedIn) (Page, error) {
	p.Application = p.Application.checked()
	return s.page(p.Language, "stayed.html", &p, policy{})
}

// SignedOut is the page that says that people are signed out.
type SignedOut struct {
	Language    string      // of Languages
	Application Application // that asked for it
	Back        string      // an address of the application, of the web or of a private-use scheme; "" or anything else: no link
	Frames      []string    // addresses that end the sessions of applications when a frame loads them (OpenID Connect Front-Channel Logout 1.0 §2); what is not of the web is left out
}

// signedOutView is what the template takes.
type signedOutView struct {
	Application Application
	Back        template.URL
	Frames      []string
}

// SignedOut renders the page.
func (s *Set) SignedOut(p SignedOut) (Page, error) {
	view := signedOutView{Application: p.Application.checked(), Back: appAddress(p.Back)}
	for _, address := range p.Frames {
		if webAddress(address) != "" {
			view.Frames = append(view.Frames, address)
		}
	}
	return s.page(p.Language, "signedout.html", &view, policy{frames: view.Frames})
}
