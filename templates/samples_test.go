package templates_test

import "gatehouse/templates"

// What the samples have in common. Names and addresses are longer than most.
var (
	portal = templates.Application{
		Name:   "Acme Portal",
		Policy: "https://portal.example.com/privacy",
		Terms:  "https://portal.example.com/terms",
	}
	longNamed = templates.Application{Name: "Departamento de Contabilidade e Planejamento Financeiro – Relatórios"}
	form      = templates.Form{
		Action:      "/login",
		CSRF:        "Yk9pX2h0dHBz",
		Interaction: "018f2b6e-3c1a-7d52-9a41-5e0c8c2f7a10",
		Onward:      []string{"https://portal.example.com/callback"},
	}
	ada = templates.Account{ID: "a1", Name: "Ada Lovelace", Email: "ada@example.com"}
	jo  = templates.Account{ID: "a2", Name: "João Guilherme de Albuquerque Cavalcanti", Email: "joao.guilherme.de.albuquerque.cavalcanti@contabilidade.matriz.exemplo.com.br"}
)

func samples() []sample {
	return append(loginSamples(), append(choiceSamples(), endSamples()...)...)
}

func login(name string, p templates.Login) sample {
	return sample{name, func(s *templates.Set, language string) (templates.Page, error) {
		p := p
		p.Language, p.Form = language, form
		return s.Login(p)
	}}
}

func loginSamples() []sample {
	return []sample{
		login("login", templates.Login{Application: portal}),
		login("login-hint", templates.Login{Application: longNamed, Username: "ada", Remember: true}),
		login("login-wrong", templates.Login{Application: portal, Username: "ada", Problem: templates.LoginWrong}),
		login("login-another", templates.Login{Application: portal, Username: "ada", Problem: templates.LoginAnother}),
		login("login-another-named", templates.Login{Application: portal, Username: "ada", Asked: jo.Name, Problem: templates.LoginAnother}),
		login("login-no-username", templates.Login{Application: portal, Problem: templates.LoginNoUsername}),
		login("login-no-password", templates.Login{Application: portal, Username: "ada", Problem: templates.LoginNoPassword}),
		login("login-too-many", templates.Login{Username: "ada", Problem: templates.LoginTooMany}),
		login("login-expired", templates.Login{Application: portal, Problem: templates.LoginExpired}),
		login("login-unavailable", templates.Login{Application: portal, Problem: templates.LoginUnavailable}),
		login("login-again", templates.Login{Application: portal, Username: "joao", Account: &jo, NoRemember: true, Other: "/login?other=yes"}),
	}
}

func consent(name string, p templates.Consent) sample {
	return sample{name, func(s *templates.Set, language string) (templates.Page, error) {
		p := p
		p.Language, p.Form = language, form
		return s.Consent(p)
	}}
}

func choiceSamples() []sample {
	all := []templates.ConsentScope{
		{Name: "openid"},
		{Name: "profile"},
		{Name: "email"},
		{Name: "phone"},
		{Name: "address", New: true},
		{Name: "groups", New: true},
		{Name: "offline_access"},
		{Name: "invoices:read", Description: "Read your invoices", New: true},
		{Name: "https://api.example.com/auth/ledger.transactions.readonly"},
		{Kind: templates.ConsentProduct, Name: "billing", New: true},
		{Kind: templates.ConsentClaim, Name: "department", Description: "department", New: true},
		{Kind: templates.ConsentClaim, Name: "https://example.com/team", Description: "team"},
		{Kind: templates.ConsentAudience, Name: "https://api.example.com/v2"},
	}
	return []sample{
		{"accounts", func(s *templates.Set, language string) (templates.Page, error) {
			return s.AccountChooser(templates.AccountChooser{Language: language, Application: portal, Form: form, Accounts: []templates.Account{ada, jo, {ID: "a3", Name: "émile"}}})
		}},
		consent("consent", templates.Consent{Application: portal, User: ada, Returns: "https://portal.example.com/callback", Scopes: []templates.ConsentScope{{Name: "openid", New: true}, {Name: "profile", New: true}, {Name: "email", New: true}}}),
		consent("consent-more", templates.Consent{Application: longNamed, User: jo, Other: "/login?other=yes", Returns: "com.example.app:/callback", Scopes: all}),
		consent("consent-nameless", templates.Consent{User: ada}),
	}
}

func logoutForm() templates.Form {
	return templates.Form{Action: "/oauth2/logout", CSRF: "Yk9pX2h0dHBz"}
}

func endSamples() []sample {
	return []sample{
		{"logout", func(s *templates.Set, language string) (templates.Page, error) {
			return s.LogoutConfirm(templates.LogoutConfirm{Language: language, Application: portal, Form: logoutForm(), Account: &ada})
		}},
		{"logout-nameless", func(s *templates.Set, language string) (templates.Page, error) {
			return s.LogoutConfirm(templates.LogoutConfirm{Language: language, Form: logoutForm()})
		}},
		{"stayed", func(s *templates.Set, language string) (templates.Page, error) {
			return s.StillSignedIn(templates.StillSignedIn{Language: language, Application: portal})
		}},
		{"signedout", func(s *templates.Set, language string) (templates.Page, error) {
			return s.SignedOut(templates.SignedOut{Language: language})
		}},
		{"signedout-frames", func(s *templates.Set, language string) (templates.Page, error) {
			return s.SignedOut(templates.SignedOut{Language: language, Application: portal, Back: "https://portal.example.com/bye?x=1&y=2", Frames: []string{"https://portal.example.com/logout?sid=1&iss=x", "https://crm.example.com:8443/logout", "javascript:alert(1)"}})
		}},
		{"problem", func(s *templates.Set, language string) (templates.Page, error) {
			return s.SignInError(templates.SignInError{Language: language, Code: "AUT-2012", Title: "Redirect URI Mismatch", Message: "The redirect URI of the request is none of those that are registered for the application.", RequestID: "018f2b6e-3c1a-7d52-9a41-5e0c8c2f7a10"})
		}},
		{"problem-back", func(s *templates.Set, language string) (templates.Page, error) {
			return s.SignInError(templates.SignInError{Language: language, Application: portal, Code: "AUT-2001", Title: "Too Many Requests", Message: "There were too many requests.", RequestID: "my-own-request-id", Back: "com.example.app:/start"})
		}},
		{"proceed", func(s *templates.Set, language string) (templates.Page, error) {
			return s.Proceed(templates.Proceed{Language: language, Application: portal, Address: "/oauth2/authorize?client_id=5e0c8c2f7a105e0c8c2f&scope=openid%20email"})
		}},
		{"proceed-nameless", func(s *templates.Set, language string) (templates.Page, error) {
			return s.Proceed(templates.Proceed{Language: language, Address: "com.example.app:/callback?code=a&state=b'\"><c"})
		}},
		{"formpost", func(s *templates.Set, language string) (templates.Page, error) {
			return s.FormPost(templates.FormPost{Language: language, Application: portal, URI: "https://portal.example.com/callback?tenant=1&x=y", Values: []templates.FormValue{{Name: "code", Value: "SplxlOBeZQQYbYS6WxSbIA"}, {Name: "state", Value: `"><script>`}, {Name: "iss", Value: "https://id.example.com"}}})
		}},
		{"formpost-nameless", func(s *templates.Set, language string) (templates.Page, error) {
			return s.FormPost(templates.FormPost{Language: language, URI: "http://127.0.0.1:53121/callback"})
		}},
	}
}
