package templates

import "strings"

// Prose is plain text in which what stands between backticks is code.
type Prose string

// Span is a stretch of Prose that is all code, or has none.
type Span struct {
	Text string
	Code bool
}

// Spans cuts the text at its backticks.
func (p Prose) Spans() []Span {
	var spans []Span
	for i, text := range strings.Split(string(p), "`") {
		if text != "" {
			spans = append(spans, Span{text, i%2 == 1})
		}
	}
	return spans
}

// Proses makes Prose of several texts.
func Proses(texts []string) []Prose {
	proses := make([]Prose, len(texts))
	for i, text := range texts {
		proses[i] = Prose(text)
	}
	return proses
}
