package templates

import (
	"net/url"
	"slices"
	"strings"
)

// policy is what the Content-Security-Policy of a page allows beyond its style
// sheet and images.
type policy struct {
	self   bool     // forms go to this server
	onward []string // addresses that forms go to, or are redirected to
	frames []string // addresses that are shown in frames
	script bool     // scripts that are assets
}

// String is the header's value (Content Security Policy Level 3 §3.1). Browsers
// hold the redirects that follow a form to form-action, too, which is why the
// way back to an application has to be in it.
func (p policy) String() string {
	var out strings.Builder
	out.WriteString("default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'")
	if p.script {
		out.WriteString("; script-src 'self'")
	}
	if len(p.frames) > 0 {
		directive(&out, "; frame-src", p.frames)
	}
	if p.self {
		directive(&out, "; form-action 'self'", p.onward)
	} else {
		directive(&out, "; form-action", p.onward)
	}
	return out.String()
}

// directive writes a directive with the sources of addresses.
func directive(out *strings.Builder, start string, addresses []string) {
	out.WriteString(start)
	var seen []string
	for _, address := range addresses {
		source := sourceOf(address)
		if source == "" || slices.Contains(seen, source) {
			continue
		}
		seen = append(seen, source)
		out.WriteByte(' ')
		out.WriteString(source)
	}
	if len(seen) == 0 && !strings.HasSuffix(start, "'self'") {
		out.WriteString(" 'none'")
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
