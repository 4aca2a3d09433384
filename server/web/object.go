package web

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A body that nests deeper, or holds more values, than this is refused before
// it costs anything.
const (
	maxDepth  = 32
	maxValues = 10_000
)

// ParseObject reads one JSON object (RFC 8259). Its values are nil, bool,
// string, json.Number, []any and map[string]any. Beyond what encoding/json
// refuses, it refuses invalid UTF-8, names that appear twice in an object at any
// depth, unpaired surrogates, NUL characters, and numbers past a float64.
func ParseObject(body []byte, codes Codes) (map[string]any, error) {
	if !utf8.Valid(body) {
		return nil, codes.Malformed.On(Fields("is not valid UTF-8", bodyField))
	}
	p := parser{text: string(body)}
	value, fault := p.document()
	if fault != nil {
		return nil, codes.Malformed.On(Fields(fault.reason, fault.field()))
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, codes.WrongType.On(Fields("must be an object", bodyField))
	}
	return object, nil
}

// parser reads the text from left to right. Strings without escapes are slices
// of the text and cost nothing.
type parser struct {
	text   string
	at     int
	depth  int
	values int
}

// parseFault says what is wrong, and with which field when it is known.
type parseFault struct {
	path   []string // innermost first
	reason string
}

func (f *parseFault) field() string {
	if len(f.path) == 0 {
		return bodyField
	}
	var b strings.Builder
	for i := len(f.path) - 1; i >= 0; i-- {
		b.WriteString(f.path[i])
		if i > 0 {
			b.WriteByte('.')
		}
	}
	return b.String()
}

func (p *parser) fail(what string) *parseFault {
	return &parseFault{reason: fmt.Sprintf("%s at byte %d", what, p.at)}
}

func (p *parser) document() (any, *parseFault) {
	p.space()
	if p.at == len(p.text) {
		return nil, &parseFault{reason: "is empty"}
	}
	value, fault := p.value()
	if fault != nil {
		return nil, fault
	}
	p.space()
	if p.at < len(p.text) {
		return nil, p.fail("has more than one value, the second")
	}
	return value, nil
}

func (p *parser) value() (any, *parseFault) {
	if p.values++; p.values > maxValues {
		return nil, p.fail("has too many values")
	}
	switch b := p.peek(); {
	case b == '{':
		return p.nested(p.object)
	case b == '[':
		return p.nested(p.array)
	case b == '"':
		return boxed(p.string())
	case b == '-' || '0' <= b && b <= '9':
		return p.number()
	default:
		return p.word()
	}
}

func boxed(s string, fault *parseFault) (any, *parseFault) { return s, fault }

func (p *parser) nested(read func() (any, *parseFault)) (any, *parseFault) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail("is nested too deeply")
	}
	p.at++
	value, fault := read()
	p.depth--
	return value, fault
}

// object reads what follows an opening brace.
func (p *parser) object() (any, *parseFault) {
	members := make(map[string]any)
	if p.space(); p.take('}') {
		return members, nil
	}
	for {
		name, fault := p.name()
		if fault != nil {
			return nil, fault
		}
		if _, twice := members[name]; twice {
			return nil, &parseFault{path: []string{name}, reason: ReasonRepeated}
		}
		if members[name], fault = p.value(); fault != nil {
			fault.path = append(fault.path, name)
			return nil, fault
		}
		if p.space(); p.take('}') {
			return members, nil
		}
		if !p.take(',') {
			return nil, p.fail("is not JSON")
		}
		p.space()
	}
}

// name reads a member's name and the colon behind it.
func (p *parser) name() (string, *parseFault) {
	if p.peek() != '"' {
		return "", p.fail("is not JSON")
	}
	name, fault := p.string()
	if fault != nil {
		return "", fault
	}
	if p.space(); !p.take(':') {
		return "", p.fail("is not JSON")
	}
	p.space()
	return name, nil
}

