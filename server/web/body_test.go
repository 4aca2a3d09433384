package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/web"
)

// post returns the context of a POST request with this body.
func post(contentType, body string) echo.Context {
	r := httptest.NewRequest(http.MethodPost, "/v1/x?name=query", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return echo.New().NewContext(r, httptest.NewRecorder())
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
		{"too large", post("", full+"x"), 0, errors.PayloadTooLarge},
		{"too large and of unknown length", chunked(full + "x"), 0, errors.PayloadTooLarge},
		{"of unknown length", chunked(full), web.MaxBody, nil},
		{"too large for the middleware", limited(10, "12345678901"), 0, errors.PayloadTooLarge},
		{"as large as the middleware lets it", limited(10, "1234567890"), 10, nil},
		{"cut off", failing(broken), 0, errors.Malformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body, err := web.ReadBody(tt.c)
			if !errors.Is(err, tt.want) || len(body) != tt.size {
				t.Errorf("ReadBody = %d bytes, %v, want %d, %v", len(body), err, tt.size, tt.want)
			}
		})
	}
	if _, err := web.ReadBody(failing(broken)); !errors.Is(err, broken) {
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
