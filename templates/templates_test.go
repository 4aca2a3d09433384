package templates_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/templates"
)

func TestLinksStartWithTheBase(t *testing.T) {
	t.Parallel()
	set, err := templates.New("/id")
	if err != nil {
		t.Fatal(err)
	}
	page, err := set.ErrorUnknown(templates.ErrorUnknown{Code: "AUT-9999"})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(page), `href="/id/`); got != strings.Count(string(page), `href="/`) || got < 4 {
		t.Errorf("%d links start with the base: %s", got, page)
	}
}

func TestWhatComesFromOutsideIsEscaped(t *testing.T) {
	t.Parallel()
	set, err := templates.New("")
	if err != nil {
		t.Fatal(err)
	}
	page, err := set.ErrorUnknown(templates.ErrorUnknown{Code: `<script>alert("x")</script>`})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(page), "<script>") || !strings.Contains(string(page), "&lt;script&gt;") {
		t.Errorf("page = %s", page)
	}
}

func TestProseSpans(t *testing.T) {
	t.Parallel()
	tests := map[templates.Prose][]templates.Span{
		"":                {},
		"plain":           {{Text: "plain"}},
		"`code`":          {{Text: "code", Code: true}},
		"send `a` or `b`": {{Text: "send "}, {Text: "a", Code: true}, {Text: " or "}, {Text: "b", Code: true}},
	}
	for prose, want := range tests {
		if diff := cmp.Diff(want, append([]templates.Span{}, prose.Spans()...)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", prose, diff)
		}
	}
}
