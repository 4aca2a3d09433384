package templates

// ErrorList is the page /errors: every code, in families.
type ErrorList struct {
	Families []ErrorFamily
}

// ErrorFamily is a group of codes with something in common.
type ErrorFamily struct {
	Anchor string // what follows the # in an address
	Title  string
	Intro  Prose
	Errors []ErrorLine
}

// ErrorLine is a code in a list.
type ErrorLine struct {
	Code   string // "AUT-1004"
	Title  string
	Status int
}

// ErrorDetail is the page /errors/{code}.
type ErrorDetail struct {
	ErrorLine
	Message  string
	Means    Prose
	Causes   []Prose
	Steps    []Prose
	Answers  []ErrorAnswer
	Previous *ErrorLine // in the list; nil for the first
	Next     *ErrorLine // nil for the last
}

// ErrorAnswer shows what one family of endpoints answers.
type ErrorAnswer struct {
	Where  string // "/v1"
	Status int
	Reason string // "Unauthorized"
	Error  string // the RFC's name for it; "" where no RFC has one
	Body   string // JSON, indented
}

// ErrorUnknown is the page for a code that there is not.
type ErrorUnknown struct {
	Code string // as it was asked for
}

// ErrorList renders the page.
func (s *Set) ErrorList(p ErrorList) ([]byte, error) { return s.render("errors.html", p) }

// ErrorDetail renders the page.
func (s *Set) ErrorDetail(p ErrorDetail) ([]byte, error) { return s.render("error.html", p) }

// ErrorUnknown renders the page.
func (s *Set) ErrorUnknown(p ErrorUnknown) ([]byte, error) { return s.render("error-unknown.html", p) }
