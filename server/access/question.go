package access

import (
	"maps"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity/permissions"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// longest is how many bytes a subject, resource, action or product may have. None
// that is stored has more.
const longest = 512

// reading takes the fields of a JSON object and notes what is wrong with them.
type reading struct {
	object            map[string]any
	known             []string
	malformed, absent map[string]string
}

func read(object map[string]any) *reading {
	return &reading{
		object: object, known: make([]string, 0, 4), malformed: map[string]string{}, absent: map[string]string{},
	}
}

// text takes a text, and "" for none.
func (r *reading) text(name string) string {
	r.known = append(r.known, name)
	value, there := r.object[name]
	text, ok := value.(string)
	switch {
	case !there || value == nil:
	case !ok:
		r.malformed[name] = "must be a string"
	case len(text) > longest:
		r.malformed[name] = "must have at most " + strconv.Itoa(longest) + " bytes"
		return ""
	}
	return text
}

// need takes a text that must be there.
func (r *reading) need(name string) string {
	text := r.text(name)
	if text == "" && r.malformed[name] == "" {
		r.absent[name] = web.ReasonRequired
	}
	return text
}

// list takes a list that must be there, and have something in it.
func (r *reading) list(name string) []any {
	r.known = append(r.known, name)
	value, there := r.object[name]
	list, ok := value.([]any)
	switch {
	case !there || value == nil || ok && len(list) == 0:
		r.absent[name] = web.ReasonRequired
	case !ok:
		r.malformed[name] = "must be a list"
	}
	return list
}

// err is what is wrong: errors.UnexpectedFields, or what wrong returns. Names of
// fields are under a path such as "questions.3.".
func (r *reading) err(path string) error {
	var unknown []string
	for name := range r.object {
		if !slices.Contains(r.known, name) {
			unknown = append(unknown, path+name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return errors.UnexpectedFields.On(web.Fields(web.ReasonUnexpected, unknown...))
	}
	return r.wrong(path)
}

// wrong is what is wrong with the fields that are known: errors.Malformed or
// errors.MissingFields.
func (r *reading) wrong(path string) error {
	switch {
	case len(r.malformed) > 0:
		return errors.Malformed.On(under(path, r.malformed))
	case len(r.absent) > 0:
		return errors.MissingFields.On(under(path, r.absent))
	}
	return nil
}

func under(path string, fields map[string]string) map[string]string {
	if path == "" {
		return fields
	}
	all := make(map[string]string, len(fields))
	for name, reason := range maps.All(fields) {
		all[path+name] = reason
	}
	return all
}

// question takes a question: resource and action, and a subject and a product if
// there are any.
func (r *reading) question() (q permissions.Question) {
	q.Resource, q.Action = r.need("resource"), r.need("action")
	q.Subject, q.Product = r.text("sub"), r.text("product")
	return q
}

// body reads a request's body, one JSON object, by what takes its fields.
func body[T any](c echo.Context, take func(r *reading) T) (v T, err error) {
	object, err := web.Object(c, web.AuthCodes())
	trail := web.Trail(c.Request().Context())
	if err != nil {
		trail.Fail(explain.BodyForm, "", "")
		return v, err
	}
	trail.Pass(explain.BodyForm)
	r := read(object)
	v = take(r)
	if err = r.err(""); err != nil {
		trail.Fail(explain.BodyFields, explain.Names(slices.Sorted(maps.Keys(object)), r.known), explain.List(r.known))
		return v, err
	}
	trail.Pass(explain.BodyFields)
	return v, nil
}
