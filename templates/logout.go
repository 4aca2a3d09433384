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

// LogoutConfirm renders the page.
func (s *Set) LogoutConfirm(p LogoutConfirm) (Page, error) {
	p.Application = p.Application.checked()
	if p.Account != nil {
		account := p.Account.checked()
		p.Account = &account
	}
	return s.page(p.Language, "logout.html", &p, p.Form.policy())
}

// SignedOut is the page that says that people are signed out.
type SignedOut struct {
	Language    string      // of Languages
	Application Application // that asked for it
	Back        string      // an address of the application, of the web or of a private-use scheme; "" or anything else: no link
	Frames      []string    // addresses that end the sessions of applications when a frame loads them (OpenID Connect Front-Channel Logout 1.0 §2); what is not of the web is left out
}

// signedOutView is a SignedOut whose links have been looked at.
type signedOutView struct {
	SignedOut
	Link template.URL
}

// SignedOut renders the page.
func (s *Set) SignedOut(p SignedOut) (Page, error) {
	p.Application = p.Application.checked()
	var frames []string
	for _, address := range p.Frames {
		if webAddress(address) != "" {
			frames = append(frames, address)
		}
	}
	p.Frames = frames
	//nolint:gosec // G203: appAddress lets no scheme through that runs anything
	view := signedOutView{p, template.URL(appAddress(p.Back))}
	return s.page(p.Language, "signedout.html", &view, policy{frames: frames})
}
