package server_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/server"
)

var update = flag.Bool("update", false, "rewrite the golden files and generated documents")

// TestErrorDocs holds docs/errors.md to the tables it is made from.
func TestErrorDocs(t *testing.T) {
	t.Parallel()
	const path = "../docs/errors.md"
	got := errorDocs()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-file +tables), go test ./server -run TestErrorDocs -update rewrites it:\n%s", path, diff)
	}
}

const errorDocsIntro = `# Errors

<!-- Generated from errors/codes.go and errors/help*.go: go test ./server -run TestErrorDocs -update -->

Every request that Gatehouse refuses is answered with a code. A running server shows the same as pages, at ` + "`/errors`" + `
and ` + "`/errors/{code}`" + `, and as JSON to whoever asks there with ` + "`Accept: application/json`" + `.

On ` + "`/v1`" + `, and wherever no RFC says otherwise, the answer is

` + "```json" + `
{"code": "AUT-0001", "title": "Missing Fields in Request", "message": "Your request is missing …", "fields": {"grantType": "is required"}}
` + "```" + `

with ` + "`fields`" + ` only where fields are at fault. On ` + "`/oauth2`" + ` the RFCs' own fields come first, and the rest is the same:

` + "```json" + `
{"error": "invalid_request", "error_description": "Your request is missing …", "error_uri": "https://…/errors/AUT-0001",
 "code": "AUT-0001", "title": "Missing Fields in Request", "message": "Your request is missing …", "fields": {"grant_type": "is required"}}
` + "```" + `

Where waiting helps, the ` + "`Retry-After`" + ` header says how many seconds. The ` + "`X-Request-Id`" + ` header of every answer is what the
server's log has the cause under, as ` + "`requestId`" + `.

`

func errorDocs() string {
	var b strings.Builder
	b.WriteString(errorDocsIntro)
	b.WriteString("| code | title | `/v1` | `/oauth2` |\n| --- | --- | --- | --- |\n")
	for _, c := range errors.Catalogue() {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", c.ID, strings.ToLower(c.ID), c.Title, onV1(c), onOAuth(c))
	}
	for _, c := range errors.Catalogue() {
		describe(&b, c)
	}
	return b.String()
}

func onV1(c errors.Code) string {
	if !slices.Contains(server.FrontsOf(c), "/v1") {
		return "–"
	}
	return fmt.Sprint(server.StatusOf(c.Kind))
}

func onOAuth(c errors.Code) string {
	if !slices.Contains(server.FrontsOf(c), "/oauth2") {
		return "–"
	}
	name, status := server.RFCFault(c)
	if c == errors.TokenMissing {
		return fmt.Sprintf("%d, without `error`", status)
	}
	return fmt.Sprintf("%d `%s`", status, name)
}

func describe(b *strings.Builder, c errors.Code) {
	help := c.Help()
	fmt.Fprintf(b, "\n## %s\n\n**%s.** %s\n\n%s\n\nCommon causes:\n\n", c.ID, c.Title, markdown(c.With("…", "…").Text()), help.Means)
	for _, cause := range help.Causes {
		fmt.Fprintf(b, "- %s\n", cause)
	}
	b.WriteString("\nWhat to do:\n\n")
	for i, step := range help.Steps {
		fmt.Fprintf(b, "%d. %s\n", i+1, step)
	}
}

// markdown keeps underscores in a message from becoming emphasis.
func markdown(text string) string { return strings.ReplaceAll(text, "_", `\_`) }
