package templates_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"gatehouse/templates"
)

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>`

func TestABrandIsOnEveryPage(t *testing.T) {
	t.Parallel()
	set, err := templates.NewBranded("/id", templates.Brand{Name: `Contoso "{{.CSRF}}" & <Filhos>`, Logo: []byte(svg), CSS: []byte(":root{--accent:#0a4b8f}")})
	if err != nil {
		t.Fatal(err)
	}
	stylesheets := regexp.MustCompile(`<link rel="stylesheet" href="/id/assets/(site\.[0-9a-f]{12}\.css)">\s*<link rel="stylesheet" href="/id/assets/(brand\.[0-9a-f]{12}\.css)">`)
	logo := regexp.MustCompile(`<img src="/id/assets/(logo\.[0-9a-f]{12}\.svg)" alt="Contoso &#34;&#123;&#123;.CSRF}}&#34; &amp; &lt;Filhos&gt;">`)
	for _, sample := range samples() {
		page, err := sample.render(set, "en")
		if err != nil {
			t.Fatal(err)
		}
		sheets, image := stylesheets.FindSubmatch(page.Body), logo.FindSubmatch(page.Body)
		if sheets == nil || image == nil {
			t.Fatalf("%s: %s", sample.name, page.Body)
		}
		if css, ok := set.Asset(string(sheets[2])); !ok || string(css.Body) != ":root{--accent:#0a4b8f}" || !strings.HasPrefix(css.ContentType, "text/css") {
			t.Errorf("style sheet = %v", css)
		}
		if asset, ok := set.Asset(string(image[1])); !ok || string(asset.Body) != svg || asset.ContentType != "image/svg+xml" {
			t.Errorf("logo = %v", asset)
		}
		if bytes.Contains(page.Body, []byte("Gatehouse")) {
			t.Errorf("%s still names Gatehouse: %s", sample.name, page.Body)
		}
	}
}

func TestABrandWithoutLogoHasItsName(t *testing.T) {
	t.Parallel()
	set, err := templates.NewBranded("", templates.Brand{Name: "Contoso"})
	if err != nil {
		t.Fatal(err)
	}
	page, err := set.Login(templates.Login{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(page.Body, []byte("<span>Contoso</span>")) || !bytes.Contains(page.Body, []byte("<title>Sign in – Contoso</title>")) {
		t.Errorf("page = %s", page.Body)
	}
}

func TestWhatABrandMayBe(t *testing.T) {
	t.Parallel()
	image := func(head string, size int) []byte { return append([]byte(head), make([]byte, size-len(head))...) }
	tests := []struct {
		name  string
		brand templates.Brand
		fault string // "": none
	}{
		{"Gatehouse's", templates.Brand{}, ""},
		{"name of 60 letters", templates.Brand{Name: strings.Repeat("é", 60)}, ""},
		{"name of 61 letters", templates.Brand{Name: strings.Repeat("é", 61)}, "name"},
		{"name that is not UTF-8", templates.Brand{Name: "\xff"}, "name"},
		{"name that turns around", templates.Brand{Name: "a\u202Eb"}, "name"},
		{"PNG", templates.Brand{Logo: image("\x89PNG\r\n\x1a\n", 128<<10)}, ""},
		{"JPEG", templates.Brand{Logo: image("\xff\xd8\xff\xe0", 64)}, ""},
		{"WebP", templates.Brand{Logo: image("RIFF1234WEBP", 64)}, ""},
		{"SVG", templates.Brand{Logo: []byte(svg)}, ""},
		{"large logo", templates.Brand{Logo: image("\x89PNG\r\n\x1a\n", 128<<10+1)}, "logo"},
		{"GIF", templates.Brand{Logo: image("GIF89a", 64)}, "logo"},
		{"short RIFF", templates.Brand{Logo: []byte("RIFF")}, "logo"},
		{"page", templates.Brand{Logo: []byte("<!doctype html>")}, "logo"},
		{"style sheet of 32 KiB", templates.Brand{CSS: bytes.Repeat([]byte(" "), 32<<10)}, ""},
		{"large style sheet", templates.Brand{CSS: bytes.Repeat([]byte(" "), 32<<10+1)}, "CSS"},
		{"style sheet that is not UTF-8", templates.Brand{CSS: []byte("a{}\xff")}, "CSS"},
		{"style sheet with NUL", templates.Brand{CSS: []byte("a{}\x00")}, "CSS"},
		{"style sheet with an end tag", templates.Brand{CSS: []byte("</style><script>")}, "CSS"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.brand.Validate()
			if (err != nil) != (tt.fault != "") || err != nil && !strings.HasPrefix(err.Error(), tt.fault+" ") {
				t.Errorf("Validate() = %v, want a fault of %q", err, tt.fault)
			}
			if _, err := templates.NewBranded("", tt.brand); (err != nil) != (tt.fault != "") {
				t.Errorf("NewBranded() = %v, want a fault of %q", err, tt.fault)
			}
		})
	}
}
