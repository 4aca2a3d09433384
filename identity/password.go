package identity

import (
	"context"
	"crypto/rand"
	"strings"

	"golang.org/x/text/unicode/norm"
)

const (
	saltBytes = 16
	keyBytes  = 32

	// maxPasswordBytes holds 255 characters of any script. What is longer was
	// never set, and is not worth normalising.
	maxPasswordBytes = 1024
)

// Passwords hashes passwords with Argon2id and verifies them against its own
// hashes and those of other systems. A bounded number of hashes run at once and
// a bounded number of callers wait for their turn, first come first served.
//
// Passwords are compared in Unicode normalization form C, as RFC 8265 §4.2
// bids, so that it does not matter how a keyboard composes its accents. They
// are otherwise taken as they are: any character counts, NUL too.
type Passwords struct {
	config PasswordConfig
	prefix string // how the hashes made today begin
	nobody string // a hash that no password has
	slots  *slots
}

// NewPasswords returns Passwords for a configuration that is valid.
func NewPasswords(config PasswordConfig) *Passwords {
	config = config.withDefaults()
	prefix := argon2idPrefix(config)
	return &Passwords{
		config: config,
		prefix: prefix,
		nobody: encodePHC(prefix, random(saltBytes), random(keyBytes)),
		slots:  newSlots(config),
	}
}

// Hash returns the password's Argon2id hash as a PHC string. It returns
// errors.WeakPassword when the password is longer than any policy allows, and
// errors.Unavailable when the queue is full or ctx ends before its turn.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if len(password) > maxPasswordBytes {
		return "", weak("is too long")
	}
	var hash string
	err := p.slots.run(ctx, p.config.MemoryKiB*1024, func() {
		salt := random(saltBytes)
		hash = encodePHC(p.prefix, salt, argon2idKey(p.config, norm.NFC.String(password), salt))
	})
	return hash, err
}

// Verify says whether the hash is the password's, and whether it is stale: made
// by another scheme or with other parameters than Hash would use today, so that
// the caller should replace it. An empty hash is nobody's: the answer is no,
// after as long as a wrong password takes. It returns errors.Unavailable when
// the queue is full or ctx ends before its turn, and an error of its own when
// the hash is one that it cannot read.
func (p *Passwords) Verify(ctx context.Context, hash, password string) (ok, stale bool, err error) {
	if hash == "" || len(password) > maxPasswordBytes {
		hash, password = p.nobody, password[:min(len(password), maxPasswordBytes)]
	}
	parsed, err := parseHash(hash)
	if err != nil {
		return false, false, err
	}
	err = p.slots.run(ctx, parsed.memory, func() {
		ok, stale = p.compare(hash, parsed, password)
	})
	return ok, ok && stale, err
}

// compare tries the password normalised, and for a hash that was not made here
// also as it was typed: the other system may not have normalised it.
func (p *Passwords) compare(hash string, parsed parsedHash, password string) (ok, stale bool) {
	normal := norm.NFC.String(password)
	ok = parsed.matches([]byte(normal))
	if strings.HasPrefix(hash, p.prefix) {
		return ok, false
	}
	if !ok && normal != password {
		ok = parsed.matches([]byte(password))
	}
	return ok, true
}

// Waiting is how many callers wait for their turn.
func (p *Passwords) Waiting() int { return int(p.slots.waiting.Load()) }

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: see crypto/rand
	return b
}
