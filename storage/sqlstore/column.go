package sqlstore

import (
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// column is a value that a row holds as JSON, NULL when it is empty.
type column[T any] struct{ v T }

// Value implements driver.Valuer.
func (c column[T]) Value() (driver.Value, error) {
	data, err := json.Marshal(c.v)
	if err != nil {
		return nil, err
	}
	switch text := string(data); text {
	case "null", "[]", "{}":
		return nil, nil
	default:
		return text, nil
	}
}

// Scan implements sql.Scanner.
func (c *column[T]) Scan(src any) error {
	*c = column[T]{}
	var text []byte
	switch v := src.(type) {
	case nil:
	case string:
		text = []byte(v)
	case []byte:
		text = v
	default:
		return fmt.Errorf("read JSON from %T", src)
	}
	if len(text) == 0 || string(text) == "[]" { // SQLite aggregates nothing to []
		return nil
	}
	return json.Unmarshal(text, &c.v)
}

// storable says whether PostgreSQL can hold the text, and so whether it can
// have stored it.
func storable(text string) bool {
	return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0
}

// legible makes text from outside storable; what cannot be kept is replaced.
func legible(text string) string {
	if storable(text) {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// digest is how keys of any content and length are stored.
func digest(parts ...string) []byte {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return h.Sum(nil)
}

// blob makes an empty value NULL on both databases.
func blob(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}

// optional makes an empty text NULL.
func optional(text string) any {
	if text == "" {
		return nil
	}
	return legible(text)
}

// null reads a value that may be NULL, and leaves dest zero if it is.
func null[T any](dest *T) sql.Scanner { return &nullable[T]{dest} }

type nullable[T any] struct{ dest *T }

// Scan implements sql.Scanner.
func (n *nullable[T]) Scan(src any) error {
	var v sql.Null[T]
	err := v.Scan(src)
	*n.dest = v.V
	return err
}
