package templates

import (
	"net/url"
	"slices"
	"strings"
)

// policy is what the Content-Security-Policy of a page allows beyond its style
// sheet and images.
type policy struct {
	forms  forms
	onward []string // addresses that the answer to a form of this server may redirect to
	frames []string // addresses that are shown in frames
	script bool     // scripts that are assets
}

// forms says where the forms of a page go. Browsers hold to form-action not just
// where a form goes, but each redirect that follows, whoever sends it.
type forms int

const (
	noForms   forms = iota
	ownForms        // to this server
	openForms       // anywhere: nobody can tell where an application redirects to in the end
)

// String is the header's value (Content Security Policy Level 3 §3.1).
func (p policy) String() string {
	var out strings.Builder
	out.WriteString("default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'")
	if p.script {
		out.WriteString("; script-src 'self'")
	}
	if len(p.frames) > 0 {
		out.WriteString("; frame-src")
		writeSources(&out, p.frames)
	}
	switch p.forms {
	case noForms:
		out.WriteString("; form-action 'none'")
	case ownForms:
		out.WriteString("; form-action 'self'")
		writeSources(&out, p.onward)
	case openForms:
	}
	return out.String()
}

// writeSources writes the sources of addresses, each once.
func writeSources(out *strings.Builder, addresses []string) {
	var seen []string
	for _, address := range addresses {
		source := sourceOf(address)
		if source == "" || slices.Contains(seen, source) {
			continue
		}
		seen = append(seen, source)
		out.WriteString(" " + source)
	}
}

// sourceOf is the source expression of an address: its origin, or its scheme
// alone where the language of policies has no word for the host, such as for an
// IPv6 address or an installed application; "" for what is no address.
func sourceOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return ""
	}
	web := u.Scheme == "https" || u.Scheme == "http"
	if web && u.Host != "" && strings.Trim(u.Host, hostCharacters) == "" {
		return u.Scheme + "://" + u.Host
	}
	if web || strings.Contains(u.Scheme, ".") {
		return u.Scheme + ":"
	}
	return ""
}

const hostCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:"
