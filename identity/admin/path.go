package admin

import (
	"net/url"
	"regexp"

	"github.com/google/uuid"

	"gatehouse/errors"
	"gatehouse/server/explain"
)

// param returns a parameter of the path, and "" for one that is not there or is
// not text. Echo takes it from the path as it was sent if that has escapes that
// its decoded form does not tell.
func (c *call) param(name string) string {
	value := c.Param(name)
	if c.Request().URL.RawPath == "" {
		return value
	}
	unescaped, err := url.PathUnescape(value)
	if err != nil {
		return ""
	}
	return unescaped
}

// uuid returns a parameter of the path that is a UUID, in lower case.
func (c *call) uuid(name string) (string, error) {
	id, ok := parseUUID(c.param(name))
	if !ok {
		return "", c.badPath(name, "must be a UUID")
	}
	c.trail().Pass(explain.PathForm)
	return id, nil
}

// parseUUID returns a UUID in lower case. Other ways to write one are no ids.
func parseUUID(text string) (string, bool) {
	const length = 36
	id, err := uuid.Parse(text)
	return id.String(), err == nil && len(text) == length
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
