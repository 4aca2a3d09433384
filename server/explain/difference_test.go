package explain_test

import (
	"strings"
	"testing"

	"gatehouse/server/explain"
)

func TestDifference(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ got, want, markedGot, markedWant string }{
		{"https://a.example/cb", "https://a.example/callback", "https://a.example/c‹b›", "https://a.example/c‹allback›"},
		{"https://a.example/cb/", "https://a.example/cb", "https://a.example/cb‹/›", "https://a.example/cb"},
		{"http://a.example/cb", "https://a.example/cb", "http://a.example/cb", "http‹s›://a.example/cb"},
		{"https://a.example/cb?code=secret", "https://a.example/cb", "https://a.example/cb‹?…›", "https://a.example/cb"},
		{"https://a.example/cb?x=1", "https://a.example/cb?x=1", "https://a.example/cb", "https://a.example/cb"},
		{"https://a.example/é", "https://a.example/è", "https://a.example/‹é›", "https://a.example/‹è›"},
		{"https://a.example/\x1b[31m", "https://a.example/", "https://a.example/‹[31m›", "https://a.example/"},
		{"", "https://a.example/", "", "‹https://a.example/›"},
		{"https://a.example/", "", "‹https://a.example/›", ""},
	} {
		got, want := explain.Difference(tt.got, tt.want)
		if got != tt.markedGot || want != tt.markedWant {
			t.Errorf("Difference(%q, %q) = %q, %q", tt.got, tt.want, got, want)
		}
	}
	if got, want := explain.Difference(strings.Repeat("é", 1000), strings.Repeat("è", 1000)); len(got) > 200 || len(want) > 200 {
		t.Errorf("%d and %d bytes", len(got), len(want))
	}
}
