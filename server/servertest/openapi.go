package servertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

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
	c, err := theContract()
	if err != nil {
		return err
	}
	code := codeIn(body)
	o, found := operationOf(c.spec, r)
	if !found {
		if slices.Contains(codesWithoutOperation, code) {
			return nil
		}
		return fmt.Errorf("there is no such operation")
	}
	place, described := c.place(o, response.StatusCode)
	if described == nil {
		return fmt.Errorf("the status is not described")
	}
	if err := c.headers(place, described, response.Header); err != nil || r.Method == http.MethodHead {
		return err
	}
	if codes, _ := o.Extensions["x-codes"].([]any); response.StatusCode >= http.StatusBadRequest && !slices.Contains(codes, any(code)) {
		return fmt.Errorf("%q is not among the x-codes of %s", code, o.OperationID)
	}
	return c.body(place, described, response.Header, body)
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

// operation is one of the description's, with where it stands.
type operation struct {
	*openapi3.Operation
	method, path string
}

// operationOf finds the operation of a request. A HEAD is answered as a GET.
func operationOf(spec *openapi3.T, r *http.Request) (o operation, found bool) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	segments := strings.Split(strings.TrimRight(r.URL.EscapedPath(), "/"), "/")
	best := -1
	for path, item := range spec.Paths.Map() {
		described := item.GetOperation(method)
		if literal := matches(strings.Split(path, "/"), segments); described != nil && literal > best {
			best, found, o = literal, true, operation{described, method, path}
		}
	}
	return o, found
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
