package web_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/server/web"
)

func TestParseObjectReads(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       map[string]any
	}{
		{"nothing in it", ` {} `, map[string]any{}},
		{"every type", `{"a":null,"b":true,"c":false,"d":"x","e":-1.50e+2,"f":[],"g":{}}`, map[string]any{
			"a": nil, "b": true, "c": false, "d": "x", "e": json.Number("-1.50e+2"), "f": []any{}, "g": map[string]any{},
		}},
		{"white space anywhere", "\n{ \"a\"\t:\r[ 1 , 2 ] , \"b\" : { \"c\" : 0 } }\n", map[string]any{
			"a": []any{json.Number("1"), json.Number("2")}, "b": map[string]any{"c": json.Number("0")},
		}},
		{"escapes", `{"\u0061":"\"\\\/\b\f\n\r\t\u00e9\uD83D\ude00é"}`, map[string]any{"a": "\"\\/\b\f\n\r\té😀é"}},
		{"one name in two objects", `{"a":{"x":1},"b":{"x":2}}`, map[string]any{
			"a": map[string]any{"x": json.Number("1")}, "b": map[string]any{"x": json.Number("2")},
		}},
		{"numbers larger than a float holds exactly", `{"n":9007199254740993}`, map[string]any{"n": json.Number("9007199254740993")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := web.ParseObject([]byte(tt.body), web.AuthCodes())
			if err != nil {
				t.Fatalf("ParseObject(%s) = %v", tt.body, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ParseObject(%s) (-want +got):\n%s", tt.body, diff)
			}
		})
	}
}

func TestParseObjectReadsAsDeepAsItMay(t *testing.T) {
	t.Parallel()
	body := `{"a":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`
	if _, err := web.ParseObject([]byte(body), web.AuthCodes()); err != nil {
		t.Errorf("ParseObject(%s) = %v", body, err)
	}
}

func TestParseObjectRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, field, reason string
	}{
		{"nothing", ``, "body", "is empty"},
		{"white space", "  \n", "body", "is empty"},
		{"text", `hello`, "body", "is not one JSON value: see byte 1"},
		{"a byte order mark", "\xef\xbb\xbf{}", "body", "is not one JSON value: see byte 1"},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", "body", "is not valid UTF-8"},
		{"two values", `{} {}`, "body", "is not one JSON value: see byte 4"},
		{"an open object", `{"a":1`, "body", "is not one JSON value: see byte 6"},
		{"a comma at the end", `{"a":1,}`, "body", "is not one JSON value: see byte 8"},
		{"a bare name", `{a:1}`, "body", "is not one JSON value: see byte 2"},
		{"a number past a float64", `{"a":1e999}`, "a", "is a number that is too large"},
		{"an escaped NUL", `{"a":"\u0000"}`, "a", "holds a NUL character"},
		{"a NUL in a name", `{"\u0000":1}`, "body", "has a name that holds a NUL character"},
		{"a name twice", `{"a":1,"a":1}`, "a", "appears more than once"},
		{"a name twice, once escaped", `{"a":1,"\u0061":1}`, "a", "appears more than once"},
		{"a name twice, deep inside", `{"a":{"b":[{"c":1,"c":2}]}}`, "a.b.c", "appears more than once"},
		{"too deep", `{"a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, "a", "is nested too deeply"},
		{"too many values", `{"a":[` + strings.Repeat("0,", 10_000) + `0]}`, "a", "has too many values"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := web.ParseObject([]byte(tt.body), web.IdentityCodes())
			if !errors.Is(err, errors.IdentityMalformed) {
				t.Fatalf("ParseObject(%q) = %v, %v, want %v", tt.body, got, err, errors.IdentityMalformed)
			}
			want := map[string]string{tt.field: tt.reason}
			if diff := cmp.Diff(want, errors.From(err).Fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseObjectWantsAnObject(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`[]`, `"a"`, `1`, `null`, `true`} {
		if _, err := web.ParseObject([]byte(body), web.IdentityCodes()); !errors.Is(err, errors.IdentityWrongType) {
			t.Errorf("ParseObject(%s) = %v, want %v", body, err, errors.IdentityWrongType)
		}
	}
}

func TestParseObjectCutsWhatItEchoes(t *testing.T) {
	t.Parallel()
	name := strings.Repeat("n", 5000)
	_, err := web.ParseObject([]byte(`{"`+name+`":1,"`+name+`":1}`), web.AuthCodes())
	want := map[string]string{name[:100] + "…": web.ReasonRepeated}
	if diff := cmp.Diff(want, errors.From(err).Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

// FuzzParseObject holds the parser to what encoding/json makes of the same text.
func FuzzParseObject(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a":[1,-2.5e3,null,true,"\u00e9\ud83d\ude00"],"b":{"c":""}}`, `{"a":1,"a":2}`,
		`{"a":"\u0000"}`, `[{}]`, `{"a":01}`, `{"a":"\ud800"}`, "{\"\xff\":1}", `{"a":{"a":{"a":1e400}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := web.ParseObject(body, web.AuthCodes())
		if err != nil {
			if fault := errors.From(err); fault.Code != errors.Malformed || len(fault.Fields) == 0 {
				t.Fatalf("ParseObject(%q) = %v with fields %v", body, err, fault.Fields)
			}
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		var want map[string]any
		if err := decoder.Decode(&want); err != nil {
			t.Fatalf("ParseObject took %q, encoding/json says %v", body, err)
		}
		// Not cmp.Diff, whose cost doubles with each level of nesting.
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("ParseObject(%q) = %v, encoding/json says %v", body, got, want)
		}
	})
}

func BenchmarkParseObject(b *testing.B) {
	body := []byte(`{"grantType":"password","username":"ada.lovelace","password":"correct horse battery","scope":"openid profile","metadata":{"device":"phone","build":42}}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := web.ParseObject(body, web.AuthCodes()); err != nil {
			b.Fatal(err)
		}
	}
}
