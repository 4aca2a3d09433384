package sqlstore

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"gatehouse/identity"
)

const (
	// termEnd ends a term in an entry, and what a user's last name is in its
	// order: it is less than any character of a term.
	termEnd = "\x01"
	// maxTerm is how many bytes of a value can be looked for. An index of
	// PostgreSQL holds entries up to 2 704 bytes.
	maxTerm = 1024
)

// fold makes of a value what a prefix is looked for in, and of a prefix what is
// looked for: the same for all cases, widths and forms of composition of a
// character (Unicode Standard Annex 15, form KC). Both ways through the cases
// also make one of letters that share a capital, such as the two small sigmas.
func fold(value string) string {
	if isASCII(value) {
		return strings.ReplaceAll(strings.ToLower(value), termEnd, " ")
	}
	value = strings.ToLower(strings.ToUpper(norm.NFKC.String(legible(value))))
	return strings.ReplaceAll(value, termEnd, " ")
}

func isASCII(value string) bool {
	for i := range len(value) {
		if value[i] == 0 || value[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cut is the beginning of a folded value that is kept.
func cut(folded string) string {
	if len(folded) <= maxTerm {
		return folded
	}
	end := maxTerm
	for !utf8.RuneStart(folded[end]) {
		end--
	}
	return folded[:end]
}

// term is one of the values that a user is found by.
type term struct {
	value  string
	shared int // bytes that it begins with as the one before
}

// termsOf returns the different values that a user is found by, ascending. A
// prefix longer than shared finds no more than one of them.
func termsOf(u identity.User) []term {
	var values []string
	for _, value := range []string{u.Username, u.Email, u.FirstName, u.LastName} {
		if value != "" {
			values = append(values, cut(fold(value)))
		}
	}
	slices.Sort(values)
	values = slices.Compact(values)
	terms := make([]term, len(values))
	for i, value := range values {
		terms[i].value = value
		if i > 0 {
			terms[i].shared = shared(values[i-1], value)
		}
	}
	return terms
}

// shared is how many bytes two texts have in common at their beginning.
func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// entryOf is a term of a user as the table of terms holds it.
func entryOf(value, userID string) string { return value + termEnd + userID }

// lastNameOrder is what users are sorted by last name with.
func lastNameOrder(u identity.User) string { return entryOf(cut(fold(u.LastName)), u.ID) }

// after is the least text that is greater than everything that begins with a
// prefix; false: there is none.
func after(prefix string) (string, bool) {
	for len(prefix) > 0 {
		last, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch {
		case last == 0xD7FF:
			return prefix + "\uE000", true // past the surrogates, which are no characters
		case last < utf8.MaxRune:
			return prefix + string(last+1), true
		}
	}
	return "", false
}
