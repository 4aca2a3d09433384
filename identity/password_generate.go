package identity

// generatedLength is how many characters GeneratePassword returns, and so the
// longest minimum that a policy may ask for.
const generatedLength = 32

const (
	generatedLetters  = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789" // none that look alike
	generatedSpecials = ",:"                                                        // neither shells, URLs, forms nor names know them
)

// GeneratePassword returns a random password, of over 120 bits, that every
// valid policy accepts for every user: pairs of letters and digits with a sign
// between them, so that no name of three characters can occur in it.
func GeneratePassword() string {
	for {
		password := make([]byte, generatedLength)
		for i := range password {
			if i%3 == 2 {
				password[i] = pick(generatedSpecials)
			} else {
				password[i] = pick(generatedLetters)
			}
		}
		if (PasswordPolicy{}).Check(string(password), "", "") == nil {
			return string(password)
		}
	}
}

// pick returns a character of the alphabet, each as likely as any other: bytes
// past its last multiple are thrown again.
func pick(alphabet string) byte {
	fair := 256 / len(alphabet) * len(alphabet)
	for {
		if b := int(random(1)[0]); b < fair {
			return alphabet[b%len(alphabet)]
		}
	}
}
