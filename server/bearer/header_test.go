package bearer_test

import (
	"strings"
	"testing"

	"gatehouse/errors"
	"gatehouse/server/bearer"
)

func TestFromHeader(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, header, want string // want "": none
	}{
		{"bearer", "Bearer a.b.c", "a.b.c"},
		{"any case", "bEARER a.b.c", "a.b.c"},
		{"more blanks", "  Bearer \t a.b.c ", "a.b.c"},
		{"the token alone", "a.b.c", "a.b.c"},
		{"the token alone among blanks", " a.b.c\t", "a.b.c"},
		{"three words", "Bearer a.b.c d", "a.b.c d"},
		{"nothing", "", ""},
		{"blanks", " \t ", ""},
		{"the scheme alone", "Bearer", ""},
		{"the scheme and a blank", "bearer ", ""},
		{"another scheme", "Basic YTpi", ""},
		{"another scheme and a tab", "Basic\tYTpi", ""},
		{"another scheme with bearer in it", "DPoP Bearer a.b.c", ""},
		{"two tokens", "a.b.c d.e.f", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := bearer.FromHeader(tt.header)
			if got != tt.want || (err != nil) != (tt.want == "") {
				t.Errorf("FromHeader(%q) = %q, %v, want %q", tt.header, got, err, tt.want)
			}
			if err != nil && !errors.Is(err, errors.TokenMissing) {
				t.Errorf("FromHeader(%q) = %v, want %v", tt.header, err, errors.TokenMissing)
			}
		})
	}
}

func FuzzFromHeader(f *testing.F) {
	for _, header := range []string{"", "Bearer a.b.c", "bearer  a", "a.b.c", "Basic x", "Bearer", "\tBearer\t\tx y", "Bearer\x00a"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		token, err := bearer.FromHeader(header)
		switch {
		case err != nil && (!errors.Is(err, errors.TokenMissing) || token != ""):
			t.Errorf("FromHeader(%q) = %q, %v", header, token, err)
		case err == nil && (token == "" || token != strings.Trim(token, " \t") || !strings.HasSuffix(strings.Trim(header, " \t"), token)):
			t.Errorf("FromHeader(%q) = %q", header, token)
		}
		if again, err2 := bearer.FromHeader("Bearer " + header); err == nil && !strings.EqualFold(header, "bearer") && (err2 != nil || !strings.HasSuffix(again, token)) {
			t.Errorf("FromHeader(%q) = %q, %v, want to end with %q", "Bearer "+header, again, err2, token)
		}
	})
}
