package main

import (
	"fmt"
	"strings"
)

// mistake is one thing that is wrong with the configuration.
type mistake struct {
	key     string // the setting, or what was written in its place
	source  source // where it was written; zero when it was not
	problem string // what is wrong, and what to do about it
	example string // a right value; empty when problem says it all
}

// String is the mistake in one line.
func (m mistake) String() string {
	var b strings.Builder
	b.WriteString(m.key)
	if m.source.kind != "" {
		fmt.Fprintf(&b, " (%s)", m.source)
	}
	b.WriteString(": " + m.problem)
	if m.example != "" {
		b.WriteString("; for example " + m.example)
	}
	return b.String()
}

// mistakes is all that is wrong with the configuration.
type mistakes []mistake

// Error is one line a mistake.
func (ms mistakes) Error() string {
	var b strings.Builder
	b.WriteString("the configuration is not right yet:")
	for _, m := range ms {
		b.WriteString("\n  " + m.String())
	}
	return b.String()
}

// didYouMean is a hint to the name that was probably meant, or nothing.
func didYouMean(written string, names []string) string {
	best, distance := "", 1+max(2, len(written)/4)
	for _, name := range names {
		if strings.HasSuffix(name, "."+written) {
			best = name
			break
		}
		if d := editDistance(written, name); d < distance {
			best, distance = name, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// editDistance is how many characters must be put in, taken out or replaced to
// make b from a (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
