package templates_test

import (
	"strings"
	"testing"

	"gatehouse/templates"
)

func TestLanguage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		uiLocales  []string
		acceptable string
		want       string
	}{
		{"nothing wished for", nil, "", "en"},
		{"any", nil, "*", "en"},
		{"of Brazil", nil, "pt-BR,pt;q=0.9,en;q=0.8", "pt"},
		{"of Portugal", nil, "pt-PT", "pt"},
		{"by weight", nil, "pt;q=0.3,en-GB;q=0.7", "en"},
		{"the second", nil, "ja,pt;q=0.5", "pt"},
		{"none that there is", nil, "ja,ko", "en"},
		{"ui_locales come first", []string{"pt-BR"}, "en", "pt"},
		{"the second of ui_locales", []string{"ja", "pt"}, "en", "pt"},
		{"no ui_locale that there is", []string{"ja"}, "pt", "pt"},
		{"no tags", []string{"", "???", "not a tag"}, "pt", "pt"},
		{"in any case", []string{"PT-br"}, "", "pt"},
		{"no header", nil, "\x00;;q=,", "en"},
		{"too many", append(make([]string, 50), "pt"), "", "en"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := templates.Language(tt.uiLocales, tt.acceptable); got != tt.want {
				t.Errorf("Language(%q, %q) = %s, want %s", tt.uiLocales, tt.acceptable, got, tt.want)
			}
		})
	}
}

func TestALanguageThatThereIsNotIsTheFirst(t *testing.T) {
	t.Parallel()
	page, err := newSet(t, "").Login(templates.Login{Language: "fr"})
	if err != nil {
		t.Fatal(err)
	}
	if page.Language != "en" || !strings.Contains(string(page.Body), `<html lang="en">`) {
		t.Errorf("language = %s: %s", page.Language, page.Body)
	}
}

func FuzzLanguage(f *testing.F) {
	f.Add("pt-BR en", "pt-BR,pt;q=0.9")
	f.Add("", "*;q=0")
	f.Add("x-private i-klingon", "en-u-ca-buddhist")
	f.Fuzz(func(t *testing.T, uiLocales, acceptable string) {
		if got := templates.Language(strings.Fields(uiLocales), acceptable); got != "en" && got != "pt" {
			t.Errorf("Language = %q", got)
		}
	})
}
