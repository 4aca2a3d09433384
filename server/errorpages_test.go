package server_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/server"
)

func errorPages() server.Gate {
	g := server.NewGate(server.GateOptions{})
	g.AddErrorPages()
	return g
}

func TestEveryCodeHasAPage(t *testing.T) {
	t.Parallel()
	g := errorPages()
	list := through(g, http.MethodGet, "/errors", nil).Body.String()
	for _, code := range errors.Catalogue() {
		if !strings.Contains(list, `href="/errors/`+code.ID+`"`) {
			t.Errorf("%s is not in the list", code.ID)
		}
		answer := through(g, http.MethodGet, "/errors/"+code.ID, nil)
		page := answer.Body.String()
		if answer.Code != http.StatusOK || !strings.Contains(page, "<h1>"+code.Title+"</h1>") {
			t.Fatalf("GET /errors/%s = %d %s", code.ID, answer.Code, page)
		}
		if n := strings.Count(page, "<li>"); n != len(code.Help().Causes)+len(code.Help().Steps) {
			t.Errorf("%s: %d causes and steps are shown", code.ID, n)
		}
		if n := strings.Count(page, "<figure>"); n != len(server.FrontsOf(code)) {
			t.Errorf("%s: %d answers are shown", code.ID, n)
		}
		if strings.Contains(page, "`") || strings.Contains(page, "%v") || strings.Contains(page, "ZgotmplZ") {
			t.Errorf("%s: something was not rendered: %s", code.ID, page)
		}
	}
}

