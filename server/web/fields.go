package web

import (
	"strings"
	"unicode/utf8"
)

// Reasons that stand beside a field at fault.
const (
	ReasonRequired   = "is required"
	ReasonUnexpected = "is not a field of this endpoint"
	ReasonRepeated   = "appears more than once"
	ReasonEncoding   = "is not valid UTF-8, or holds a NUL character or a broken escape"
)

// bodyField stands for the body as a whole where no single field is at fault.
const bodyField = "body"

// Names come from outside and are echoed: this many, each of this many characters.
const (
	mostFields    = 32
	longestField  = 100
	fieldEllipsis = "…"
)

// Fields gives every name the same reason, as a code's On takes them. Names are
// cut to a hundred characters, and at most 32 are kept.
func Fields(reason string, names ...string) map[string]string {
	fields := make(map[string]string, min(len(names), mostFields))
	for _, name := range names {
		name = shorten(name)
		if len(fields) == mostFields {
			break
		}
		fields[name] = reason
	}
	return fields
}

func shorten(name string) string {
	if len(name) <= longestField {
		return strings.ToValidUTF8(name, string(utf8.RuneError))
	}
	return strings.ToValidUTF8(name[:longestField], "") + fieldEllipsis
}
