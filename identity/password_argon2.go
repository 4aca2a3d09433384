package identity

import (
	"crypto/subtle"
	"fmt"

	"golang.org/x/crypto/argon2"
)

const (
	maxArgon2Iterations = 32
	maxArgon2Lanes      = 16
)

func argon2idPrefix(c PasswordConfig) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, c.MemoryKiB, c.Iterations, c.Parallelism)
}

func argon2idKey(c PasswordConfig, password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, uint32(c.Iterations), uint32(c.MemoryKiB), uint8(c.Parallelism), keyBytes)
}

// parseArgon2 reads $argon2id$v=19$m=19456,t=2,p=1$salt$key, and argon2i in the
// same form (RFC 9106).
func parseArgon2(hash string) (parsedHash, error) {
	f, err := fieldsPHC(hash, 5)
	if err != nil {
		return parsedHash{}, err
	}
	if _, err := paramsPHC(f[1], bound{"v", argon2.Version, argon2.Version}); err != nil {
		return parsedHash{}, err
	}
	params, err := paramsPHC(f[2],
		bound{"m", 8, maxHashMemory / 1024}, bound{"t", 1, maxArgon2Iterations}, bound{"p", 1, maxArgon2Lanes})
	if err != nil {
		return parsedHash{}, err
	}
	salt, key, err := saltAndKeyPHC(f[3], f[4])
	if err != nil {
		return parsedHash{}, err
	}
	derive := argon2.IDKey
	if f[0] == "argon2i" {
		derive = argon2.Key
	}
	memory, iterations, lanes := uint32(params[0]), uint32(params[1]), uint8(params[2])
	return parsedHash{
		memory: params[0] * 1024,
		matches: func(password []byte) bool {
			got := derive(password, salt, iterations, memory, lanes, uint32(len(key)))
			return subtle.ConstantTimeCompare(got, key) == 1
		},
	}, nil
}
