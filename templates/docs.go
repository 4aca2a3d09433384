package templates

// Docs is the page /docs: what every endpoint under /v1 takes and answers.
type Docs struct {
	Steps   []DocsStep // the way from nothing to the first tokens
	Tags    []DocsTag
	Objects []DocsObject
}

// DocsStep is one step of a tour.
type DocsStep struct {
	Title   string
	Text    Prose
	Command string
}

// DocsTag is a group of operations.
type DocsTag struct {
	Anchor     string
	Name       string
	Intro      Prose
	Operations []DocsOperation
}

// DocsOperation is a method at a path.
type DocsOperation struct {
	Anchor      string
	Method      string // "POST"
	Path        string // "/v1/users/{id}"
	Summary     string
	Description Prose
	Token       bool     // an access token is needed
	Permissions []string // all of them are needed: "users:post"
	Parameters  []DocsField
	Bodies      []DocsBody
	Requests    []string // to paste
	Answers     []DocsAnswer
	Refusals    []ErrorLine
	Lines       []ErrorLine // the refusals of single lines of the body
}

// DocsBody is one form of a request's body.
type DocsBody struct {
	MediaType string
	Optional  bool
	Text      Prose
	Fields    []DocsField // nil when they are those of the body before
}

// DocsField is a parameter, or a member of an object.
type DocsField struct {
	Name     string
	Place    string // of a parameter: "path", "query", "header"
	Type     []DocsType
	Required bool
	Meaning  Prose
}

// DocsType is a part of what a type is called.
type DocsType struct {
	Text   string
	Anchor string // of the object; "" for what needs no explanation
}

// DocsAnswer is a successful answer.
type DocsAnswer struct {
	Status   int
	Reason   string // "OK"
	Text     Prose
	Type     []DocsType // nil: no body
	Examples []string   // JSON
}

// DocsObject is what answers are made of.
type DocsObject struct {
	Anchor      string
	Name        string
	Description Prose
	Fields      []DocsField
}

// Docs renders the page.
func (s *Set) Docs(p Docs) ([]byte, error) { return s.render("docs.html", p) }
