package access

import (
	"maps"
	"slices"

	"github.com/labstack/echo/v4"

	"gatehouse/identity/permissions"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

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
