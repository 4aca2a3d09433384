package templates

// Application is what people are told about the application that asks.
type Application struct {
	Name   string // as people know it; "" when no application asks
	Logo   string // the path of an image on this server, without the base; "" or anything else: no image
	Policy string // the https or http address of its privacy policy; "" or anything else: no link
	Terms  string // the https or http address of its terms of service; "" or anything else: no link
}

// checked is the application with nothing left in it that may not be shown.
func (a Application) checked() Application {
	return Application{shown(a.Name), localPath(a.Logo), webAddress(a.Policy), webAddress(a.Terms)}
}

// Account is somebody who is signed in in this browser.
type Account struct {
	ID    string // what a form sends for it
	Name  string // full name, or the username
	Email string // "": not shown
}

// accountView is an Account with nothing left in it that may not be shown.
type accountView struct {
	ID, Name, Email string
	Initial         string // in place of a picture
}

// checked is nil for nil.
func (a *Account) checked() *accountView {
	if a == nil {
		return nil
	}
	return &accountView{a.ID, shown(a.Name), shown(a.Email), initial(a.Name)}
}

// Form is what the form of a page sends besides the fields that are named at the
// page, and where to.
type Form struct {
	Action      string // the path of this server that it is posted to, without the base: "/login"
	CSRF        string // sent as csrf_token
	Interaction string // sent as interaction; "": not sent

	// Onward are the addresses that the answer may redirect to, such as the
	// redirect URI: the page's policy has to allow each. Browsers refuse any further
	// redirect of the application to another origin; an answer with the page Proceed
	// leaves applications free, and needs no Onward.
	Onward []string
}

// policy is that of a page with the form.
func (f Form) policy() policy { return policy{forms: ownForms, onward: f.Onward} }
