package templates_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestTokensAreDocumented holds docs/pages.md to the colors of site.css.
func TestTokensAreDocumented(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../docs/pages.md")
	if err != nil {
		t.Fatal(err)
	}
	all := schemes(t)
	reference := []string{"get", "post", "change"} // colors of the API reference alone
	for _, token := range slices.Sorted(maps.Keys(all["light"])) {
		line := fmt.Sprintf("| `--%s` | `%s` | `%s` |", token, all["light"][token], all["dark"][token])
		if !slices.Contains(reference, token) && !strings.Contains(string(content), line) {
			t.Errorf("docs/pages.md has no line %s", line)
		}
	}
}
