package admin

import (
	"regexp"

	"gatehouse/errors"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

func (c *call) param(name string) string { return web.PathParam(c.Request(), c.Param(name)) }

// uuid returns a parameter of the path that is a UUID, in lower case.
func (c *call) uuid(name string) (string, error) {
	id, ok := web.ParseUUID(c.param(name))
	if !ok {
		return "", c.badPath(name, "must be a UUID")
	}
	c.trail().Pass(explain.PathForm)
	return id, nil
}

// slug returns a parameter of the path that is the id of a group or the name of
// a product.
func (c *call) slug(name string) (string, error) {
	text := c.param(name)
	if !isSlug(text) {
		return "", c.badPath(name, "must have at most 100 characters: words of a-z and 0-9 with '-' between them")
	}
	c.trail().Pass(explain.PathForm)
	return text, nil
}

func (c *call) badPath(name, reason string) error {
	c.trail().Fail(explain.PathForm, explain.Name(c.param(name)), reason)
	return errors.IdentityInvalidPath.On(map[string]string{name: reason})
}

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func isSlug(text string) bool {
	return len(text) <= 100 && slugForm.MatchString(text)
}
