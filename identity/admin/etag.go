package admin

import (
	"strconv"
	"strings"

	"gatehouse/errors"
	"gatehouse/identity/registry"
)

// setVersion sends the version of what the answer shows: its ETag (RFC 9110 §8.8.3).
func (c *call) setVersion(version int64) {
	c.Response().Header().Set("ETag", `"`+strconv.FormatInt(version, 10)+`"`)
}

// versions are those that the caller is ready to change (If-Match, RFC 9110
// §13.1.1); nil when any will do. Tags that are no version of ours, weak ones
// among them, match none.
func (c *call) versions() (registry.Versions, error) {
	lines := c.Request().Header.Values("If-Match")
	if len(lines) == 0 {
		return nil, nil
	}
	versions, any, ok := parseIfMatch(strings.Join(lines, ","))
	switch {
	case !ok:
		return nil, errors.IdentityMalformed.On(map[string]string{"If-Match": "must be * or a list of entity tags"})
	case any:
		return nil, nil
	}
	return versions, nil
}

// target returns the id in the path and the versions of what it names that the
// caller is ready to change.
func (c *call) target(form func(c *call, name string) (string, error)) (id string, versions registry.Versions, err error) {
	if id, err = form(c, "id"); err != nil {
		return "", nil, err
	}
	versions, err = c.versions()
	return id, versions, err
}

// parseIfMatch reads the value of an If-Match header.
func parseIfMatch(value string) (versions registry.Versions, any, ok bool) {
	const blanks = " \t"
	if strings.Trim(value, blanks) == "*" {
		return nil, true, true
	}
	versions = registry.Versions{}
	found := false
	for rest := value; ; {
		rest = strings.TrimLeft(rest, blanks+",")
		if rest == "" {
			return versions, false, found
		}
		tag, weak, after, ok := cutTag(rest)
		if rest = strings.TrimLeft(after, blanks); !ok || rest != "" && rest[0] != ',' {
			return nil, false, false
		}
		found = true
		if version, is := versionOf(tag); is && !weak {
			versions = append(versions, version)
		}
	}
}

// cutTag cuts an entity tag off the front of text.
func cutTag(text string) (tag string, weak bool, rest string, ok bool) {
	text, weak = strings.CutPrefix(text, "W/")
	if text, ok = strings.CutPrefix(text, `"`); !ok {
		return "", weak, "", false
	}
	tag, rest, ok = strings.Cut(text, `"`)
	return tag, weak, rest, ok && !strings.ContainsFunc(tag, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

// versionOf is the version that a tag of ours stands for. There is one way to
// write it.
func versionOf(tag string) (version int64, ok bool) {
	version, err := strconv.ParseInt(tag, 10, 64)
	return version, err == nil && strconv.FormatInt(version, 10) == tag
}
