package web

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
)

// maxParameters is the most parameters a form may have.
const maxParameters = 256

// Form reads the request's body as a form; the query string is never looked at
// (RFC 6749 §2.3.1). It returns errors.UnsupportedMediaType unless the body is
// empty or a MediaForm, and otherwise what ReadBody and ParseForm return.
func Form(c echo.Context, codes Codes, repeatable ...string) (url.Values, error) {
	body, err := ReadBody(c)
	if err != nil {
		return nil, err
	}
	if len(body) > 0 && MediaType(c.Request()) != MediaForm {
		return nil, errors.UnsupportedMediaType
	}
	return ParseForm(body, codes, repeatable...)
}

// ParseForm reads a form in UTF-8. It returns codes.Malformed, naming the
// parameters, for broken escapes, invalid UTF-8, NUL characters, and parameters
// that appear twice (RFC 6749 §3.2) unless they are repeatable, as resource is
// (RFC 8707 §2).
func ParseForm(body []byte, codes Codes, repeatable ...string) (url.Values, error) {
	form := make(url.Values, 8)
	var repeated []string
	rest := string(body)
	for count := 0; rest != ""; {
		var pair string
		if pair, rest, _ = strings.Cut(rest, "&"); pair == "" {
			continue
		}
		if count++; count > maxParameters {
			return nil, codes.Malformed.On(Fields("has too many parameters", bodyField))
		}
		name, value, err := parsePair(pair)
		if err != nil {
			return nil, codes.Malformed.On(Fields(ReasonEncoding, name))
		}
		if _, twice := form[name]; twice && !slices.Contains(repeatable, name) {
			repeated = append(repeated, name)
		}
		form[name] = append(form[name], value)
	}
	if len(repeated) > 0 {
		return nil, codes.Malformed.On(Fields(ReasonRepeated, repeated...))
	}
	return form, nil
}

// errEncoding is what is wrong with a pair that cannot be text.
var errEncoding = errors.New("not text")

// parsePair decodes name=value. With an error comes what can be said of the name.
func parsePair(pair string) (name, value string, err error) {
	rawName, rawValue, _ := strings.Cut(pair, "=")
	if name, err = unescape(rawName); err != nil {
		return bodyField, "", err
	}
	value, err = unescape(rawValue)
	return name, value, err
}

func unescape(s string) (string, error) {
	s, err := url.QueryUnescape(s)
	if err != nil || strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
		return "", errEncoding
	}
	return s, nil
}
