package servertest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Answer is what the server said.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	JSON   map[string]any // nil when the body is no JSON object
}

// Text returns a member of the JSON body that is a string, or "".
func (a Answer) Text(name string) string {
	s, _ := a.JSON[name].(string)
	return s
}

// Code returns the error code of the body, or "".
func (a Answer) Code() string { return a.Text("code") }

// Fields returns the names of the fields at fault, each with its reason.
func (a Answer) Fields() map[string]any {
	fields, _ := a.JSON["fields"].(map[string]any)
	return fields
}

// With changes a request before it is sent.
type With func(*http.Request)

// Bearer sends an access token.
func Bearer(token string) With { return Header("Authorization", "Bearer "+token) }

// Basic sends a client's credentials in the header.
func Basic(id, secret string) With {
	return func(r *http.Request) { r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret)) }
}

// Header sets a header.
func Header(name, value string) With {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// Get sends a GET request.
func (s *Server) Get(t testing.TB, path string, with ...With) Answer {
	t.Helper()
	return s.Send(t, http.MethodGet, path, "", nil, with...)
}

// Form posts a form.
func (s *Server) Form(t testing.TB, path string, form url.Values, with ...With) Answer {
	t.Helper()
	return s.Send(t, http.MethodPost, path, "application/x-www-form-urlencoded", []byte(form.Encode()), with...)
}

// PostJSON posts a JSON body: a string as it is, anything else encoded.
func (s *Server) PostJSON(t testing.TB, path string, body any, with ...With) Answer {
	t.Helper()
	text, ok := body.(string)
	if !ok {
		encoded, err := json.Marshal(body)
		if err != nil {
			t.Fatalf("encode body: %v", err)
		}
		text = string(encoded)
	}
	return s.Send(t, http.MethodPost, path, "application/json", []byte(text), with...)
}

// Send sends any request.
func (s *Server) Send(t testing.TB, method, path, contentType string, body []byte, with ...With) Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(context.WithValue(t.Context(), asking{}, t), method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for _, change := range with {
		change(r)
	}
	response, err := s.client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: read: %v", method, path, err)
	}
	answer := Answer{Status: response.StatusCode, Header: response.Header, Body: read}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		_ = json.Unmarshal(read, &answer.JSON) // lists are read from Body
	}
	return answer
}
