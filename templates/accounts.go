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

// AccountChooser renders the page.
func (s *Set) AccountChooser(p AccountChooser) (Page, error) {
	p.Application = p.Application.checked()
	accounts := make([]Account, len(p.Accounts))
	for i, account := range p.Accounts {
		accounts[i] = account.checked()
	}
	p.Accounts = accounts
	return s.page(p.Language, "accounts.html", &p, p.Form.policy())
}
