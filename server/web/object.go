package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
)

// A body that nests deeper, or holds more values, than this is refused before
// it costs anything.
const (
	maxDepth  = 32
	maxValues = 10_000
)

// Object reads the request's body as one JSON object. It returns
// errors.UnsupportedMediaType unless the body is empty or MediaJSON, and
// otherwise what ReadBody and ParseObject return.
func Object(c echo.Context, codes Codes) (map[string]any, error) {
	body, err := ReadBody(c)
	if err != nil {
		return nil, err
	}
	if len(body) > 0 && MediaType(c.Request()) != MediaJSON {
		return nil, errors.UnsupportedMediaType
	}
	return ParseObject(body, codes)
}

// ParseObject reads one JSON object (RFC 8259). Its values are nil, bool,
// string, json.Number, []any and map[string]any. Beyond what encoding/json
// refuses, it refuses invalid UTF-8, NUL characters, numbers past a float64, and
// names that appear twice in an object at any depth, with codes.Malformed; and
// any value that is no object with codes.WrongType.
func ParseObject(body []byte, codes Codes) (map[string]any, error) {
	if reason := notOneValue(body); reason != "" {
		return nil, codes.Malformed.On(Fields(reason, bodyField))
	}
	w := walker{tokens: json.NewDecoder(bytes.NewReader(body))}
	w.tokens.UseNumber()
	value, fault := w.value()
	if fault != nil {
		return nil, codes.Malformed.On(Fields(fault.reason, fault.field()))
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, codes.WrongType.On(Fields("must be an object", bodyField))
	}
	return object, nil
}

// notOneValue says why the body is not exactly one JSON value, or "".
func notOneValue(body []byte) string {
	if len(bytes.TrimSpace(body)) == 0 {
		return "is empty"
	}
	if !utf8.Valid(body) {
		return "is not valid UTF-8"
	}
	var whole json.RawMessage
	var syntax *json.SyntaxError
	if err := json.Unmarshal(body, &whole); errors.As(err, &syntax) {
		return fmt.Sprintf("is not one JSON value: see byte %d", syntax.Offset)
	} else if err != nil {
		return "is not one JSON value"
	}
	return ""
}

// walker builds the value of a text that is known to be JSON, token by token,
// for encoding/json takes the last of two members with the same name.
type walker struct {
	tokens *json.Decoder
	depth  int
	values int
}

// walkFault is what is wrong with a value, and the names that lead to it, innermost first.
type walkFault struct {
	path   []string
	reason string
}

func (f *walkFault) field() string {
	if len(f.path) == 0 {
		return bodyField
	}
	name := f.path[len(f.path)-1]
	for i := len(f.path) - 2; i >= 0 && len(name) <= longestField; i-- {
		name += "." + f.path[i]
	}
	return name
}

func (w *walker) value() (any, *walkFault) {
	token, err := w.tokens.Token()
	if err != nil {
		return nil, unreadable(err)
	}
	if w.values++; w.values > maxValues {
		return nil, &walkFault{reason: "has too many values"}
	}
	switch t := token.(type) {
	case json.Delim:
		return w.nested(t)
	case string:
		if strings.IndexByte(t, 0) >= 0 {
			return nil, &walkFault{reason: "holds a NUL character"}
		}
	case json.Number:
		if _, err := t.Float64(); err != nil {
			return nil, &walkFault{reason: "is a number that is too large"}
		}
	}
	return token, nil
}

func (w *walker) nested(open json.Delim) (value any, fault *walkFault) {
	if w.depth++; w.depth > maxDepth {
		return nil, &walkFault{reason: "is nested too deeply"}
	}
	if open == '{' {
		value, fault = w.object()
	} else {
		value, fault = w.array()
	}
	w.depth--
	if fault != nil {
		return nil, fault
	}
	if _, err := w.tokens.Token(); err != nil {
		return nil, unreadable(err)
	}
	return value, nil
}

func (w *walker) object() (any, *walkFault) {
	object := make(map[string]any, 8)
	for w.tokens.More() {
		token, err := w.tokens.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, unreadable(err)
		}
		if strings.IndexByte(name, 0) >= 0 {
			return nil, &walkFault{reason: "has a name that holds a NUL character"}
		}
		if _, twice := object[name]; twice {
			return nil, &walkFault{path: []string{name}, reason: ReasonRepeated}
		}
		value, fault := w.value()
		if fault != nil {
			fault.path = append(fault.path, name)
			return nil, fault
		}
		object[name] = value
	}
	return object, nil
}

func (w *walker) array() (any, *walkFault) {
	array := []any{}
	for w.tokens.More() {
		value, fault := w.value()
		if fault != nil {
			return nil, fault
		}
		array = append(array, value)
	}
	return array, nil
}

// unreadable cannot happen to a text that json.Unmarshal took.
func unreadable(err error) *walkFault {
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return &walkFault{reason: "is not one JSON value: " + err.Error()}
}
