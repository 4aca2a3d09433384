package templates

import "bytes"

// squeeze leaves out of a style sheet what is there for its reader: comments,
// line breaks, and the spaces around braces, semicolons and commas and after
// colons. Strings in the sheet must have none of these.
func squeeze(css []byte) []byte {
	out := make([]byte, 0, len(css))
	for len(css) > 0 {
		switch c := css[0]; {
		case bytes.HasPrefix(css, []byte("/*")):
			_, css, _ = bytes.Cut(css[2:], []byte("*/"))
			continue
		case c == ' ' || c == '\n':
			if len(out) > 0 && !bytes.ContainsRune([]byte("{};,: "), rune(out[len(out)-1])) {
				out = append(out, ' ')
			}
		case c == '{' || c == '}' || c == ';' || c == ',':
			out = bytes.TrimRight(out, " ")
			if c == '}' {
				out = bytes.TrimRight(out, ";")
			}
			out = append(out, c)
		default:
			out = append(out, c)
		}
		css = css[1:]
	}
	return out
}
