package identity

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"gatehouse/errors"
)

// PasswordPolicy is what a new password must be like. The zero value is the
// strictest: every rule applies, with the default lengths.
type PasswordPolicy struct {
	MinLength int // in characters; default 12
	MaxLength int // in characters; default 255

	AllowNoUpper   bool // no upper case letter is needed
	AllowNoLower   bool // no lower case letter is needed
	AllowNoDigit   bool // no digit is needed
	AllowNoSpecial bool // no character that is neither letter nor digit is needed
	AllowRepeats   bool // two equal characters in a row are fine
	AllowCommon    bool // passwords that everybody uses are fine
	AllowNames     bool // the username and the e-mail address are fine
}

const (
	defaultMinLength = 12
	mostCharacters   = 255
)

// Validate says what is wrong with the policy. NIST SP 800-63B §3.1.1.2 wants
// at least 8 characters asked for and at least 64 permitted.
func (pp PasswordPolicy) Validate() error {
	pp = pp.withDefaults()
	var all []error
	if pp.MinLength < 8 || pp.MinLength > generatedLength {
		all = append(all, fmt.Errorf("minimum length is %d, want 8 to %d", pp.MinLength, generatedLength))
	}
	if pp.MaxLength < 64 || pp.MaxLength > mostCharacters {
		all = append(all, fmt.Errorf("maximum length is %d, want 64 to %d", pp.MaxLength, mostCharacters))
	}
	return errors.Join(all...)
}

func (pp PasswordPolicy) withDefaults() PasswordPolicy {
	if pp.MinLength == 0 {
		pp.MinLength = defaultMinLength
	}
	if pp.MaxLength == 0 {
		pp.MaxLength = mostCharacters
	}
	return pp
}

// Check says whether the password may be the user's: nil, or
// errors.WeakPassword whose field "password" names every rule that is broken.
// The password is looked at as Passwords hashes it, in normalization form C.
func (pp PasswordPolicy) Check(password, username, email string) error {
	if !utf8.ValidString(password) {
		return weak("must be valid UTF-8")
	}
	broken := pp.withDefaults().broken(norm.NFC.String(password), username, email)
	if len(broken) == 0 {
		return nil
	}
	return weak("must " + strings.Join(broken, ", must "))
}

func weak(reason string) error {
	return errors.WeakPassword.On(map[string]string{"password": reason})
}

// broken lists the rules that the password breaks, always in the same order.
func (pp PasswordPolicy) broken(password, username, email string) []string {
	length := utf8.RuneCountInString(password)
	if length > pp.MaxLength || len(password) > maxPasswordBytes {
		return []string{fmt.Sprintf("have at most %d characters", pp.MaxLength)}
	}
	var broken []string
	for _, rule := range []struct {
		off, kept bool
		want      string
	}{
		{false, length >= pp.MinLength, fmt.Sprintf("have at least %d characters", pp.MinLength)},
		{pp.AllowNoUpper, strings.ContainsFunc(password, unicode.IsUpper), "hold an upper case letter"},
		{pp.AllowNoLower, strings.ContainsFunc(password, unicode.IsLower), "hold a lower case letter"},
		{pp.AllowNoDigit, strings.ContainsFunc(password, unicode.IsDigit), "hold a digit"},
		{pp.AllowNoSpecial, strings.ContainsFunc(password, isSpecial), "hold a character that is neither letter nor digit"},
		{pp.AllowRepeats, !repeats(password), "not hold two equal characters in a row"},
		{pp.AllowCommon, !isCommon(password), "not be a common password, or one with signs added or letters replaced"},
		{pp.AllowNames, !holdsName(password, username, email), "not hold the username or the e-mail address"},
	} {
		if !rule.off && !rule.kept {
			broken = append(broken, rule.want)
		}
	}
	return broken
}

func isSpecial(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

func repeats(s string) bool {
	last := rune(-1)
	for _, r := range s {
		if r == last {
			return true
		}
		last = r
	}
	return false
}

// holdsName looks for the username, the address and its local part. Names of
// one or two characters are in every other password and mean nothing.
func holdsName(password, username, email string) bool {
	local, _, _ := strings.Cut(email, "@")
	password = strings.ToLower(password)
	for _, name := range []string{username, email, local} {
		name = strings.ToLower(norm.NFC.String(name))
		if utf8.RuneCountInString(name) > 2 && strings.Contains(password, name) {
			return true
		}
	}
	return false
}
