package templates

// AccountChooser is the page on which people say which of the accounts that are
// signed in in this browser goes on. Its form sends account, the ID of the one,
// or an empty account to use another.
type AccountChooser struct {
	Language    string      // of Languages
	Application Application // that people sign in to
	Form        Form        // where the choice goes
	Accounts    []Account   // in the order in which they are shown
}

// accountChooserView is what the template takes.
type accountChooserView struct {
	Application Application
	Form        Form
	Accounts    []*accountView
}

// AccountChooser renders the page.
func (s *Set) AccountChooser(p AccountChooser) (Page, error) {
	view := accountChooserView{p.Application.checked(), p.Form, make([]*accountView, len(p.Accounts))}
	for i := range p.Accounts {
		view.Accounts[i] = p.Accounts[i].checked()
	}
	return s.page(p.Language, "accounts.html", &view, p.Form.policy())
}
