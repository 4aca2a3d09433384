package identity

import (
	"fmt"

	"golang.org/x/crypto/bcrypt"
)

const maxBcryptCost = 15 // two or three seconds

// parseBcrypt reads $2b$10$ followed by salt and key in bcrypt's own base64.
// bcrypt looks at the first 72 bytes of a password only.
func parseBcrypt(hash string) (parsedHash, error) {
	cost, err := bcrypt.Cost([]byte(hash))
	if err != nil || len(hash) != 60 {
		return parsedHash{}, errHash
	}
	if cost > maxBcryptCost {
		return parsedHash{}, fmt.Errorf("cost is %d, want at most %d", cost, maxBcryptCost)
	}
	return parsedHash{matches: func(password []byte) bool {
		return bcrypt.CompareHashAndPassword([]byte(hash), password) == nil
	}}, nil
}
