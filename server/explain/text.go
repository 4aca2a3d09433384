package explain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Name is text from outside as a record may show it: as it is, if it looks like
// a word or some, and as how long it is, if it might be a secret in the wrong place.
func Name(text string) string {
	if isName(text) {
		return text
	}
	return fmt.Sprintf("(a text of %d bytes)", len(text))
}

// longestName is in bytes.
const longestName = 40

// isName says whether text is made of letters, parted by what stands in the
// names of fields, scopes and resources. Passwords and secrets have digits.
func isName(text string) bool {
	if len(text) > longestName {
		return false
	}
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', strings.IndexByte("._-:/", c) >= 0:
		default:
			return false
		}
	}
	return true
}

// mostNames is how many names of a list are shown.
const mostNames = 16

// Names is a list from outside as a record may show it: those that are among
// the known ones as they are, and the others as Name.
func Names(list, known []string) string {
	shown := make([]string, 0, min(len(list), mostNames)+1)
	for _, text := range list {
		if len(shown) == mostNames {
			shown = append(shown, "…")
			break
		}
		if !slices.Contains(known, text) {
			text = Name(text)
		}
		shown = append(shown, text)
	}
	return List(shown)
}

// List is a list of our own as a record shows it.
func List(list []string) string {
	if len(list) == 0 {
		return "(none)"
	}
	return strings.Join(list, " ")
}

// clientIDForm is the form of the client ids that this server makes.
var clientIDForm = regexp.MustCompile(`^[0-9a-f]{20}$`)

// ClientID is a client id that nobody has, as a record may show it.
func ClientID(text string) string {
	if clientIDForm.MatchString(text) {
		return text
	}
	return Name(text)
}

var (
	// passwordIn finds passwords in addresses and settings of databases.
	passwordIn = regexp.MustCompile(`(?i)(password|secret|token|key)(["']?\s*[=:]\s*)\S+|(://[^\s/:@]*:)[^\s@]+(@)`)
	// secretLike finds what secrets and tokens look like.
	secretLike = regexp.MustCompile(`[A-Za-z0-9+/_=-]{24,}`)
	uuidForm   = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
)

const redacted = "[redacted]"

// scrub makes the text of a cause fit to be kept. Causes are our own words and
// those of drivers, which hold no secret: this is for the day when one does.
func scrub(text string) string {
	text = strings.Map(printable, cut(text, longestText))
	text = passwordIn.ReplaceAllString(text, "${1}${2}${3}"+redacted+"${4}")
	return secretLike.ReplaceAllStringFunc(text, func(run string) string {
		if uuidForm.MatchString(run) || !strings.ContainsAny(run, "0123456789") {
			return run
		}
		return redacted
	})
}

// printable drops what a terminal would take for a command.
func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return -1
}
