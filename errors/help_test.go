package errors_test

import (
	"strings"
	"testing"
	"unicode"

	"gatehouse/errors"
)

func TestEveryCodeHasHelp(t *testing.T) {
	t.Parallel()
	for _, c := range errors.Catalogue() {
		h := c.Help()
		if n := len(h.Causes); n < 2 || n > 4 {
			t.Errorf("%s has %d causes, want 2 to 4", c.ID, n)
		}
		if n := len(h.Steps); n < 1 || n > 4 {
			t.Errorf("%s has %d steps, want 1 to 4", c.ID, n)
		}
		for _, sentence := range append(append([]string{h.Means}, h.Causes...), h.Steps...) {
			checkSentence(t, c.ID, sentence)
		}
	}
}

func checkSentence(t *testing.T, id, sentence string) {
	t.Helper()
	first := []rune(sentence + " ")[0]
	if !strings.HasSuffix(sentence, ".") || (first != '`' && !unicode.IsUpper(first)) || strings.Count(sentence, "`")%2 != 0 {
		t.Errorf("%s: %q is no sentence", id, sentence)
	}
}

func TestNothingElseHasHelp(t *testing.T) {
	t.Parallel()
	if got, want := errors.HelpCount(), len(errors.Catalogue()); got != want {
		t.Errorf("%d codes have help, the catalogue has %d", got, want)
	}
}
