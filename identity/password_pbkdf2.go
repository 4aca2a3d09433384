package identity

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"hash"
	"strings"
)

const maxPBKDF2Iterations = 4_000_000 // a second or two

// parsePBKDF2 reads $pbkdf2-sha256$i=600000,l=32$salt$key and the older form
// without names, $pbkdf2-sha256$600000$salt$key, which writes '.' for '+'.
func parsePBKDF2(text string) (parsedHash, error) {
	f, err := fieldsPHC(text, 4)
	if err != nil {
		return parsedHash{}, err
	}
	params := f[1]
	if !strings.Contains(params, "=") {
		params = "i=" + params
		f[2], f[3] = strings.ReplaceAll(f[2], ".", "+"), strings.ReplaceAll(f[3], ".", "+")
	}
	salt, key, err := saltAndKeyPHC(f[2], f[3])
	if err != nil {
		return parsedHash{}, err
	}
	bounds := []bound{{"i", 1, maxPBKDF2Iterations}}
	if strings.Contains(params, ",") {
		bounds = append(bounds, bound{"l", len(key), len(key)})
	}
	values, err := paramsPHC(params, bounds...)
	if err != nil {
		return parsedHash{}, err
	}
	digest := sha256.New
	if f[0] == "pbkdf2-sha512" {
		digest = sha512.New
	}
	return parsedHash{matches: matchPBKDF2(digest, salt, key, values[0])}, nil
}

func matchPBKDF2(digest func() hash.Hash, salt, key []byte, iterations int) func([]byte) bool {
	return func(password []byte) bool {
		got, err := pbkdf2.Key(digest, string(password), salt, iterations, len(key))
		return err == nil && subtle.ConstantTimeCompare(got, key) == 1
	}
}
