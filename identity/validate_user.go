package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Validate says whether the user can be stored: nil, errors.IdentityMissingFields
// when it has no username or no e-mail address, errors.IdentityMalformed naming
// the fields that are not as they should be, or a metadata code. Whether the
// username and address are free, and the groups exist, only the store can say.
func (u User) Validate() error { return u.validate(faults{}) }

// ValidateNew is Validate for a user who is to be created: one with the name of a
// role, in any case, could be taken for it.
func (u User) ValidateNew() error {
	var f faults
	f.want("username", !isRole(UsernameKey(u.Username)), "reads as the name of a role: choose another one")
	return u.validate(f)
}

func (u User) validate(f faults) error {
	f.need("username", u.Username != "")
	f.need("email", u.Email != "")
	f.want("username", isUsername(u.Username), "must have 3 to 255 characters of a-z, A-Z, 0-9, '_', '-' and '.'")
	f.want("email", isEmail(u.Email), "must be an e-mail address")
	f.want("firstName", isText(u.FirstName, 255), "must have at most 255 characters and no control characters")
	f.want("lastName", isText(u.LastName, 255), "must have at most 255 characters and no control characters")
	f.want("groups", each(u.Groups, isSlug), "must be ids of at most 200 groups, each of them once")
	if err := f.err(); err != nil {
		return err
	}
	if fault := ValidateMetadata(u.Metadata); fault != nil {
		return fault.Identity()
	}
	return nil
}

func isUsername(s string) bool {
	return len(s) >= 3 && len(s) <= 255 && !strings.ContainsFunc(s, func(r rune) bool {
		return !isASCIILetterOrDigit(r) && !strings.ContainsRune("_-.", r)
	})
}

// isEmail knows what cannot be an address (RFC 5321 §4.5.3.1, RFC 6531), not
// what can: only mail that arrives proves that. Quoted local parts and literal
// addresses are not accepted.
func isEmail(s string) bool {
	local, domain, found := strings.Cut(s, "@")
	if !found || len(s) > 254 || len(local) > 64 || !utf8.ValidString(s) {
		return false
	}
	return isDotted(local, isLocalPart) && isDotted(domain, isDomainLabel)
}

// isDotted says whether s is made of parts that follow the rule, with dots between.
func isDotted(s string, rule func(string) bool) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || !rule(part) {
			return false
		}
	}
	return true
}

func isLocalPart(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune(`()<>[]\,;:@"`, r)
	})
}

func isDomainLabel(s string) bool {
	return len(s) <= 63 && s[0] != '-' && s[len(s)-1] != '-' && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
}

func isASCIILetterOrDigit(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
