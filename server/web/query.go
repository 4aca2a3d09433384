package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"gatehouse/errors"
	"gatehouse/server/explain"
)

// Query takes the parameters of a query string one by one and notes what is
// wrong with them, for Err to tell.
type Query struct {
	values url.Values
	known  []string
	faults map[string]string
}

// ParseQuery reads a request's query string. It returns errors.InvalidQuery when
// a parameter is there twice or is not text.
func ParseQuery(r *http.Request) (*Query, error) {
	values, err := ParseForm([]byte(r.URL.RawQuery), Codes{Malformed: errors.InvalidQuery})
	if err != nil {
		return nil, invalidQuery(errors.From(err).Fields)
	}
	return &Query{values: values, faults: make(map[string]string)}, nil
}

func invalidQuery(fields map[string]string) error {
	names := strings.Join(slices.Sorted(maps.Keys(fields)), ", ")
	return errors.InvalidQuery.With(names).On(fields)
}

// Err is errors.InvalidQuery if anything is wrong, be it a parameter that nobody
// has taken.
func (q *Query) Err(ctx context.Context) error {
	var unknown []string
	for name := range q.values {
		if !slices.Contains(q.known, name) {
			unknown = append(unknown, name)
		}
	}
	if len(q.faults) == 0 && len(unknown) == 0 {
		Trail(ctx).Pass(explain.QueryForm)
		return nil
	}
	Trail(ctx).Fail(explain.QueryForm, "", explain.List(q.known))
	slices.Sort(unknown)
	fields := Fields("is not a parameter of this endpoint", unknown...)
	maps.Copy(fields, q.faults)
	return invalidQuery(fields)
}

// Fault notes that a parameter is wrong.
func (q *Query) Fault(name, reason string) { q.faults[name] = reason }

// Take returns a parameter, and whether it is there.
func (q *Query) Take(name string) (string, bool) {
	q.known = append(q.known, name)
	values, there := q.values[name]
	if !there {
		return "", false
	}
	return values[0], true
}

// Number returns a whole number in decimal digits, or the default.
func (q *Query) Number(name string, least, most, otherwise int) int {
	text, there := q.Take(name)
	if !there {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most || strconv.Itoa(n) != text {
		q.Fault(name, fmt.Sprintf("must be a whole number from %d to %d", least, most))
		return otherwise
	}
	return n
}

// longestText is how many characters may be looked for.
const longestText = 255

// Text returns a text of at most 255 characters, and "" for none.
func (q *Query) Text(name string) string {
	text, _ := q.Take(name)
	if utf8.RuneCountInString(text) > longestText {
		q.Fault(name, fmt.Sprintf("must have at most %d characters", longestText))
		return ""
	}
	return text
}

// OneOf returns one of the words, and "" for none.
func (q *Query) OneOf(name string, words ...string) string {
	text, there := q.Take(name)
	if there && !slices.Contains(words, text) {
		q.Fault(name, "must be one of "+explain.List(words))
		return ""
	}
	return text
}

// Flag returns whether a parameter is "true"; it may be "false", too.
func (q *Query) Flag(name string) bool { return q.OneOf(name, "true", "false") == "true" }

// Time returns a point in time (RFC 3339), and zero for none.
func (q *Query) Time(name string) time.Time {
	text, there := q.Take(name)
	if !there {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		q.Fault(name, "must be a time such as 2026-03-02T09:15:00Z")
	}
	return at.UTC()
}

// UUID returns a UUID in lower case, and "" for none.
func (q *Query) UUID(name string) string {
	text, there := q.Take(name)
	if !there {
		return ""
	}
	id, ok := ParseUUID(text)
	if !ok {
		q.Fault(name, "must be a UUID")
	}
	return id
}

// ParseUUID returns a UUID in lower case. Other ways to write one than its 36
// characters are no ids.
func ParseUUID(text string) (string, bool) {
	const length = 36
	id, err := uuid.Parse(text)
	return id.String(), err == nil && len(text) == length
}

// PathParam returns a parameter of the path, and "" for one that is not there or
// is not text. Echo takes it from the path as it was sent if that has escapes
// that its decoded form does not tell.
func PathParam(r *http.Request, value string) string {
	if r.URL.RawPath == "" {
		return value
	}
	unescaped, err := url.PathUnescape(value)
	if err != nil {
		return ""
	}
	return unescaped
}
