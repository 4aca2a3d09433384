package errors_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestCatalogueIsTheContract holds the codes that the contract fixes to its
// letter. Their statuses are held where the statuses are, in server.
func TestCatalogueIsTheContract(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/catalogue.json")
	if err != nil {
		t.Fatal(err)
	}
	type entry struct{ Code, Title, Message string }
	var want []entry
	if err := json.Unmarshal(file, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) != 39 {
		t.Fatalf("the contract has %d entries, want 39", len(want))
	}
	for _, w := range want {
		code, ok := errors.Lookup(w.Code)
		got := entry{code.ID, code.Title, code.Message}
		if diff := cmp.Diff(w, got); diff != "" || !ok {
			t.Errorf("%s (-want +got):\n%s", w.Code, diff)
		}
	}
}

// TestCodesAreGolden: a code is public, so a difference here is a change of contract.
func TestCodesAreGolden(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, c := range errors.Catalogue() {
		fmt.Fprintf(&b, "%s | %d | %s | %s\n", c.ID, c.Kind, c.Title, c.Message)
	}
	path := filepath.Join("testdata", "codes.golden")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("codes (-golden +got), -update rewrites:\n%s", diff)
	}
}

func TestCodesAreWellFormed(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^(AUT|IDE)-\d{4}$`)
	var ids []string
	for _, c := range errors.Catalogue() {
		ids = append(ids, c.ID)
		if !form.MatchString(c.ID) || c.Kind == 0 || c.Title == "" || !strings.HasSuffix(c.Message, ".") {
			t.Errorf("%+v is not well-formed", c)
		}
		if verbs := regexp.MustCompile(`%[^vs]`).FindString(c.Message); verbs != "" {
			t.Errorf("%s: the message has %q", c.ID, verbs)
		}
	}
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("codes are not in order, or not unique: %v", ids)
	}
}

// TestCatalogueIsComplete reads the source: a code outside the table would leave
// the process without a page.
func TestCatalogueIsComplete(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`Code\{"([^"]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(declared) != len(errors.Catalogue()) {
		t.Errorf("%d codes are declared, the catalogue has %d", len(declared), len(errors.Catalogue()))
	}
	for _, d := range declared {
		if _, ok := errors.Lookup(d[1]); !ok {
			t.Errorf("%s is declared, but not in the catalogue", d[1])
		}
	}
}

func TestLookupOfNothing(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "AUT-9999", "aut-0001"} {
		if code, ok := errors.Lookup(id); ok {
			t.Errorf("Lookup(%q) = %v", id, code)
		}
	}
}
