package transfer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"gatehouse/errors"
)

// maxLine is the longest line, or record, that is read, in bytes.
const maxLine = 1 << 20

// source is a file of users.
type source interface {
	// next returns the next record, or io.EOF. Any other error is the file's.
	next() (record, error)
}

// record is a user as the file has it, or why it cannot be read.
type record struct {
	line   int
	object map[string]any
	err    error
}

type parser = func(text []byte) (map[string]any, error)

// counter counts the bytes that were read.
type counter struct {
	io.Reader
	n int64
}

// Read implements io.Reader.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

var byteOrderMark = []byte("\xEF\xBB\xBF")

// peeked is how many bytes tell a file's format.
const peeked = 64 << 10

// open finds out what a file is. A file is CSV unless it begins as JSON does.
func open(file io.Reader, format string, parse parser) (source, error) {
	r := bufio.NewReaderSize(file, peeked)
	if mark, _ := r.Peek(len(byteOrderMark)); bytes.Equal(mark, byteOrderMark) {
		_, _ = r.Discard(len(byteOrderMark)) // it was peeked at
	}
	switch format {
	case FormatCSV:
		return newCSV(r)
	case FormatNDJSON:
		return &ndjson{lines: lines{r: r, most: maxLine}, parse: parse}, nil
	}
	beginning, err := r.Peek(peeked)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch text := bytes.TrimLeft(beginning, " \t\r\n"); {
	case len(text) == 0, text[0] == '{' && !isRealm(text):
		return &ndjson{lines: lines{r: r, most: maxLine}, parse: parse}, nil
	case text[0] == '{', text[0] == '[':
		return newDocument(r, parse)
	default:
		return newCSV(r)
	}
}

// isRealm says whether a text begins as an export of Keycloak does: with one
// object that has users, and not with one of a user.
func isRealm(beginning []byte) bool {
	tokens := json.NewDecoder(bytes.NewReader(beginning))
	if _, err := tokens.Token(); err != nil {
		return false
	}
	for tokens.More() {
		name, err := tokens.Token()
		if err != nil {
			return false
		}
		if name == "users" || name == "realm" {
			return true
		}
		if err := skipValue(tokens); err != nil {
			return false
		}
	}
	return false
}

// skipValue reads over a value.
func skipValue(tokens *json.Decoder) error {
	for depth := 0; ; {
		token, err := tokens.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// lines reads lines of bounded length.
type lines struct {
	r      *bufio.Reader
	most   int // bytes of a line
	number int // of the last line read, from 1
}

// errTooLong says that a line, or the text of a user, is longer than maxLine.
var errTooLong = errors.IdentityMalformed.On(map[string]string{"line": "is longer than 1 MiB"})

// line returns the next line without its end. It is good until the next call.
// What is too long is read over and says errTooLong.
func (l *lines) line() ([]byte, error) {
	l.number++
	part, err := l.r.ReadSlice('\n')
	if err == nil {
		return part, nil
	}
	line := bytes.Clone(part)
	for errors.Is(err, bufio.ErrBufferFull) {
		part, err = l.r.ReadSlice('\n')
		if len(line) <= l.most {
			line = append(line, part...)
		}
	}
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case len(line) == 0:
		return nil, io.EOF
	case len(line) > l.most:
		return nil, errTooLong
	}
	return line, nil
}

// ndjson is a file with one JSON object a line.
type ndjson struct {
	lines
	parse parser
}

func (n *ndjson) next() (record, error) {
	for {
		text, err := n.line()
		switch {
		case errors.Is(err, errTooLong):
			return record{line: n.number, err: errTooLong}, nil
		case err != nil:
			return record{}, err
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		object, err := n.parse(text)
		return record{n.number, object, err}, nil
	}
}
