package admin

import (
	"net/http"

	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// done answers that there is nothing to show.
func (c *call) done() error { return c.NoContent(http.StatusNoContent) }

// body reads the body, and what it says by the parser that knows its fields.
func body[T any](c *call, parse func(map[string]any) (T, error)) (T, error) {
	object, err := c.object()
	if err != nil {
		var none T
		return none, err
	}
	return noted(c, object, parse)
}

// optionalBody is body for one that may be left out, which is then as good as an
// empty object.
func optionalBody[T any](c *call, parse func(map[string]any) (T, error)) (T, error) {
	if c.Request().ContentLength == 0 {
		return noted(c, map[string]any{}, parse)
	}
	return body(c, parse)
}

// object reads the body, one JSON object.
func (c *call) object() (map[string]any, error) {
	object, err := web.Object(c, web.IdentityCodes())
	if err != nil {
		c.trail().Fail(explain.BodyForm, "", "")
		return nil, err
	}
	c.trail().Pass(explain.BodyForm)
	return object, nil
}

func noted[T any](c *call, object map[string]any, parse func(map[string]any) (T, error)) (T, error) {
	in, err := parse(object)
	if err != nil {
		c.trail().Fail(explain.BodyFields, "", "")
		return in, err
	}
	c.trail().Pass(explain.BodyFields)
	return in, nil
}
