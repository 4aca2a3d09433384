package templates

// Login is the page that asks for username and password. Its form sends username,
// password and, when the box is ticked, remember=yes.
type Login struct {
	Language    string       // of Languages
	Application Application  // that people sign in to
	Form        Form         // where username and password go
	Username    string       // what the field starts with: login_hint, or what was sent before
	Account     *Account     // who has to sign in again: Username is sent and cannot be changed; nil: anybody may
	Remember    bool         // the box starts ticked
	NoRemember  bool         // there is no box
	Asked       string       // name of the account that LoginAnother tells to use; "": it does not say
	Problem     LoginProblem // what was wrong with what was sent; "": nothing was sent
	Other       string       // the path, without the base, that lets people choose another account; "": no link
}

// LoginProblem is why people see the page once more.
type LoginProblem string

// What a login page can say. Only the first three are about a field: both of them
// are marked for LoginWrong, since nobody is told which of them it was.
const (
	LoginWrong       LoginProblem = "wrong"       // username and password do not belong together
	LoginNoUsername  LoginProblem = "no-username" // no username was sent
	LoginNoPassword  LoginProblem = "no-password" // no password was sent
	LoginAnother     LoginProblem = "another"     // they belong together, but the application asked for another account
	LoginTooMany     LoginProblem = "too-many"    // too many attempts: people have to wait
	LoginExpired     LoginProblem = "expired"     // the form was too old, or not made for this browser
	LoginUnavailable LoginProblem = "unavailable" // the server cannot check passwords at the moment
)

// loginView is what the template takes. Like all views it embeds nothing: finding
// a field of an embedded struct by name is what costs a template most.
type loginView struct {
	Application   Application
	Form          Form
	Username      string
	Account       *accountView
	Remember      bool
	NoRemember    bool
	Asked         string
	Problem       string
	UsernameFault bool // the username may be at fault
	PasswordFault bool
	FocusUsername bool // typing starts in the username, not in the password
	Other         string
}

// Login renders the page.
func (s *Set) Login(p Login) (Page, error) {
	view := loginView{
		Application:   p.Application.checked(),
		Form:          p.Form,
		Username:      p.Username,
		Account:       p.Account.checked(),
		Remember:      p.Remember,
		NoRemember:    p.NoRemember,
		Asked:         p.Asked,
		Problem:       string(p.Problem),
		UsernameFault: p.Problem == LoginNoUsername || p.Problem == LoginWrong || p.Problem == LoginAnother,
		PasswordFault: p.Problem == LoginNoPassword || p.Problem == LoginWrong,
		FocusUsername: p.Account == nil && (p.Username == "" || p.Problem == LoginNoUsername || p.Problem == LoginAnother),
		Other:         p.Other,
	}
	return s.page(p.Language, "login.html", &view, p.Form.policy())
}
