package templates

import (
	"sync"

	"golang.org/x/text/language"
)

// Languages are those that pages are written in, the one for everybody else
// first.
func Languages() []string { return []string{"en", "pt"} }

// Language chooses the language of pages: the best for the locales of the
// parameter ui_locales, which are BCP 47 tags in order of preference (OpenID
// Connect Core §3.1.2.1), else the best for the header Accept-Language
// (RFC 9110 §12.5.4), else the first of Languages. What is no tag is passed over.
func Language(uiLocales []string, acceptLanguage string) string {
	var wanted []language.Tag
	for _, locale := range uiLocales[:min(len(uiLocales), mostLocales)] {
		if tag, err := language.Parse(locale); err == nil {
			wanted = append(wanted, tag)
		}
	}
	if found, ok := match(wanted); ok {
		return found
	}
	if wanted, _, err := language.ParseAcceptLanguage(acceptLanguage); err == nil {
		if found, ok := match(wanted); ok {
			return found
		}
	}
	return Languages()[0]
}

// mostLocales is how many of the locales in a request are looked at.
const mostLocales = 20

var matcher = sync.OnceValue(func() language.Matcher {
	var tags []language.Tag
	for _, name := range Languages() {
		tags = append(tags, language.Make(name))
	}
	return language.NewMatcher(tags)
})

// match finds what fits the wanted languages, if anything does.
func match(wanted []language.Tag) (string, bool) {
	if len(wanted) == 0 {
		return "", false
	}
	_, i, confidence := matcher().Match(wanted...)
	return Languages()[i], confidence != language.No
}
