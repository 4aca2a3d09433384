package identity

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"gatehouse/errors"
)

// faults collects what is wrong with a value, by the name that a field has in
// JSON. The first fault of a field is the one that is told.
type faults struct {
	missing, malformed map[string]string
}

// need notes a field that is empty and must not be.
func (f *faults) need(field string, present bool) {
	if !present {
		note(&f.missing, field, "is required")
	}
}

// want notes a field that is set and is not as it should be.
func (f *faults) want(field string, ok bool, reason string) {
	if !ok {
		note(&f.malformed, field, reason)
	}
}

// err is errors.IdentityMissingFields as long as something is missing, then
// errors.IdentityMalformed, then nil.
func (f *faults) err() error {
	switch {
	case f.missing != nil:
		return errors.IdentityMissingFields.On(f.missing)
	case f.malformed != nil:
		return errors.IdentityMalformed.On(f.malformed)
	}
	return nil
}

func note(in *map[string]string, field, reason string) {
	if *in == nil {
		*in = make(map[string]string)
	}
	if _, noted := (*in)[field]; !noted {
		(*in)[field] = reason
	}
}

// isText says whether people can read s on one line: valid UTF-8 of at most so
// many characters, none of them a control character.
func isText(s string, most int) bool {
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most
}

// unique says whether no value occurs twice.
func unique(values []string) bool {
	seen := make(map[string]bool, len(values))
	for _, v := range values {
		if seen[v] {
			return false
		}
		seen[v] = true
	}
	return true
}

// The most values of a list, and the most bytes of each: what is read with its
// owner, and held in memory by every node, must not grow without end.
const (
	mostValues   = 200
	longestValue = 2000
)

// each says whether a list is of bounded size, a rule holds for every value, and
// none occurs twice.
func each(values []string, rule func(string) bool) bool {
	if len(values) > mostValues || slices.ContainsFunc(values, func(v string) bool { return len(v) > longestValue }) {
		return false
	}
	for _, v := range values {
		if !rule(v) {
			return false
		}
	}
	return unique(values)
}
