package apidocs_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/apidocs"
	"gatehouse/templates"
)

// pageOf returns the page of a server with this issuer.
func pageOf(t *testing.T, issuer string) string {
	t.Helper()
	e := echo.New()
	e.GET("/docs", apidocs.New(apidocs.Deps{
		Issuer:   issuer,
		StatusOf: func(k errors.Kind) int { return 900 + int(k) },
		Pages: func() (*templates.Set, error) {
			return templates.New(strings.TrimPrefix(issuer, "https://id.example.com"))
		},
	}).Page)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/docs", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("/docs: %d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// article is the part of the page about one operation.
func article(t *testing.T, page, id string) string {
	t.Helper()
	_, after, found := strings.Cut(page, `<h3 id="`+id+`">`)
	if !found {
		t.Fatalf("no %s on the page", id)
	}
	text, _, _ := strings.Cut(after, "</article>")
	return text
}

func TestEveryOperationIsOnThePage(t *testing.T) {
	t.Parallel()
	spec, err := openapi3.NewLoader().LoadFromData(apidocs.Description())
	if err != nil {
		t.Fatal(err)
	}
	page := pageOf(t, "https://id.example.com")
	for path, item := range spec.Paths.Map() {
		for method, o := range item.Operations() {
			text := article(t, page, o.OperationID)
			wants := []string{">" + method + "<", "<code>" + path + "</code>", "curl ", "Answer"}
			codes, _ := o.Extensions["x-codes"].([]any)
			for _, code := range codes {
				wants = append(wants, `href="/errors/`+code.(string)+`"`)
			}
			for _, p := range o.Parameters {
				wants = append(wants, "<code>"+p.Value.Name+"</code>")
			}
			for _, want := range wants {
				if !strings.Contains(text, want) {
					t.Errorf("%s: no %s", o.OperationID, want)
				}
			}
			if strings.Count(page, `href="#`+o.OperationID+`"`) == 0 {
				t.Errorf("%s is not in the contents", o.OperationID)
			}
		}
	}
}

func TestLinksWithinThePageLeadSomewhere(t *testing.T) {
	t.Parallel()
	page := pageOf(t, "https://id.example.com")
	ids := make(map[string]int)
	for _, id := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		ids[id[1]]++
	}
	for id, n := range ids {
		if n != 1 {
			t.Errorf("the id %s stands %d times", id, n)
		}
	}
	for _, link := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if ids[link[1]] == 0 {
			t.Errorf("#%s leads nowhere", link[1])
		}
	}
}

func TestAnOperationSaysWhatItTakesAndAnswers(t *testing.T) {
	t.Parallel()
	page := pageOf(t, "https://id.example.com/gate")
	tests := map[string][]string{
		"createUser": {
			"Needs <code>users:post</code>.",
			`<dt><code>username</code> <span class="type">string</span> <span class="must">required</span></dt>`,
			`<code>groups</code> <span class="type">array of slug</span>`,
			`curl https://id.example.com/gate/v1/users \` + "\n  -H &#34;Authorization: Bearer $TOKEN&#34;",
			"&#34;firstName&#34;: &#34;Ada&#34;,\n",
			`<span class="status">201 Created</span> <span class="type"><a href="#object-user">User</a></span>`,
			`href="/gate/errors/IDE-2005"`, "</span>901</span>",
		},
		"listUsers": {
			`<span class="type">integer, query</span>`, "From 1 to 100. By default <code>10</code>.",
			`<a href="#object-userpage">UserPage</a> or array of <a href="#object-user">User</a>`,
			"curl &#39;https://id.example.com/gate/v1/users?q=love&#39;", "One of <code>createdAt</code>, <code>-createdAt</code>",
		},
		"createToken":       {"Needs no token.", "application/x-www-form-urlencoded", "The same fields."},
		"readUserinfo":      {"Needs an access token."},
		"importUsers":       {"Needs <code>users:post</code> and <code>users:patch</code>.", "--data-binary &#39;{", "refuse a line with"},
		"logout":            {"--data-urlencode id_token_hint="},
		"rotateSecret":      {"may be left out"},
		"readApplication":   {"curl https://id.example.com/gate/v1/applications/0198f3c4-"},
		"deleteApplication": {"curl -X DELETE https://", "204 No Content"},
	}
	for id, wants := range tests {
		text := article(t, page, id)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %s in %s", id, want, text)
			}
		}
	}
	if strings.Contains(page, "`") || strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "localhost") {
		t.Error("something was not rendered")
	}
}
