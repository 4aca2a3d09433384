package identity

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// commonText lists what people choose most, sorted, in lower case, a line each.
//
//go:embed password_common.txt
var commonText string

// commonPasswords is the list, made when a password is checked for the first time.
var commonPasswords = sync.OnceValue(func() []string { return strings.Fields(commonText) })

// leet are the letters that signs stand for; '1' is an l where it is no i.
var leet = map[rune]rune{
	'0': 'o', '1': 'i', '2': 'z', '3': 'e', '4': 'a', '5': 's', '6': 'g', '7': 't', '8': 'b', '9': 'g',
	'@': 'a', '$': 's', '!': 'i', '|': 'l', '+': 't', '(': 'c', '€': 'e', '£': 'l',
}

// isCommon says whether the password is on the list, whatever its case, with
// digits and signs before and after it left out, and with letters put back for
// the signs that stand for them: "P@ssw0rd2024!" is "password".
func isCommon(password string) bool {
	runes := []rune(strings.ToLower(password))
	first, last := core(runes)
	for end := last; end <= len(runes); end++ {
		for _, start := range []int{0, first} {
			if listed(runes[start:end]) {
				return true
			}
		}
	}
	return false
}

// core finds the first letter and the end of the last one, or all of it when
// there are none.
func core(runes []rune) (first, end int) {
	first = slices.IndexFunc(runes, unicode.IsLetter)
	if first < 0 {
		return 0, len(runes)
	}
	for end = len(runes); !unicode.IsLetter(runes[end-1]); {
		end--
	}
	return first, end
}

// listed looks a word up, and once more with its signs read as letters. A word
// written twice is the word.
func listed(word []rune) bool {
	if n := len(word) / 2; n > 0 && len(word)%2 == 0 && slices.Equal(word[:n], word[n:]) {
		word = word[:n]
	}
	for _, one := range []rune{0, 'i', 'l'} {
		text := strings.Map(func(r rune) rune { return unleet(r, one) }, string(word))
		if _, found := slices.BinarySearch(commonPasswords(), text); found {
			return true
		}
	}
	return false
}

// unleet returns the letter that a sign stands for, where one is what '1' and
// '!' stand for, and zero leaves everything as it is.
func unleet(r, one rune) rune {
	letter, ok := leet[r]
	switch {
	case !ok || one == 0:
		return r
	case letter == 'i':
		return one
	}
	return letter
}
