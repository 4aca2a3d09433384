package server_test

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server"
	"gatehouse/server/apidocs"
	"gatehouse/server/servertest"
)

// description is openapi.yaml, read anew for each test.
func description(t *testing.T) *openapi3.T {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromData(apidocs.Description())
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// operations lists the description's operations, by "GET /v1/users/{id}".
func operations(t *testing.T) map[string]*openapi3.Operation {
	t.Helper()
	all := make(map[string]*openapi3.Operation)
	for path, item := range description(t).Paths.Map() {
		for method, operation := range item.Operations() {
			all[method+" "+path] = operation
		}
	}
	return all
}

// TestDescriptionIsValid holds the description to OpenAPI 3.1, and each example
// to its schema.
func TestDescriptionIsValid(t *testing.T) {
	t.Parallel()
	spec := description(t)
	if !spec.IsOpenAPI31OrLater() {
		t.Errorf("openapi is %s", spec.OpenAPI)
	}
	if err := spec.Validate(context.Background(), openapi3.EnableSchemaFormatValidation(), openapi3.EnableExamplesValidation(), openapi3.EnableMultiError()); err != nil {
		t.Error(err)
	}
}

// TestOperationsAreRoutes: nothing under /v1 answers without being described,
// and nothing is described that does not answer.
func TestOperationsAreRoutes(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	described := operations(t)
	parameter := regexp.MustCompile(`:(\w+)`)
	routed := make(map[string]bool)
	for _, route := range s.Handler().(*echo.Echo).Routes() {
		if !strings.HasPrefix(route.Path, "/v1/") {
			continue
		}
		name := route.Method + " " + parameter.ReplaceAllString(route.Path, "{$1}")
		routed[name] = true
		if described[name] == nil {
			t.Errorf("the route %s is no operation of openapi.yaml", name)
		}
	}
	for name := range described {
		if !routed[name] {
			t.Errorf("the operation %s of openapi.yaml is no route", name)
		}
	}
}

// TestOperationsAreComplete holds each operation to what a reader needs.
func TestOperationsAreComplete(t *testing.T) {
	t.Parallel()
	tags, ids := description(t).Tags, make(map[string]bool)
	for name, o := range operations(t) {
		if o.Summary == "" || o.Description == "" || strings.HasSuffix(o.Summary, ".") || !strings.HasSuffix(o.Description, ".") {
			t.Errorf("%s: summary %q, description %q", name, o.Summary, o.Description)
		}
		if len(o.Tags) != 1 || tags.Get(o.Tags[0]) == nil {
			t.Errorf("%s: tags %q", name, o.Tags)
		}
		if o.OperationID == "" || ids[o.OperationID] {
			t.Errorf("%s: the id %q is empty or taken", name, o.OperationID)
		}
		ids[o.OperationID] = true
		if o.RequestBody != nil {
			checkExamples(t, name+" request", o.RequestBody.Value.Content)
		}
		for status, response := range o.Responses.Map() {
			checkExamples(t, name+" "+status, response.Value.Content)
			if response.Value.Headers["X-Request-Id"] == nil {
				t.Errorf("%s: %s has no X-Request-Id", name, status)
			}
		}
	}
}

func checkExamples(t *testing.T, where string, content openapi3.Content) {
	t.Helper()
	for mediaType, form := range content {
		if len(form.Examples) == 0 {
			t.Errorf("%s: %s has no example", where, mediaType)
		}
	}
}

// codesOf reads a list of codes of an operation.
func codesOf(o *openapi3.Operation, list string) []string {
	var codes []string
	values, _ := o.Extensions[list].([]any)
	for _, v := range values {
		codes = append(codes, fmt.Sprint(v))
	}
	return codes
}

// TestOperationsListTheirCodes: they exist, stand in order, and are of the
// statuses that the operation has answers for; and no Identity code is left out.
func TestOperationsListTheirCodes(t *testing.T) {
	t.Parallel()
	all := make(map[string]bool)
	for name, o := range operations(t) {
		codes, statuses := codesOf(o, "x-codes"), map[string]bool{}
		if !slices.IsSorted(codes) {
			t.Errorf("%s: x-codes are not in order: %v", name, codes)
		}
		for _, id := range append(codesOf(o, "x-line-codes"), codes...) {
			all[id] = true
			if _, ok := errors.Lookup(id); !ok {
				t.Errorf("%s: there is no %s", name, id)
			}
		}
		for _, id := range codes {
			code, _ := errors.Lookup(id)
			statuses[fmt.Sprint(server.StatusOf(code.Kind))] = true
		}
		for status := range o.Responses.Map() {
			if status >= "400" && !statuses[status] {
				t.Errorf("%s: no code is answered with %s", name, status)
			}
			delete(statuses, status)
		}
		for status := range statuses {
			t.Errorf("%s: no answer for %s", name, status)
		}
	}
	for _, code := range errors.Catalogue() {
		nowhere := code == errors.IdentityRouteNotFound || code == errors.IdentityMethodNotAllowed // answered where there is no operation
		if strings.HasPrefix(code.ID, "IDE-") && all[code.ID] == nowhere {
			t.Errorf("%s: an operation lists it is %v", code.ID, all[code.ID])
		}
	}
}

func TestDescriptionIsServed(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	a := s.Get(t, "/openapi.yaml", servertest.Header("Origin", "https://anywhere.example.com"))
	want(t, a, http.StatusOK, "")
	if a.Header.Get("Content-Type") != "application/yaml" || a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Cache-Control") == "" {
		t.Errorf("headers: %v", a.Header)
	}
	spec, err := openapi3.NewLoader().LoadFromData(a.Body)
	if err != nil || len(spec.Servers) != 1 || spec.Servers[0].URL != s.Issuer {
		t.Errorf("served: %v, servers %v, want %s", err, spec.Servers, s.Issuer)
	}
}