func TestAPageShowsTheAnswersAsTheyAre(t *testing.T) {
	t.Parallel()
	page := through(errorPages(), http.MethodGet, "/errors/AUT-1002", nil).Body.String()
	for _, want := range []string{
		"On <code>/v1</code>: status 401 Unauthorized",
		"On <code>/oauth2</code>: status 400 Bad Request, <code>invalid_grant</code>",
		"&#34;error_uri&#34;: &#34;https://id.example.com/errors/AUT-1002&#34;",
		"<code>gatehouse user reset-password</code>",
		`rel="prev"`, `rel="next"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in %s", want, page)
		}
	}
}

// TestPagesNeedNoScriptsOrInlineStyles holds pages to the policy they are sent with.
func TestPagesNeedNoScriptsOrInlineStyles(t *testing.T) {
	t.Parallel()
	g := errorPages()
	for _, path := range []string{"/errors", "/errors/AUT-1004", "/errors/nothing"} {
		answer := through(g, http.MethodGet, path, nil)
		policy := answer.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; style-src 'self'") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: Content-Security-Policy = %s", path, policy)
		}
		if inline := regexp.MustCompile(`<script|<style|style=|onclick=|javascript:`).FindString(answer.Body.String()); inline != "" {
			t.Errorf("%s has %s", path, inline)
		}
		if got := answer.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/html") {
			t.Errorf("%s: Content-Type = %s", path, got)
		}
	}
}

func TestPagesAreNegotiated(t *testing.T) {
	t.Parallel()
	g := errorPages()
	tests := []struct {
		accept string
		json   bool
	}{
		{"", false},
		{"*/*", false},
		{"text/html", false},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", false},
		{"application/json", true},
		{"Application/JSON; charset=utf-8", true},
		{"application/json, text/plain, */*", true},
		{"text/html;q=0.8, application/json;q=0.9", true},
		{"text/html, application/json;q=0.9", false},
		{"application/json;q=0", false},
		{"application/json;q=nonsense", false},
		{"application/jsonp", false},
	}
	for _, tt := range tests {
		for _, path := range []string{"/errors", "/errors/AUT-1004"} {
			answer := through(g, http.MethodGet, path, http.Header{"Accept": {tt.accept}})
			if got := strings.HasPrefix(answer.Header().Get("Content-Type"), "application/json"); got != tt.json {
				t.Errorf("%s with Accept %q: Content-Type = %s", path, tt.accept, answer.Header().Get("Content-Type"))
			}
			if got := answer.Header().Get("Vary"); got != "Accept" {
				t.Errorf("%s: Vary = %q", path, got)
			}
		}
	}
}

func TestCodesAsJSON(t *testing.T) {
	t.Parallel()
	g := errorPages()
	asJSON := http.Header{"Accept": {"application/json"}}
	var list struct {
		Errors []struct{ Code, Title, Message string }
	}
	if err := json.Unmarshal(through(g, http.MethodGet, "/errors", asJSON).Body.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	if got, want := len(list.Errors), len(errors.Catalogue()); got != want {
		t.Errorf("the list has %d codes, want %d", got, want)
	}
	var got map[string]any
	if err := json.Unmarshal(through(g, http.MethodGet, "/errors/aut-2007", asJSON).Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	help := errors.Unavailable.Help()
	want := map[string]any{
		"code": "AUT-2007", "title": errors.Unavailable.Title, "message": errors.Unavailable.Message, "status": 503.0,
		"means": help.Means, "causes": anys(help.Causes), "steps": anys(help.Steps),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("GET /errors/aut-2007 (-want +got):\n%s", diff)
	}
}

func anys(texts []string) []any {
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = text
	}
	return values
}

func TestACodeThatThereIsNot(t *testing.T) {
	t.Parallel()
	g := errorPages()
	page := through(g, http.MethodGet, "/errors/<b>AUT-9999", nil)
	if page.Code != http.StatusNotFound || !strings.Contains(page.Body.String(), "No such code") || strings.Contains(page.Body.String(), "<b>") {
		t.Errorf("as a page: %d %s", page.Code, page.Body)
	}
	if got := page.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control = %q", got)
	}
	asJSON := through(g, http.MethodGet, "/errors/AUT-9999", http.Header{"Accept": {"application/json"}})
	if asJSON.Code != http.StatusNotFound || !strings.Contains(asJSON.Body.String(), `"code":"AUT-2005"`) {
		t.Errorf("as JSON: %d %s", asJSON.Code, asJSON.Body)
	}
}

func TestPagesAreSentOnce(t *testing.T) {
	t.Parallel()
	g := errorPages()
	first := through(g, http.MethodGet, "/errors/AUT-1004", nil)
	etag := first.Header().Get("ETag")
	if etag == "" || !strings.Contains(first.Header().Get("Cache-Control"), "public") {
		t.Fatalf("ETag, Cache-Control = %q, %q", etag, first.Header().Get("Cache-Control"))
	}
	tests := []struct {
		name, match, accept string
		want                int
	}{
		{"the same", etag, "", http.StatusNotModified},
		{"one of several", `"x", ` + etag, "", http.StatusNotModified},
		{"another", `"x"`, "", http.StatusOK},
		{"the same in another form", etag, "application/json", http.StatusOK},
	}
	for _, tt := range tests {
		if got := through(g, http.MethodGet, "/errors/AUT-1004", http.Header{"If-None-Match": {tt.match}, "Accept": {tt.accept}}).Code; got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestPagesBringTheirAssets(t *testing.T) {
	t.Parallel()
	g := errorPages()
	page := through(g, http.MethodGet, "/errors", nil).Body.String()
	links := regexp.MustCompile(`href="(/assets/[a-z]+\.[0-9a-f]{12}\.(css|svg))"`).FindAllStringSubmatch(page, -1)
	if len(links) != 2 {
		t.Fatalf("links = %v", links)
	}
	types := map[string]string{"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
	for _, link := range links {
		answer := through(g, http.MethodGet, link[1], nil)
		if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != types[link[2]] || !strings.Contains(answer.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("GET %s = %d %v", link[1], answer.Code, answer.Header())
		}
	}
	if got := through(g, http.MethodGet, "/assets/site.000000000000.css", nil).Code; got != http.StatusNotFound {
		t.Errorf("an asset that there is not: %d", got)
	}
}
