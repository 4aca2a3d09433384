package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"gatehouse/errors"
	"gatehouse/templates"
)

// families are the parts of the list, by what their codes start with.
func families() []templates.ErrorFamily {
	return []templates.ErrorFamily{
		{Anchor: "auth", Title: "Tokens and sign-in", Intro: "The codes of the Access Manager's Auth endpoints, which the standard endpoints under `/oauth2` answer as well."},
		{Anchor: "own", Title: "Gatehouse's own", Intro: "What the Access Manager's contract has no code for."},
		{Anchor: "identity", Title: "Identity", Intro: "The codes of the endpoints that administer users, groups and applications."},
	}
}

// familyOf is the index of a code's family.
func familyOf(code errors.Code) int {
	switch {
	case strings.HasPrefix(code.ID, "IDE-"):
		return 2
	case strings.HasPrefix(code.ID, "AUT-2"):
		return 1
	default:
		return 0
	}
}

func line(code errors.Code) *templates.ErrorLine {
	return &templates.ErrorLine{Code: code.ID, Title: code.Title, Status: statusOf(code.Kind)}
}

// listedError is a code in the list's JSON.
type listedError struct {
	Code    string `json:"code"`
	Title   string `json:"title"`
	Message string `json:"message"`
	Status  int    `json:"status"`
}

func listed(code errors.Code) listedError {
	return listedError{code.ID, code.Title, code.Message, statusOf(code.Kind)}
}

func listDocument(set *templates.Set, catalogue []errors.Code) (document, error) {
	page := templates.ErrorList{Families: families()}
	var data struct {
		Errors []listedError `json:"errors"`
	}
	for _, code := range catalogue {
		family := &page.Families[familyOf(code)]
		family.Errors = append(family.Errors, *line(code))
		data.Errors = append(data.Errors, listed(code))
	}
	html, err := set.ErrorList(page)
	if err != nil {
		return document{}, err
	}
	return newDocument(html, data)
}

// explainedError is a code's page as JSON.
type explainedError struct {
	listedError
	Means  string   `json:"means"`
	Causes []string `json:"causes"`
	Steps  []string `json:"steps"`
}

func detailDocument(set *templates.Set, page templates.ErrorDetail, code errors.Code) (document, error) {
	html, err := set.ErrorDetail(page)
	if err != nil {
		return document{}, err
	}
	help := code.Help()
	return newDocument(html, explainedError{listed(code), help.Means, help.Causes, help.Steps})
}

func (r *renderer) detail(code errors.Code) templates.ErrorDetail {
	help := code.Help()
	return templates.ErrorDetail{
		ErrorLine: *line(code),
		Message:   exampleOf(code).Text(),
		Means:     templates.Prose(help.Means),
		Causes:    templates.Proses(help.Causes),
		Steps:     templates.Proses(help.Steps),
		Answers:   r.examples(code),
	}
}

// exampleOf is a fault with something in place of what a request would fill in.
func exampleOf(code errors.Code) *errors.Fault { return code.With("...", "...") }

// examples are the answers of the families of endpoints that know the code, as
// they would go out.
func (r *renderer) examples(code errors.Code) []templates.ErrorAnswer {
	var answers []templates.ErrorAnswer
	for _, where := range frontsOf(code) {
		a := r.answer(exampleOf(code), where+"/", http.Header{})
		example := templates.ErrorAnswer{Where: where, Status: a.status, Reason: http.StatusText(a.status), Body: indented(a.body)}
		if body, ok := a.body.(oauthProblem); ok {
			example.Error = body.Error
		}
		answers = append(answers, example)
	}
	return answers
}

// frontsOf says which families of endpoints can answer with a code. What is not
// listed here comes from both.
func frontsOf(code errors.Code) []string {
	switch code {
	case errors.InvalidPath, errors.InvalidQuery, errors.UnexpectedFields, errors.EnforcerUnusable, errors.SubjectNotFound,
		errors.SessionNotFound, errors.ConsentNotFound:
		return []string{"/v1"}
	case errors.InvalidTarget, errors.InvalidAuthorizationCode, errors.RedirectURIMismatch, errors.LoginRequired,
		errors.ConsentRequired, errors.ForeignToken, errors.UnsupportedResponseType, errors.RequestNotSupported,
		errors.RequestURINotSupported, errors.AccountRequired, errors.Declined, errors.SignInExpired, errors.ForgedForm,
		errors.UnmetAuthentication, errors.PushRequired, errors.InvalidRequestURI, errors.AnotherAccount:
		return []string{"/oauth2"}
	default:
		if familyOf(code) == 2 {
			return []string{"/v1"}
		}
		return []string{"/v1", "/oauth2"}
	}
}

func indented(body any) string {
	compact, err := encode(body)
	if err != nil {
		return fmt.Sprint(err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		return fmt.Sprint(err)
	}
	return out.String()
}