func TestDocumentsAreCached(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	for _, path := range []string{"/openapi.yaml", "/docs"} {
		tag := s.Get(t, path).Header.Get("ETag")
		again := s.Get(t, path, servertest.Header("If-None-Match", `"other", `+tag))
		if again.Status != http.StatusNotModified || len(again.Body) != 0 || tag == "" {
			t.Errorf("%s with the ETag %s: %d %s", path, tag, again.Status, again.Body)
		}
	}
}

// TestPageNeedsNoScripts holds the page to the policy that it is sent with.
func TestPageNeedsNoScripts(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	a := s.Get(t, "/docs")
	want(t, a, http.StatusOK, "")
	if policy := a.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'self'") || strings.Contains(policy, "unsafe") {
		t.Errorf("Content-Security-Policy = %s", policy)
	}
	if inline := regexp.MustCompile(`<script|<style|style=|onclick=|javascript:`).Find(a.Body); inline != nil {
		t.Errorf("the page has %s", inline)
	}
	for _, link := range regexp.MustCompile(`(?:href|src)="(/[^"#]*)`).FindAllStringSubmatch(string(a.Body), -1) {
		if answer := s.Get(t, link[1]); answer.Status != http.StatusOK {
			t.Errorf("%s leads to %d", link[1], answer.Status)
		}
	}
}

// TestTheTourWorks pastes what the page says under "Start here" into a shell.
func TestTheTourWorks(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	page := string(s.Get(t, "/docs").Body)
	_, tour, _ := strings.Cut(page, `id="start"`)
	tour, _, _ = strings.Cut(tour, "</ol>")
	script := "set -e\n"
	for _, block := range regexp.MustCompile(`(?s)<pre[^>]*><code>(.*?)</code>`).FindAllStringSubmatch(tour, -1) {
		script += html.UnescapeString(block[1]) + "\necho\n"
	}
	script = strings.NewReplacer("put it here", s.Password, `"username": "admin"`, `"username": "`+s.Username+`"`).Replace(script)
	said, err := exec.CommandContext(t.Context(), "sh", "-c", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	for _, piece := range []string{`"name":"billing"`, `"id":"billing-clerks"`, `"username":"grace"`, `"clientSecret":"`, `"preferredUsername":"grace"`, `"refreshToken":""`} {
		if !strings.Contains(string(said), piece) {
			t.Fatalf("no %s in what the tour prints:\n%s", piece, said)
		}
	}
}
