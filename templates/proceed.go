package templates

import (
	"fmt"
	"html/template"
)

// Proceed is the page that takes people on after a form of ours, at once and by
// itself. A redirect would be held to the form's policy, see Form. Installed
// applications open when people press the button: browsers want that for them.
type Proceed struct {
	Language    string      // of Languages
	Application Application // that people go back to; its Name is "" when it is not known
	Address     string      // a path of this server without the base, or an address of the web or of a private-use scheme
}

// proceedView is what the template takes.
type proceedView struct {
	Application Application
	Address     template.URL
}

// Proceed renders the page; it is an error when Address is none of what it may be.
func (s *Set) Proceed(p Proceed) (Page, error) {
	view := proceedView{Application: p.Application.checked(), Address: appAddress(p.Address)}
	if path := localPath(p.Address); path != "" {
		view.Address = template.URL(s.link(path)) //nolint:gosec // G203: it still is escaped, and stays on this server
	}
	if view.Address == "" {
		return Page{}, fmt.Errorf("there is no way to %q", p.Address)
	}
	return s.page(p.Language, "proceed.html", &view, policy{})
}
