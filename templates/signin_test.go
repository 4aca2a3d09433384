package templates_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/templates"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sample is a page as somebody could see it.
type sample struct {
	name   string
	render func(s *templates.Set, language string) (templates.Page, error)
}

// TestSignInPages holds every page in every language to its golden file, which
// has the headers that the page determines in front of it.
func TestSignInPages(t *testing.T) {
	t.Parallel()
	set := newSet(t, "")
	for _, sample := range samples() {
		for _, language := range templates.Languages() {
			t.Run(sample.name+"."+language, func(t *testing.T) {
				t.Parallel()
				page, err := sample.render(set, language)
				if err != nil {
					t.Fatal(err)
				}
				golden(t, sample.name+"."+language, headed(page))
			})
		}
	}
}

func newSet(t testing.TB, base string) *templates.Set {
	t.Helper()
	set, err := templates.New(base)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// hashes are the parts of the names of assets that change with them.
var hashes = regexp.MustCompile(`(/assets/[a-z-]+)\.[0-9a-f]{12}\.`)

func headed(p templates.Page) string {
	return fmt.Sprintf("Content-Language: %s\nContent-Security-Policy: %s\n\n%s", p.Language, p.Policy, hashes.ReplaceAll(p.Body, []byte("$1.")))
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name + ".golden"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-golden +got), -update rewrites:\n%s", path, diff)
	}
}
