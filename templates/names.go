package templates

import (
	"html/template"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shown is a name without the characters that would let it pass for something
// else on a page: those that turn the direction of text around (Unicode Standard
// Annex 9) and control characters. What is not UTF-8 becomes U+FFFD.
func shown(name string) string {
	for i := range len(name) {
		if name[i] < ' ' || name[i] >= utf8.RuneSelf || name[i] == 0x7f {
			return strings.Map(visible, name)
		}
	}
	return name
}

func visible(r rune) rune {
	switch {
	case unicode.Is(unicode.Bidi_Control, r):
		return -1
	case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
		return ' '
	default:
		return r
	}
}

// initial is the letter that stands for a name.
func initial(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "?"
}

// webAddress is the address if it is absolute and of the web, else "".
func webAddress(address string) string {
	if address == "" {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return ""
	}
	return address
}

// appAddress is the address if it leads to the web or to an installed
// application by its private-use scheme, which has a dot (RFC 8252 §7.1), else "".
// No such scheme is one that runs scripts.
func appAddress(address string) template.URL {
	if u, err := url.Parse(address); err == nil && strings.Contains(u.Scheme, ".") {
		return template.URL(address) //nolint:gosec // G203: it still is escaped, and its scheme has a dot
	}
	return template.URL(webAddress(address)) //nolint:gosec // G203: it still is escaped, and is of the web
}

// localPath is the path if it cannot lead to another server, else "".
func localPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, `\`) {
		return ""
	}
	return path
}
