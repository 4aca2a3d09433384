package identity

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"gatehouse/errors"
)

// maxHashMemory and the bounds beside each scheme keep a hash that was brought
// in from elsewhere from exhausting the machine: it is refused unread.
const maxHashMemory = 256 << 20 // bytes

const (
	maxSaltBytes = 256
	minKeyBytes  = 16
	maxKeyBytes  = 128
)

// parsedHash is a hash that can be compared with passwords.
type parsedHash struct {
	memory  int // bytes that comparing allocates
	matches func(password []byte) bool
}

// schemes are the hashes that can be verified, by what they begin with. Only
// the first is ever made; those of other systems are replaced at a sign-in.
var schemes = []struct {
	prefix string
	parse  func(hash string) (parsedHash, error)
}{
	{"$argon2id$", parseArgon2},
	{"$argon2i$", parseArgon2},
	{"$2a$", parseBcrypt},
	{"$2b$", parseBcrypt},
	{"$2y$", parseBcrypt},
	{"$pbkdf2-sha256$", parsePBKDF2},
	{"$pbkdf2-sha512$", parsePBKDF2},
	{"$scrypt$", parseScrypt},
}

var errHash = errors.New("password hash is malformed")

// parseHash reads a hash of any scheme. Its errors do not repeat the hash.
func parseHash(hash string) (parsedHash, error) {
	for _, s := range schemes {
		if !strings.HasPrefix(hash, s.prefix) {
			continue
		}
		parsed, err := s.parse(hash)
		if err != nil {
			return parsedHash{}, fmt.Errorf("parse %s: %w", strings.Trim(s.prefix, "$"), err)
		}
		return parsed, nil
	}
	return parsedHash{}, errors.New("password hash is of an unknown scheme")
}

// CheckPasswordHash returns errors.UnusablePasswordHash, which does not repeat
// the hash, unless passwords can be verified against it.
func CheckPasswordHash(hash string) error {
	if _, err := parseHash(hash); err != nil {
		return errors.UnusablePasswordHash.On(map[string]string{"passwordHash": "cannot be verified: " + err.Error()})
	}
	return nil
}

// fieldsPHC splits $a$b$c into its fields and wants so many of them.
func fieldsPHC(hash string, n int) ([]string, error) {
	fields := strings.Split(hash, "$")[1:]
	if len(fields) != n {
		return nil, errHash
	}
	return fields, nil
}

// bound is a parameter of a scheme and the values that are put up with.
type bound struct {
	name        string
	least, most int
}

// paramsPHC reads "m=19456,t=2,p=1": just these names, in this order.
func paramsPHC(s string, bounds ...bound) ([]int, error) {
	parts := strings.Split(s, ",")
	if len(parts) != len(bounds) {
		return nil, errHash
	}
	values := make([]int, len(bounds))
	for i, b := range bounds {
		text, ok := strings.CutPrefix(parts[i], b.name+"=")
		if !ok {
			return nil, errHash
		}
		v, err := strconv.Atoi(text)
		if err != nil {
			return nil, errHash
		}
		if v < b.least || v > b.most {
			return nil, fmt.Errorf("%s is %d, want %d to %d", b.name, v, b.least, b.most)
		}
		values[i] = v
	}
	return values, nil
}

// saltAndKeyPHC decodes a hash's last two fields.
func saltAndKeyPHC(saltText, keyText string) (salt, key []byte, err error) {
	salt, err = base64.RawStdEncoding.DecodeString(saltText)
	if err != nil || len(salt) > maxSaltBytes {
		return nil, nil, errHash
	}
	key, err = base64.RawStdEncoding.DecodeString(keyText)
	if err != nil || len(key) < minKeyBytes || len(key) > maxKeyBytes {
		return nil, nil, errHash
	}
	return salt, key, nil
}

func encodePHC(prefix string, salt, key []byte) string {
	return prefix + base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(key)
}
