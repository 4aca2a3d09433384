package bootstrap

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mistake is one thing that is wrong with a file.
type Mistake struct {
	Path    string   // "applications[2].clientSecretFile"; empty: the file as a whole
	Line    int      // from 1; 0: none
	Problem string   // "no such file"
	Written string   // what is none of the Names; empty: there is nothing to guess
	Names   []string // one of which may have been meant
}

// String is the mistake in one line, without a guess.
func (m Mistake) String() string {
	var b strings.Builder
	b.WriteString(cmp.Or(m.Path, "the file"))
	if m.Line > 0 {
		fmt.Fprintf(&b, " (line %d)", m.Line)
	}
	return b.String() + ": " + m.Problem
}

// Mistakes is all that is wrong with a file.
type Mistakes []Mistake

// Error is one line a mistake.
func (ms Mistakes) Error() string {
	lines := make([]string, len(ms))
	for i, m := range ms {
		lines[i] = m.String()
	}
	return strings.Join(lines, "\n")
}

// err is the mistakes in the order of their lines, or nil when there are none.
func (ms Mistakes) err() error {
	if len(ms) == 0 {
		return nil
	}
	slices.SortStableFunc(ms, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
	return ms
}

// place is where something is declared.
type place struct {
	path  string
	line  int
	lines map[string]int // of its fields, as far as they are there
}

// wrong is a mistake in a field of what is declared here; a field that is absent
// is missed where the declaration begins.
func (p place) wrong(field, problem string) Mistake {
	return Mistake{Path: join(p.path, field), Line: cmp.Or(p.lines[field], p.line), Problem: problem}
}

// join is the path of a field. What stands in a file may be any text, so names
// are cut short, and quoted where they do not read as a name.
func join(path, field string) string {
	const most = 100
	if len(field) > most || strings.ContainsFunc(field, func(r rune) bool { return r <= ' ' || r > '~' }) {
		field = fmt.Sprintf("%.*q", most, field)
	}
	if path == "" {
		return field
	}
	return path + "." + field
}