// array reads what follows an opening bracket.
func (p *parser) array() (any, *parseFault) {
	items := []any{}
	if p.space(); p.take(']') {
		return items, nil
	}
	for {
		item, fault := p.value()
		if fault != nil {
			return nil, fault
		}
		items = append(items, item)
		if p.space(); p.take(']') {
			return items, nil
		}
		if !p.take(',') {
			return nil, p.fail("is not JSON")
		}
		p.space()
	}
}

func (p *parser) string() (string, *parseFault) {
	p.at++
	start := p.at
	for ; p.at < len(p.text); p.at++ {
		switch b := p.text[p.at]; {
		case b == '"':
			s := p.text[start:p.at]
			p.at++
			return s, nil
		case b == '\\':
			return p.escaped(start)
		case b < ' ':
			return "", p.fail("has a control character")
		}
	}
	return "", p.fail("ends inside a string")
}

// escaped reads a string that has an escape at p.at.
func (p *parser) escaped(start int) (string, *parseFault) {
	out := append(make([]byte, 0, len(p.text[start:p.at])+32), p.text[start:p.at]...)
	for p.at < len(p.text) {
		switch b := p.text[p.at]; {
		case b == '"':
			p.at++
			return string(out), nil
		case b < ' ':
			return "", p.fail("has a control character")
		case b == '\\':
			r, ok := p.escape()
			if !ok {
				return "", p.fail("has a bad escape")
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, b)
			p.at++
		}
	}
	return "", p.fail("ends inside a string")
}

// escape reads one escape sequence, or two where they make one character.
func (p *parser) escape() (rune, bool) {
	if p.at+1 >= len(p.text) {
		return 0, false
	}
	b := p.text[p.at+1]
	if b == 'u' {
		return p.unicode()
	}
	const letters, meanings = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	i := strings.IndexByte(letters, b)
	if i < 0 {
		return 0, false
	}
	p.at += 2
	return rune(meanings[i]), true
}

func (p *parser) unicode() (rune, bool) {
	r, ok := p.hex4()
	if !ok || r == 0 || !utf16.IsSurrogate(r) {
		return r, ok && r != 0
	}
	low, ok := p.hex4()
	r = utf16.DecodeRune(r, low)
	return r, ok && r != utf8.RuneError
}

// hex4 reads \uXXXX.
func (p *parser) hex4() (rune, bool) {
	if p.at+6 > len(p.text) || p.text[p.at] != '\\' || p.text[p.at+1] != 'u' {
		return 0, false
	}
	r, err := strconv.ParseUint(p.text[p.at+2:p.at+6], 16, 16)
	if err != nil {
		return 0, false
	}
	p.at += 6
	return rune(r), true
}

// number reads a number as RFC 8259 §6 spells it.
func (p *parser) number() (any, *parseFault) {
	start := p.at
	p.take('-')
	if !p.take('0') && p.digits() == 0 {
		return nil, p.fail("is not JSON")
	}
	if p.take('.') && p.digits() == 0 {
		return nil, p.fail("is not JSON")
	}
	if p.take('e') || p.take('E') {
		if !p.take('+') {
			p.take('-')
		}
		if p.digits() == 0 {
			return nil, p.fail("is not JSON")
		}
	}
	text := p.text[start:p.at]
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		return nil, p.fail("has a number that is too large")
	}
	return json.Number(text), nil
}

func (p *parser) digits() int {
	start := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	return p.at - start
}

func (p *parser) word() (any, *parseFault) {
	rest := p.text[p.at:]
	switch {
	case strings.HasPrefix(rest, "true"):
		p.at += len("true")
		return true, nil
	case strings.HasPrefix(rest, "false"):
		p.at += len("false")
		return false, nil
	case strings.HasPrefix(rest, "null"):
		p.at += len("null")
		return nil, nil
	default:
		return nil, p.fail("is not JSON")
	}
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// peek returns the next byte, or 0 at the end, which starts no value.
func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// take steps over b if it is next.
func (p *parser) take(b byte) bool {
	if p.at < len(p.text) && p.text[p.at] == b {
		p.at++
		return true
	}
	return false
}
