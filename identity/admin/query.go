package admin

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// query takes the parameters of a query string one by one and notes what is
// wrong with them.
type query struct {
	values url.Values
	known  []string
	faults map[string]string
}

// queryOf reads the query string, in which no parameter may be twice.
func (c *call) queryOf() (*query, error) {
	codes := web.IdentityCodes()
	codes.Malformed = errors.IdentityInvalidQuery
	values, err := web.ParseForm([]byte(c.Request().URL.RawQuery), codes)
	if err != nil {
		return nil, err
	}
	return &query{values: values, faults: make(map[string]string)}, nil
}

// err is errors.IdentityInvalidQuery if anything is wrong, be it a parameter that
// nobody asked for.
func (q *query) err(c *call) error {
	var unknown []string
	for name := range q.values {
		if !slices.Contains(q.known, name) {
			unknown = append(unknown, name)
		}
	}
	if len(q.faults) == 0 && len(unknown) == 0 {
		c.trail().Pass(explain.QueryForm)
		return nil
	}
	c.trail().Fail(explain.QueryForm, "", explain.List(q.known))
	slices.Sort(unknown)
	return errors.IdentityInvalidQuery.On(web.Fields("is not a parameter of this endpoint", unknown...)).On(q.faults)
}

func (q *query) fault(name, reason string) { q.faults[name] = reason }

// take returns a parameter, and whether it is there.
func (q *query) take(name string) (string, bool) {
	q.known = append(q.known, name)
	values, there := q.values[name]
	if !there {
		return "", false
	}
	return values[0], true
}

// number returns a whole number in decimal digits, or the default.
func (q *query) number(name string, least, most, otherwise int) int {
	text, there := q.take(name)
	if !there {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most || strconv.Itoa(n) != text {
		q.fault(name, fmt.Sprintf("must be a whole number from %d to %d", least, most))
		return otherwise
	}
	return n
}

// longestText is how many characters may be looked for.
const longestText = 255

// text returns a text, and "" for none.
func (q *query) text(name string) string {
	text, _ := q.take(name)
	if utf8.RuneCountInString(text) > longestText {
		q.fault(name, fmt.Sprintf("must have at most %d characters", longestText))
		return ""
	}
	return text
}

// oneOf returns one of the words, and "" for none.
func (q *query) oneOf(name string, words ...string) string {
	text, there := q.take(name)
	if there && !slices.Contains(words, text) {
		q.fault(name, "must be one of "+explain.List(words))
		return ""
	}
	return text
}

// time returns a point in time, and zero for none.
func (q *query) time(name string) time.Time {
	text, there := q.take(name)
	if !there {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		q.fault(name, "must be a time such as 2026-03-02T09:15:00Z")
	}
	return at.UTC()
}

// uuid returns a UUID in lower case, and "" for none.
func (q *query) uuid(name string) string {
	text, there := q.take(name)
	if !there {
		return ""
	}
	id, ok := parseUUID(text)
	if !ok {
		q.fault(name, "must be a UUID")
	}
	return id
}

// The bounds of a page. mostPages times mostOnPage is far from overflowing.
const (
	mostPages   = 1<<31 - 1
	mostOnPage  = 100
	usualOnPage = 10
)

// page returns which page is asked for.
func (q *query) page() identity.Page {
	return identity.Page{
		Number: q.number("page", 1, mostPages, 1),
		Limit:  q.number("limit", 1, mostOnPage, usualOnPage),
	}
}
