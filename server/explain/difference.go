package explain

import (
	"strings"
	"unicode/utf8"
)

// The marks around what differs.
const differs, same = "‹", "›"

// longestAddress is how many bytes of an address are shown.
const longestAddress = 120

// Difference is an address from outside and the one that it should have been, with
// what differs between marks. A query may hold anything: it is not shown, but for
// a mark when that is what differs.
func Difference(got, want string) (markedGot, markedWant string) {
	got, gotQuery, _ := strings.Cut(printableText(got), "?")
	want, wantQuery, _ := strings.Cut(want, "?")
	query := ""
	if gotQuery != wantQuery {
		query = differs + "?…" + same
	}
	got, want = cut(got, longestAddress), cut(want, longestAddress)
	head, tail := commonEnds(got, want)
	return marked(got, head, tail) + query, marked(want, head, tail)
}

// commonEnds is how many bytes two texts have in common at their start, and at
// their end.
func commonEnds(a, b string) (head, tail int) {
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	for head > 0 && head < len(a) && !utf8.RuneStart(a[head]) {
		head--
	}
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	for tail > 0 && !utf8.RuneStart(a[len(a)-tail]) {
		tail--
	}
	return head, tail
}

// marked puts marks around what is neither head nor tail.
func marked(text string, head, tail int) string {
	middle := text[head : len(text)-tail]
	if middle == "" {
		return text
	}
	return text[:head] + differs + middle + same + text[len(text)-tail:]
}

func printableText(text string) string { return strings.Map(printable, text) }

// Nearest is the one of some addresses that has most in common with another, at
// its start and its end; empty when there are none.
func Nearest(got string, known []string) string {
	nearest, most := "", -1
	for _, one := range known {
		if head, tail := commonEnds(one, got); head+tail > most {
			nearest, most = one, head+tail
		}
	}
	return nearest
}
