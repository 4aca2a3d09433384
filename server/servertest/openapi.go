package servertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"gatehouse/server/apidocs"
)

// contract is openapi.yaml, read when the first answer is held against it.
var contract = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromData(apidocs.Description())
})

// held is a transport that holds every answer under /v1 to openapi.yaml: its
// status and headers, its body, and that a refusal's code is among those that
// the operation lists.
type held struct {
	tb   testing.TB // of the server
	next http.RoundTripper
}

// asking is the context key of the test that sends a request, which may be part
// of the one that the server belongs to.
type asking struct{}

// RoundTrip sends a request and reports an answer that breaks the contract as
// an error of the test that asked.
func (h held) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := h.next.RoundTrip(r)
	if err != nil || !strings.HasPrefix(r.URL.Path, "/v1/") || r.Method == http.MethodOptions {
		return response, err
	}
	tb, ok := r.Context().Value(asking{}).(testing.TB)
	if !ok {
		tb = h.tb
	}
	if _, measured := tb.(*testing.B); measured {
		return response, nil
	}
	tb.Helper()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	if err := keeps(r, response, body); err != nil {
		tb.Errorf("%s %s breaks openapi.yaml: %v\n%d %s", r.Method, r.URL.Path, err, response.StatusCode, body)
	}
	return response, nil
}

// keeps says how an answer breaks the contract, or nil.
func keeps(r *http.Request, response *http.Response, body []byte) error {
	spec, err := contract()
	if err != nil {
		return err
	}
	code := codeIn(body)
	route := routeOf(spec, r)
	if route == nil {
		if slices.Contains(codesWithoutOperation, code) {
			return nil
		}
		return fmt.Errorf("there is no such operation")
	}
	if err := listed(route.Operation, response.StatusCode, code); err != nil {
		return err
	}
	options := &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true}
	options.WithCustomSchemaErrorFunc(func(e *openapi3.SchemaError) string {
		return fmt.Sprintf("at /%s: %s", strings.Join(e.JSONPointer(), "/"), e.Reason)
	})
	return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route},
		Status:                 response.StatusCode,
		Header:                 response.Header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
		Options:                options,
	})
}

// codesWithoutOperation are what is answered where nothing is: no such route,
// method not allowed, and what the gate answers before it looks.
var codesWithoutOperation = []string{"AUT-2005", "AUT-2006", "AUT-2007", "IDE-2010", "IDE-2011", "IDE-2012"}

func codeIn(body []byte) string {
	var refusal struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(body, &refusal) // a list, or nothing: no code
	return refusal.Code
}

// listed says whether an operation announces a refusal's code.
func listed(operation *openapi3.Operation, status int, code string) error {
	codes, _ := operation.Extensions["x-codes"].([]any)
	if status >= http.StatusBadRequest && !slices.Contains(codes, any(code)) {
		return fmt.Errorf("%s is not among the x-codes of %s", code, operation.OperationID)
	}
	return nil
}

// routeOf finds the operation of a request, nil if there is none. A HEAD is
// answered as a GET.
func routeOf(spec *openapi3.T, r *http.Request) *routers.Route {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	segments := strings.Split(strings.TrimRight(r.URL.EscapedPath(), "/"), "/")
	var found *routers.Route
	best := -1
	for path, item := range spec.Paths.Map() {
		operation := item.GetOperation(method)
		if literal := matches(strings.Split(path, "/"), segments); operation != nil && literal > best {
			best = literal
			found = &routers.Route{Spec: spec, Path: path, PathItem: item, Method: method, Operation: operation}
		}
	}
	return found
}

// matches says how many segments of a path are the template's own, -1 when the
// path is not of the template.
func matches(template, path []string) int {
	if len(template) != len(path) {
		return -1
	}
	literal := 0
	for i, segment := range template {
		switch {
		case segment == path[i]:
			literal++
		case !strings.HasPrefix(segment, "{") || path[i] == "":
			return -1
		}
	}
	return literal
}
