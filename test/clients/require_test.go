package clients_test

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// need goes on if something that a test uses is there, and skips the test if not;
// where GATEHOUSE_TEST_REQUIRE names it, the test fails instead.
func need(t *testing.T, what string, missing error) {
	t.Helper()
	switch {
	case missing == nil:
	case slices.Contains(strings.Split(os.Getenv("GATEHOUSE_TEST_REQUIRE"), ","), what):
		t.Fatalf("%s is required: %v", what, missing)
	default:
		t.Skipf("%s is not there: %v", what, missing)
	}
}
