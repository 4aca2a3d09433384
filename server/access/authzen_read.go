package access

import (
	"fmt"
	"maps"
	"slices"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity/permissions"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// evaluations is the body of a request. Members that are not known are ignored,
// as the specification has it (§10.1.1).
type evaluations struct {
	one      permissions.Question // if there is no list
	list     []evaluation
	semantic semantic
}

// evaluation is one of a list.
type evaluation struct {
	question permissions.Question
	fault    error // what keeps it from being answered, or nil
}

// semantic says how far a list is answered (§7.1.2.1).
type semantic string

const (
	executeAll          semantic = "execute_all"
	denyOnFirstDeny     semantic = "deny_on_first_deny"
	permitOnFirstPermit semantic = "permit_on_first_permit"
)

// ends says whether a decision is the last that is made.
func (s semantic) ends(decision bool) bool {
	return s == denyOnFirstDeny && !decision || s == permitOnFirstPermit && decision
}

// The members of an evaluation, and of a request with a list of them.
var (
	ofOne  = []string{"subject", "action", "resource", "context"}
	ofMany = append(slices.Clone(ofOne), "evaluations", "options")
)

// evaluationBody reads a request's body by what reads its members.
func evaluationBody(c echo.Context, of func(object map[string]any) (evaluations, error)) (evaluations, error) {
	trail := web.Trail(c.Request().Context())
	object, err := web.Object(c, web.AuthCodes())
	if err != nil {
		trail.Fail(explain.BodyForm, "", "")
		return evaluations{}, err
	}
	trail.Pass(explain.BodyForm)
	request, err := of(object)
	if err != nil {
		trail.Fail(explain.BodyFields, explain.Names(slices.Sorted(maps.Keys(object)), ofMany), explain.List(ofOne))
		return evaluations{}, err
	}
	trail.Pass(explain.BodyFields)
	return request, nil
}

// oneEvaluation reads a request with one question. It returns errors.Malformed
// and errors.MissingFields.
func oneEvaluation(object map[string]any) (request evaluations, err error) {
	request.one, err = questionOf(object)
	return request, err
}

// manyEvaluations reads a request with a list, or without one if that is empty or
// absent. What is wrong with one of the list spoils no other (§7.2.1); what is
// wrong with the request is errors.Malformed or errors.MissingFields.
func manyEvaluations(object map[string]any) (evaluations, error) {
	request := evaluations{semantic: executeAll}
	r := read(object)
	r.within("options", optional, func(options *reading) { request.semantic = options.semantic() })
	list, ok := object["evaluations"].([]any)
	switch {
	case object["evaluations"] != nil && !ok:
		r.malformed["evaluations"] = "must be a list"
	case len(list) > mostQuestions:
		r.malformed["evaluations"] = fmt.Sprintf("must have at most %d evaluations", mostQuestions)
	}
	if err := r.wrong(""); err != nil {
		return evaluations{}, err
	}
	if len(list) == 0 {
		return oneEvaluation(object)
	}
	request.list = make([]evaluation, len(list))
	for i, entry := range list {
		request.list[i] = entryOf(entry, object)
	}
	return request, nil
}

func (r *reading) semantic() semantic {
	const name = "evaluations_semantic"
	s := semantic(r.text(name))
	switch s {
	case "":
		return executeAll
	case executeAll, denyOnFirstDeny, permitOnFirstPermit:
	default:
		r.malformed[name] = fmt.Sprintf("must be %s, %s or %s", executeAll, denyOnFirstDeny, permitOnFirstPermit)
	}
	return s
}

// entryOf reads one of a list. A member that it has not is the request's; one
// that it has takes the place of the request's as a whole (§7.1.1). Faults name
// its members as if it were a request by itself.
func entryOf(entry any, defaults map[string]any) (e evaluation) {
	object, ok := entry.(map[string]any)
	if !ok {
		return evaluation{fault: errors.Malformed.On(web.Fields("must hold objects", "evaluations"))}
	}
	whole := make(map[string]any, len(ofOne))
	for _, name := range ofOne {
		if whole[name] = object[name]; whole[name] == nil {
			whole[name] = defaults[name]
		}
	}
	e.question, e.fault = questionOf(whole)
	return e
}

// questionOf reads a question: who the subject is, the action's name for the
// action, the resource's type for the resource, and the context's product for the
// product. The resource's id must be there and tells permissions nothing.
func questionOf(object map[string]any) (q permissions.Question, err error) {
	r := read(object)
	r.within("subject", required, func(subject *reading) {
		q.Kind, q.Subject = permissions.Kind(subject.need("type")), subject.need("id")
		subject.properties()
	})
	r.within("action", required, func(action *reading) {
		q.Action = action.need("name")
		action.properties()
	})
	r.within("resource", required, func(resource *reading) {
		q.Resource = resource.need("type")
		resource.needAny("id")
		resource.properties()
	})
	r.within("context", optional, func(context *reading) { q.Product = context.text("product") })
	return q, r.wrong("")
}

// required and optional say whether a member must be there.
const (
	required = true
	optional = false
)

// within takes an object and has its fields taken.
func (r *reading) within(name string, needed bool, take func(part *reading)) {
	value := r.object[name]
	object, ok := value.(map[string]any)
	switch {
	case value == nil && needed:
		r.absent[name] = web.ReasonRequired
	case value == nil:
	case !ok:
		r.malformed[name] = "must be an object"
	default:
		part := read(object)
		take(part)
		maps.Copy(r.malformed, under(name+".", part.malformed))
		maps.Copy(r.absent, under(name+".", part.absent))
	}
}

// properties takes what a subject, an action or a resource may have besides, none
// of which counts.
func (r *reading) properties() { r.within("properties", optional, func(*reading) {}) }

// needAny takes a text that must be there, however long, for nothing is made of it.
func (r *reading) needAny(name string) {
	value := r.object[name]
	text, ok := value.(string)
	switch {
	case value == nil || ok && text == "":
		r.absent[name] = web.ReasonRequired
	case !ok:
		r.malformed[name] = "must be a string"
	}
}
