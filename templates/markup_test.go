package templates_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gatehouse/errors"
	"gatehouse/templates"
)

// element is a start tag of a page.
type element struct {
	name       string
	attributes map[string]string
	within     []string // names of the elements around it, the outermost first
}

func (e element) has(attribute string) bool {
	_, ok := e.attributes[attribute]
	return ok
}

// elements reads the page, which must be well-formed but for what HTML lets
// authors leave out.
func elements(page []byte) ([]element, error) {
	decoder := xml.NewDecoder(strings.NewReader(string(page)))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var all []element
	var open []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := element{token.Name.Local, make(map[string]string), slices.Clone(open)}
			for _, a := range token.Attr {
				if e.has(a.Name.Local) {
					return nil, fmt.Errorf("<%s> has %s twice", e.name, a.Name.Local)
				}
				e.attributes[a.Name.Local] = a.Value
			}
			all, open = append(all, e), append(open, e.name)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
}

// eachPage calls check with every sample in every language.
func eachPage(t *testing.T, check func(t *testing.T, page templates.Page, all []element)) {
	t.Helper()
	set := newSet(t, "")
	for _, sample := range samples() {
		for _, language := range templates.Languages() {
			t.Run(sample.name+"."+language, func(t *testing.T) {
				t.Parallel()
				page, err := sample.render(set, language)
				if err != nil {
					t.Fatal(err)
				}
				all, err := elements(page.Body)
				if err != nil {
					t.Fatalf("%v in %s", err, page.Body)
				}
				check(t, page, all)
			})
		}
	}
}

func TestIDsAreUniqueAndReferencesLeadSomewhere(t *testing.T) {
	t.Parallel()
	eachPage(t, func(t *testing.T, _ templates.Page, all []element) {
		ids := make(map[string]bool)
		for _, e := range all {
			if id := e.attributes["id"]; id != "" && ids[id] {
				t.Errorf("id %s is there twice", id)
			} else if id != "" {
				ids[id] = true
			}
		}
		for _, e := range all {
			for _, reference := range []string{"for", "aria-labelledby", "aria-describedby"} {
				if id := e.attributes[reference]; e.has(reference) && !ids[id] {
					t.Errorf("<%s %s=%q> leads nowhere", e.name, reference, id)
				}
			}
		}
	})
}

func TestFieldsHaveALabelAndLabelsAField(t *testing.T) {
	t.Parallel()
	eachPage(t, func(t *testing.T, _ templates.Page, all []element) {
		fields := make(map[string]int)
		for _, e := range all {
			if e.name == "input" && e.attributes["type"] != "hidden" && !e.has("hidden") {
				fields[e.attributes["id"]]++
			}
		}
		for _, e := range all {
			if e.name == "label" {
				fields[e.attributes["for"]]--
			}
		}
		for id, missing := range fields {
			if missing != 0 {
				t.Errorf("field %q has %d labels", id, 1-missing)
			}
		}
	})
}

func TestPagesHaveLandmarksAndOneHeading(t *testing.T) {
	t.Parallel()
	eachPage(t, func(t *testing.T, page templates.Page, all []element) {
		count := make(map[string]int)
		for _, e := range all {
			count[e.name]++
			if e.name == "h1" && !slices.Contains(e.within, "main") {
				t.Error("the heading is not in <main>")
			}
			if e.name == "html" && e.attributes["lang"] != page.Language {
				t.Errorf("lang = %s, Content-Language is to be %s", e.attributes["lang"], page.Language)
			}
		}
		for _, name := range []string{"html", "head", "title", "body", "header", "main", "h1"} {
			if count[name] != 1 {
				t.Errorf("%d <%s>", count[name], name)
			}
		}
		if count["h2"]+count["h3"] > 0 {
			t.Error("there are headings below the first")
		}
	})
}

// TestTabOrderIsTheDocuments holds pages to the order in which they are written,
// with the keyboard in one place at the start at most.
func TestTabOrderIsTheDocuments(t *testing.T) {
	t.Parallel()
	eachPage(t, func(t *testing.T, _ templates.Page, all []element) {
		focused := 0
		for _, e := range all {
			if e.has("tabindex") {
				t.Errorf("<%s tabindex=%q>", e.name, e.attributes["tabindex"])
			}
			if e.has("autofocus") {
				focused++
			}
		}
		if focused > 1 {
			t.Errorf("%d elements have autofocus", focused)
		}
	})
}

var (
	outside = regexp.MustCompile(`^(https?:)?//`)
	loads   = map[string]string{"script": "src", "img": "src", "link": "href"}
)

// TestPagesRunNothingOfTheirOwnAndAskNobodyElse holds pages to their policy: no
// inline script or style, nothing from other servers but the frames that they
// are given.
func TestPagesRunNothingOfTheirOwnAndAskNobodyElse(t *testing.T) {
	t.Parallel()
	eachPage(t, func(t *testing.T, page templates.Page, all []element) {
		for _, e := range all {
			if e.name == "style" || e.has("style") || e.name == "script" && !e.has("src") {
				t.Errorf("<%s> is or has an inline style or script", e.name)
			}
			for name, value := range e.attributes {
				if strings.HasPrefix(name, "on") || strings.HasPrefix(value, "javascript:") || strings.Contains(value, "ZgotmplZ") {
					t.Errorf("<%s %s=%q>", e.name, name, value)
				}
			}
			if address := e.attributes[loads[e.name]]; outside.MatchString(address) {
				t.Errorf("<%s> loads %s", e.name, address)
			}
		}
		if strings.Contains(page.Policy, "unsafe") || !strings.Contains(page.Policy, "frame-ancestors 'none'") || !strings.HasPrefix(page.Policy, "default-src 'none'; ") {
			t.Errorf("policy = %s", page.Policy)
		}
		if scripts := strings.Contains(string(page.Body), "<script"); scripts != strings.Contains(page.Policy, "script-src") {
			t.Errorf("policy = %s, and scripts are there: %v", page.Policy, scripts)
		}
	})
}

func TestEveryAddressOfThisServerStartsWithTheBase(t *testing.T) {
	t.Parallel()
	set := newSet(t, "/id")
	for _, sample := range samples() {
		page, err := sample.render(set, "en")
		if err != nil {
			t.Fatal(err)
		}
		all, err := elements(page.Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			for _, name := range []string{"href", "src", "action"} {
				if path := e.attributes[name]; strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "/id/") {
					t.Errorf("%s: <%s %s=%q>", sample.name, e.name, name, path)
				}
			}
		}
	}
}

// TestPagesAreSmall counts everything that a browser loads for a page.
func TestPagesAreSmall(t *testing.T) {
	t.Parallel()
	const most = 15 << 10
	set := newSet(t, "")
	eachPage(t, func(t *testing.T, page templates.Page, all []element) {
		size := len(page.Body)
		for _, e := range all {
			if name, ok := strings.CutPrefix(e.attributes[loads[e.name]], "/assets/"); ok {
				asset, found := set.Asset(name)
				if !found || asset.ContentType == "" {
					t.Fatalf("no asset %s", name)
				}
				size += len(asset.Body)
			}
		}
		if size > most {
			t.Errorf("%d bytes, want at most %d", size, most)
		}
	})
}
