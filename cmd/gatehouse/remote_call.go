package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"gatehouse/errors"
	"gatehouse/identity/registry"
)

// ask is a request to the API.
type ask struct {
	method, path string
	query        url.Values
	body         map[string]any    // nil: none
	versions     registry.Versions // If-Match
}

// answer is what the API said to a request that it carried out.
type answer struct {
	header http.Header
	body   []byte
}

// call asks the API. What it refuses is returned as a refusal.
func (r *remote) call(ctx context.Context, a ask) (answer, error) {
	request, err := r.request(ctx, a)
	if err != nil {
		return answer{}, err
	}
	response, err := r.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", a.method, request.URL, err)
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	switch {
	case response.StatusCode == http.StatusNoContent:
	case kind != "application/json":
		return answer{}, fmt.Errorf("%s %s: %s, which is no answer of Gatehouse: is the address right?", a.method, request.URL, response.Status)
	case response.StatusCode >= http.StatusMultipleChoices:
		return answer{}, refusalOf(response, body)
	}
	return answer{response.Header, body}, nil
}

func (r *remote) request(ctx context.Context, a ask) (*http.Request, error) {
	var body io.Reader
	if a.body != nil {
		text, err := json.Marshal(a.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	address := r.base + a.path
	if len(a.query) > 0 {
		address += "?" + a.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, a.method, address, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	request.Header.Set("User-Agent", "gatehouse/"+buildVersion().Version)
	if a.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, version := range a.versions {
		request.Header.Add("If-Match", fmt.Sprintf(`"%d"`, version))
	}
	return request, nil
}

// decode reads an answer as JSON. Numbers of metadata stay as they were written.
func (a answer) decode(v any) error {
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}

// under is a path of escaped parts under a collection.
func under(collection string, parts ...string) string {
	for _, part := range parts {
		collection += "/" + url.PathEscape(part)
	}
	return collection
}

// refusal is a request that the API refused: with a code, and under a request id
// that `gatehouse explain` knows.
type refusal struct {
	*errors.Fault
	requestID string
}

// Unwrap returns the code with its details.
func (e refusal) Unwrap() error { return e.Fault }

func refusalOf(response *http.Response, body []byte) error {
	var said struct {
		Code, Title, Message string
		Fields               map[string]string
	}
	if err := json.Unmarshal(body, &said); err != nil || said.Code == "" {
		return fmt.Errorf("the server answered %s without saying why", response.Status)
	}
	code, known := errors.Lookup(said.Code)
	if !known { // of a newer server
		code = errors.Code{ID: said.Code, Kind: errors.KindInternal, Title: said.Title, Message: said.Message}
	}
	fault := code.On(said.Fields)
	if wait, err := time.ParseDuration(response.Header.Get("Retry-After") + "s"); err == nil {
		fault = fault.After(wait)
	}
	return refusal{fault, response.Header.Get("X-Request-Id")}
}
