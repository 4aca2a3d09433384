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
	cost := newArgon2Cost(c.MemoryKiB, c.Iterations, c.Parallelism)
	return argon2.IDKey([]byte(password), salt, cost.iterations, cost.memoryKiB, cost.lanes, keyBytes)
}

// argon2Cost is what a key costs, in the types that package argon2 wants.
type argon2Cost struct {
	memoryKiB, iterations uint32
	lanes                 uint8
}

func newArgon2Cost(memoryKiB, iterations, lanes int) argon2Cost {
	//nolint:gosec // G115: Validate and parseArgon2 have held them to bounds that fit.
	return argon2Cost{uint32(memoryKiB), uint32(iterations), uint8(lanes)}
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
	cost := newArgon2Cost(params[0], params[1], params[2])
	return parsedHash{
		memory: params[0] * 1024,
		matches: func(password []byte) bool {
			//nolint:gosec // G115: a key is at most maxKeyBytes long.
			got := derive(password, salt, cost.iterations, cost.memoryKiB, cost.lanes, uint32(len(key)))
			return subtle.ConstantTimeCompare(got, key) == 1
		},
	}, nil
}
