package web_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	codes "gatehouse/errors"
	"gatehouse/server/web"
)

type person struct {
	Name     string              `json:"name" web:"required"`
	Roles    []string            `json:"roles" web:"required"`
	Age      int                 `json:"age"`
	Score    float64             `json:"score"`
	Active   *bool               `json:"active"`
	Address  place               `json:"address"`
	Rights   map[string][]string `json:"rights"`
	Metadata map[string]any      `json:"metadata"`
	Inner    string
}

type place struct {
	City string `json:"city" web:"required"`
}

// post returns the context of a POST request with this body.
func post(contentType, body string) echo.Context {
	r := httptest.NewRequest(http.MethodPost, "/v1/x?name=query", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return echo.New().NewContext(r, httptest.NewRecorder())
}

func TestJSONAssigns(t *testing.T) {
	t.Parallel()
	yes := true
	tests := []struct {
		name, body string
		want       person
	}{
		{"what is required", `{"name":"Ada","roles":["admin"]}`, person{Name: "Ada", Roles: []string{"admin"}}},
		{
			"everything",
			`{"name":"Ada","roles":["a","b"],"age":36,"score":1.5,"active":true,"address":{"city":"London"},
			  "rights":{"users":["get"],"groups":[]},"metadata":{"n":1,"s":"x","b":false,"none":null}}`,
			person{
				Name: "Ada", Roles: []string{"a", "b"}, Age: 36, Score: 1.5, Active: &yes, Address: place{City: "London"},
				Rights:   map[string][]string{"users": {"get"}, "groups": {}},
				Metadata: map[string]any{"n": json.Number("1"), "s": "x", "b": false, "none": nil},
			},
		},
		{"null is absent", `{"name":"Ada","roles":["a",null],"age":null,"active":null,"address":null}`, person{Name: "Ada", Roles: []string{"a", ""}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got person
			if err := web.JSON(post("application/json", tt.body), &got, web.AuthCodes()); err != nil {
				t.Fatalf("JSON(%s) = %v", tt.body, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("JSON(%s) (-want +got):\n%s", tt.body, diff)
			}
		})
	}
}

func TestJSONRefuses(t *testing.T) {
	t.Parallel()
	type fields = map[string]string
	tests := []struct {
		name, contentType, body string
		want                    codes.Code
		fields                  fields
	}{
		{"no content type", "", `{}`, codes.UnsupportedMediaType, nil},
		{"a form", "application/x-www-form-urlencoded", `name=Ada`, codes.UnsupportedMediaType, nil},
		{"text", "text/plain", `{}`, codes.UnsupportedMediaType, nil},
		{"another charset", "application/json; charset=latin1", `{}`, codes.UnsupportedMediaType, nil},
		{"a broken content type", "application/json;;", `{}`, codes.UnsupportedMediaType, nil},
		{"no body", "", ``, codes.IdentityMalformed, fields{"body": "is empty"}},
		{"an array", "application/json", `[]`, codes.IdentityWrongType, fields{"body": "must be an object"}},
		{"a name twice", "application/json", `{"name":"a","name":"b"}`, codes.IdentityMalformed, fields{"name": web.ReasonRepeated}},
		{"nothing", "application/json", `{}`, codes.IdentityMissingFields, fields{"name": web.ReasonRequired, "roles": web.ReasonRequired}},
		{"empty values", "application/json; charset=UTF-8", `{"name":"","roles":[]}`, codes.IdentityMissingFields, fields{"name": web.ReasonRequired, "roles": web.ReasonRequired}},
		{"a null", "Application/JSON", `{"name":null,"roles":["a"]}`, codes.IdentityMissingFields, fields{"name": web.ReasonRequired}},
		{"a field of a field", "application/json", `{"name":"a","roles":["a"],"address":{}}`, codes.IdentityMissingFields, fields{"address.city": web.ReasonRequired}},
		{"unknown fields", "application/json", `{"Name":"a","address":{"zip":1},"Inner":"x"}`, codes.IdentityUnexpectedFields, fields{"Name": web.ReasonUnexpected, "address.zip": web.ReasonUnexpected, "Inner": web.ReasonUnexpected}},
		{
			"wrong types", "application/json",
			`{"name":1,"roles":"a","age":1.5,"score":"x","active":"yes","address":[],"rights":{"users":["get",2]},"metadata":1}`,
			codes.IdentityWrongType,
			fields{
				"name": "must be a string", "roles": "must be an array", "age": "must be a whole number", "score": "must be a number",
				"active": "must be true or false", "address": "must be an object", "rights.users[1]": "must be a string", "metadata": "must be an object",
			},
		},
		{"a number that is too large", "application/json", `{"age":92233720368547758070}`, codes.IdentityWrongType, fields{"age": "must be a whole number"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got person
			err := web.JSON(post(tt.contentType, tt.body), &got, web.IdentityCodes())
			if !codes.Is(err, tt.want) {
				t.Fatalf("JSON(%s) = %v, want %v", tt.body, err, tt.want)
			}
			if diff := cmp.Diff(tt.fields, codes.From(err).Fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAuthCodesAnswerWrongTypesAsMalformed(t *testing.T) {
	t.Parallel()
	var got person
	err := web.JSON(post("application/json", `{"name":1}`), &got, web.AuthCodes())
	if !codes.Is(err, codes.Malformed) {
		t.Errorf("JSON = %v, want %v", err, codes.Malformed)
	}
}

func TestReadBody(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	full := strings.Repeat("x", web.MaxBody)
	tests := []struct {
		name string
		c    echo.Context
		size int
		want error
	}{
		{"empty", post("", ""), 0, nil},
		{"as large as it may be", post("", full), web.MaxBody, nil},
		{"too large", post("", full+"x"), 0, codes.PayloadTooLarge},
		{"too large and of unknown length", chunked(full + "x"), 0, codes.PayloadTooLarge},
		{"of unknown length", chunked(full), web.MaxBody, nil},
		{"too large for the middleware", limited(10, "12345678901"), 0, codes.PayloadTooLarge},
		{"as large as the middleware lets it", limited(10, "1234567890"), 10, nil},
		{"cut off", failing(broken), 0, codes.Malformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body, err := web.ReadBody(tt.c)
			if !codes.Is(err, tt.want) || len(body) != tt.size {
				t.Errorf("ReadBody = %d bytes, %v, want %d, %v", len(body), err, tt.size, tt.want)
			}
		})
	}
	if _, err := web.ReadBody(failing(broken)); !codes.Is(err, broken) {
		t.Errorf("ReadBody = %v, want the cause %v in it", err, broken)
	}
}

func chunked(body string) echo.Context {
	c := post("", "")
	c.Request().Body = http.NoBody
	r := httptest.NewRequest(http.MethodPost, "/", struct{ *strings.Reader }{strings.NewReader(body)})
	r.ContentLength = -1
	c.SetRequest(r)
	return c
}

func limited(limit int64, body string) echo.Context {
	c := chunked(body)
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, limit)
	return c
}

func failing(err error) echo.Context {
	r := httptest.NewRequest(http.MethodPost, "/", iotest.ErrReader(err))
	return echo.New().NewContext(r, httptest.NewRecorder())
}

func TestMediaType(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"":                                  "",
		"application/json":                  web.MediaJSON,
		"application/json;charset=utf-8":    web.MediaJSON,
		"Application/JSON; charset=UTF-8":   web.MediaJSON,
		"application/x-www-form-urlencoded": web.MediaForm,
		"application/x-www-form-urlencoded; charset=utf-8":  web.MediaForm,
		"application/x-www-form-urlencoded; charset=latin1": "",
		"multipart/form-data; boundary=x":                   "",
		"text/json":                                         "",
		"application/json, text/plain":                      "",
	}
	for header, want := range tests {
		if got := web.MediaType(post(header, "").Request()); got != want {
			t.Errorf("MediaType(%q) = %q, want %q", header, got, want)
		}
	}
}

func BenchmarkJSON(b *testing.B) {
	body := `{"name":"ada.lovelace","roles":["admin"],"age":36,"active":true,"metadata":{"device":"phone"}}`
	reader := strings.NewReader(body)
	c := post("application/json", body)
	b.ReportAllocs()
	for b.Loop() {
		reader.Reset(body)
		c.Request().Body = readCloser{reader}
		var got person
		if err := web.JSON(c, &got, web.AuthCodes()); err != nil {
			b.Fatal(err)
		}
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
