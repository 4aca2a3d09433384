package transfer

import (
	"encoding/json"
	"io"

	"gatehouse/errors"
)

// document is a JSON text with a list of users: the text itself, or the member
// "users" of an object, as Keycloak exports it.
type document struct {
	tokens *json.Decoder
	left   *allowance
	parse  parser
	listed bool // the text is the list
	inside bool // of the list
	number int
}

// allowance lets a decoder read so many bytes before it has to be renewed: a
// decoder holds a whole value in memory, however long it is.
type allowance struct {
	r    io.Reader
	left int
}

const mostAtOnce = 16 << 20

var errHuge = errors.IdentityMalformed.On(map[string]string{"body": "has a value that is longer than 16 MiB"})

// Read implements io.Reader.
func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, errHuge
	}
	n, err := a.r.Read(p[:min(len(p), a.left)])
	a.left -= n
	return n, err
}

func newDocument(r io.Reader, parse parser) (*document, error) {
	left := &allowance{r, mostAtOnce}
	d := &document{tokens: json.NewDecoder(left), left: left, parse: parse}
	d.tokens.UseNumber()
	first, err := d.tokens.Token()
	if err != nil {
		return nil, notJSON(err)
	}
	d.listed = first == json.Delim('[')
	d.inside = d.listed
	return d, nil
}

func (d *document) next() (record, error) {
	for {
		d.left.left = mostAtOnce
		if d.inside {
			if d.tokens.More() {
				return d.user()
			}
			if _, err := d.tokens.Token(); err != nil {
				return record{}, notJSON(err)
			}
			d.inside = false
		}
		if d.listed || !d.tokens.More() {
			return record{}, d.end()
		}
		if err := d.member(); err != nil {
			return record{}, notJSON(err)
		}
	}
}

// user reads a user.
func (d *document) user() (record, error) {
	var text json.RawMessage
	if err := d.tokens.Decode(&text); err != nil {
		return record{}, notJSON(err)
	}
	d.number++
	if len(text) > maxLine {
		return record{line: d.number, err: errTooLong}, nil
	}
	object, err := d.parse(text)
	return record{d.number, object, err}, nil
}

// member reads over a member of the object, or into the list of users.
func (d *document) member() error {
	name, err := d.tokens.Token()
	if err != nil {
		return err
	}
	if name != "users" {
		return d.skip()
	}
	first, err := d.tokens.Token()
	if err == nil && first != json.Delim('[') {
		return errors.IdentityWrongType.On(map[string]string{"users": "must be a list"})
	}
	d.inside = err == nil
	return err
}

// skip reads over a value token by token, however long it is.
func (d *document) skip() error {
	for depth := 0; ; {
		d.left.left = mostAtOnce
		token, err := d.tokens.Token()
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

// end reads the end of the document.
func (d *document) end() error {
	if !d.listed {
		if _, err := d.tokens.Token(); err != nil {
			return notJSON(err)
		}
		d.listed = true
	}
	if _, err := d.tokens.Token(); !errors.Is(err, io.EOF) {
		return errors.IdentityMalformed.On(map[string]string{"body": "goes on behind its end"})
	}
	return io.EOF
}

// notJSON is an error of the decoder as the file's. It must not be io.EOF, which
// ends the file well.
func notJSON(err error) error {
	var syntax *json.SyntaxError
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &syntax) {
		return errors.IdentityMalformed.On(map[string]string{"body": "is not one whole JSON document"})
	}
	return err
}
