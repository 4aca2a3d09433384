package identity

import (
	"crypto/subtle"
	"fmt"

	"golang.org/x/crypto/scrypt"
)

// parseScrypt reads $scrypt$ln=16,r=8,p=1$salt$key (RFC 7914), where ln is the
// logarithm of N.
func parseScrypt(hash string) (parsedHash, error) {
	f, err := fieldsPHC(hash, 4)
	if err != nil {
		return parsedHash{}, err
	}
	params, err := paramsPHC(f[1], bound{"ln", 1, 20}, bound{"r", 1, 32}, bound{"p", 1, 16})
	if err != nil {
		return parsedHash{}, err
	}
	n, r, p := 1<<params[0], params[1], params[2]
	memory := 128 * r * (n + p)
	if memory > maxHashMemory {
		return parsedHash{}, fmt.Errorf("needs %d bytes, want at most %d", memory, maxHashMemory)
	}
	salt, key, err := saltAndKeyPHC(f[2], f[3])
	if err != nil {
		return parsedHash{}, err
	}
	return parsedHash{
		memory: memory,
		matches: func(password []byte) bool {
			got, err := scrypt.Key(password, salt, n, r, p, len(key))
			return err == nil && subtle.ConstantTimeCompare(got, key) == 1
		},
	}, nil
}
