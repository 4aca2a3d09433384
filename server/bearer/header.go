package bearer

import (
	"strings"

	"gatehouse/errors"
)

const blanks = " \t"

// FromHeader returns the token in an Authorization header: what follows the
// Bearer scheme in any case (RFC 6750 §2.1), or the whole header when it is one
// word, for some clients send the token alone. Anything else is
// errors.TokenMissing.
func FromHeader(header string) (string, error) {
	header = strings.Trim(header, blanks)
	scheme, token := header, ""
	if end := strings.IndexAny(header, blanks); end >= 0 {
		scheme, token = header[:end], strings.TrimLeft(header[end:], blanks)
	}
	switch bearer := strings.EqualFold(scheme, "Bearer"); {
	case bearer && token != "":
		return token, nil
	case bearer || token != "" || header == "":
		return "", errors.TokenMissing
	default:
		return header, nil
	}
}
