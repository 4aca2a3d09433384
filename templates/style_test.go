package templates_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gatehouse/templates"
)

func stylesheet(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile("assets/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// schemes are the colors of site.css by the names of their tokens. The dark ones
// start from the light ones.
func schemes(t *testing.T) map[string]map[string]string {
	t.Helper()
	css := stylesheet(t, "site.css")
	start := strings.Index(css, "@media (prefers-color-scheme: dark)")
	end := start + strings.Index(css[start:], "\n}\n")
	color := regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)
	all := map[string]map[string]string{"light": {}, "dark": {}}
	for _, token := range color.FindAllStringSubmatch(css[:start], -1) {
		all["light"][token[1]], all["dark"][token[1]] = token[2], token[2]
	}
	for _, token := range color.FindAllStringSubmatch(css[start:end], -1) {
		if all["light"][token[1]] == "" {
			t.Errorf("--%s is for dark pages only", token[1])
		}
		all["dark"][token[1]] = token[2]
	}
	return all
}

// TestContrast holds every token to what WCAG 2.2 asks of level AA: text that can
// be read (§1.4.3), borders of fields and the focus that can be seen (§1.4.11).
func TestContrast(t *testing.T) {
	t.Parallel()
	text := []string{"ink", "soft", "accent", "get", "post", "change", "danger"}
	drawn := []string{"edge", "focus"}
	ground := []string{"paper", "sheet", "wash", "accent-wash", "danger-wash"}
	for scheme, tokens := range schemes(t) {
		known := map[string]bool{"line": true, "on-accent": true} // a line only decorates
		check := func(front, back string, least float64) {
			known[front], known[back] = true, true
			if got := contrast(t, tokens[front], tokens[back]); got < least {
				t.Errorf("%s: --%s on --%s has %.2f:1, want %.1f:1", scheme, front, back, got, least)
			}
		}
		for _, back := range ground {
			for _, front := range text {
				check(front, back, 4.5)
			}
			for _, front := range drawn {
				check(front, back, 3)
			}
		}
		check("on-accent", "accent", 4.5)
		for token := range tokens {
			if !known[token] {
				t.Errorf("%s: nothing is said about --%s", scheme, token)
			}
		}
	}
}

// contrast is the ratio of WCAG 2.2 between two colors, from 1 to 21.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(t *testing.T, color string) float64 {
	t.Helper()
	rgb, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 24)
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
		part := float64(rgb>>(8*i)&0xff) / 255
		if part <= 0.04045 {
			part /= 12.92
		} else {
			part = math.Pow((part+0.055)/1.055, 2.4)
		}
		sum += weight * part
	}
	return sum
}

// TestColorsAreTokens keeps colors in the one place where a brand replaces them.
func TestColorsAreTokens(t *testing.T) {
	t.Parallel()
	known := schemes(t)["light"]
	for _, name := range []string{"site.css", "docs.css"} {
		css := stylesheet(t, name)
		if start := strings.Index(css, "\n}\n\n*"); start > 0 {
			css = css[start:]
		}
		css, _, _ = strings.Cut(css, "@media print")
		for _, color := range regexp.MustCompile(`[:,( ]#[0-9a-f]{3,8}\b|rgb|hsl`).FindAllString(css, -1) {
			if len(color) != len(":#00000000") { // shadows
				t.Errorf("%s has the color %s", name, color)
			}
		}
		for _, token := range regexp.MustCompile(`var\(--([a-z-]+)\)`).FindAllStringSubmatch(css, -1) {
			if known[token[1]] == "" && token[1] != "sans" && token[1] != "mono" && token[1] != "round" {
				t.Errorf("%s uses --%s, which there is not", name, token[1])
			}
		}
		if strings.Contains(css, "url(") || strings.Contains(css, "@import") {
			t.Errorf("%s asks for other files", name)
		}
		if strings.Contains(css, "animation") || strings.Contains(css, "transition") {
			t.Errorf("%s moves things, whoever prefers them still", name)
		}
	}
}

func TestSqueeze(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"":                                       "",
		"/* a */\na {\n  b: c;\n  d: e, f;\n}\n": "a{b:c;d:e,f}",
		"a > b + c d { margin: 0 -1px calc(1rem + 2vw); }": "a > b + c d{margin:0 -1px calc(1rem + 2vw)}",
		"@media (min-width: 1px) { a { b: c; } }":          "@media (min-width:1px){a{b:c}}",
		`a::before { content: "+"; }`:                      `a::before{content:"+"}`,
		"a /* x */ b { c: d }":                             "a b{c:d}",
		"/* never ends":                                    "",
	}
	for css, want := range tests {
		if got := string(templates.Squeeze([]byte(css))); got != want {
			t.Errorf("%q is squeezed to %q, want %q", css, got, want)
		}
	}
	for _, name := range []string{"site.css", "docs.css"} {
		css := stylesheet(t, name)
		squeezed := string(templates.Squeeze([]byte(css)))
		for _, sign := range []string{"{", "}", ":", ",", "("} {
			without := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(css, "")
			if got, want := strings.Count(squeezed, sign), strings.Count(without, sign); got != want {
				t.Errorf("%s: %d %s, want %d", name, got, sign, want)
			}
		}
	}
}
