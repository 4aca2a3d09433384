package web_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/server/web"
)

func TestParseFormReads(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       url.Values
	}{
		{"nothing", "", url.Values{}},
		{"parameters", "grant_type=password&username=ada", url.Values{"grant_type": {"password"}, "username": {"ada"}}},
		{"escapes", "scope=openid+profile%20email&n%61me=%C3%A9", url.Values{"scope": {"openid profile email"}, "name": {"é"}}},
		{"no value", "a=&b&&c=%3D=", url.Values{"a": {""}, "b": {""}, "c": {"=="}}},
		{"a semicolon is a character", "a=1;b=2", url.Values{"a": {"1;b=2"}}},
		{"a repeatable parameter", "resource=a&resource=b", url.Values{"resource": {"a", "b"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := web.ParseForm([]byte(tt.body), web.AuthCodes(), "resource")
			if err != nil {
				t.Fatalf("ParseForm(%s) = %v", tt.body, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ParseForm(%s) (-want +got):\n%s", tt.body, diff)
			}
		})
	}
}

func TestParseFormRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       map[string]string
	}{
		{"parameters twice", "a=1&b=2&a=1&b=", map[string]string{"a": web.ReasonRepeated, "b": web.ReasonRepeated}},
		{"a name escaped the second time", "a=1&%61=1", map[string]string{"a": web.ReasonRepeated}},
		{"a broken escape", "a=%zz", map[string]string{"a": web.ReasonEncoding}},
		{"half an escape", "a=%4", map[string]string{"a": web.ReasonEncoding}},
		{"a broken escape in a name", "%=1", map[string]string{"body": web.ReasonEncoding}},
		{"a NUL", "a=%00", map[string]string{"a": web.ReasonEncoding}},
		{"a raw NUL", "a=\x00", map[string]string{"a": web.ReasonEncoding}},
		{"invalid UTF-8", "a=%ff", map[string]string{"a": web.ReasonEncoding}},
		{"raw invalid UTF-8 in a name", "\xff=a", map[string]string{"body": web.ReasonEncoding}},
		{"too many parameters", strings.Repeat("a&", 257), map[string]string{"body": "has too many parameters"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := web.ParseForm([]byte(tt.body), web.AuthCodes())
			if !errors.Is(err, errors.Malformed) {
				t.Fatalf("ParseForm(%q) = %v, %v, want %v", tt.body, got, err, errors.Malformed)
			}
			if diff := cmp.Diff(tt.want, errors.From(err).Fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFormReadsTheBodyAlone(t *testing.T) {
	t.Parallel()
	got, err := web.Form(post(web.MediaForm, "a=1"), web.AuthCodes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(url.Values{"a": {"1"}}, got); diff != "" {
		t.Errorf("Form (-want +got):\n%s", diff)
	}
}

func TestFormWantsAForm(t *testing.T) {
	t.Parallel()
	for _, media := range []string{"", web.MediaJSON, "multipart/form-data; boundary=x"} {
		if _, err := web.Form(post(media, "a=1"), web.AuthCodes()); !errors.Is(err, errors.UnsupportedMediaType) {
			t.Errorf("Form(%q) = %v, want %v", media, err, errors.UnsupportedMediaType)
		}
	}
	if _, err := web.Form(post("", ""), web.AuthCodes()); err != nil {
		t.Errorf("Form of no body = %v", err)
	}
	if _, err := web.Form(post(web.MediaForm, strings.Repeat("a", web.MaxBody+1)), web.AuthCodes()); !errors.Is(err, errors.PayloadTooLarge) {
		t.Errorf("Form of a large body = %v, want %v", err, errors.PayloadTooLarge)
	}
}

// FuzzParseForm holds the parser to what net/url makes of the same text.
func FuzzParseForm(f *testing.F) {
	for _, seed := range []string{"a=1&b=2", "a=1&a=2", "a=%41+b", "a=%zz", "&&=", "a=%ff", "a;b=c", "r=1&r=2"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := web.ParseForm(body, web.AuthCodes(), "r")
		if err != nil {
			if fault := errors.From(err); fault.Code != errors.Malformed || len(fault.Fields) == 0 {
				t.Fatalf("ParseForm(%q) = %v with fields %v", body, err, fault.Fields)
			}
			return
		}
		// net/url alone refuses a bare semicolon.
		want, err := url.ParseQuery(strings.ReplaceAll(string(body), ";", "%3B"))
		if err != nil {
			t.Fatalf("ParseForm took %q, net/url says %v", body, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("ParseForm(%q) (-net/url +got):\n%s", body, diff)
		}
		for name, values := range got {
			if len(values) > 1 && name != "r" {
				t.Fatalf("ParseForm(%q) took %q twice", body, name)
			}
		}
	})
}

func BenchmarkParseForm(b *testing.B) {
	body := []byte("grant_type=client_credentials&client_id=0123456789abcdef0123&client_secret=0123456789abcdef0123456789abcdef01234567&scope=a+b")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := web.ParseForm(body, web.AuthCodes(), "resource"); err != nil {
			b.Fatal(err)
		}
	}
}
