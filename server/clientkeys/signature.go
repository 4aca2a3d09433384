package clientkeys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"math/big"

	"github.com/go-jose/go-jose/v4"
)

const es256Half = 32 // bytes of R and of S in a signature (RFC 7518 §3.4)

// Algorithms are those that applications may sign with (RFC 7518 §3.1, RFC 8037
// §3.1): none with a secret, and not none.
func Algorithms() []string {
	return []string{string(jose.RS256), string(jose.PS256), string(jose.ES256), string(jose.EdDSA)}
}

// fits says whether a key is one for the algorithm.
func fits(public crypto.PublicKey, alg string) bool {
	switch public.(type) {
	case *rsa.PublicKey:
		return alg == string(jose.RS256) || alg == string(jose.PS256)
	case *ecdsa.PublicKey:
		return alg == string(jose.ES256)
	case ed25519.PublicKey:
		return alg == string(jose.EdDSA)
	}
	return false
}

// verify checks a signature by a key that fits.
func verify(public crypto.PublicKey, s Signature) bool {
	digest := sha256.Sum256([]byte(s.Input))
	switch key := public.(type) {
	case *rsa.PublicKey:
		if s.Algorithm == string(jose.PS256) { // RFC 7518 §3.5
			return rsa.VerifyPSS(key, crypto.SHA256, digest[:], s.Bytes, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
		}
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], s.Bytes) == nil
	case *ecdsa.PublicKey:
		if len(s.Bytes) != 2*es256Half {
			return false
		}
		r, half := new(big.Int).SetBytes(s.Bytes[:es256Half]), new(big.Int).SetBytes(s.Bytes[es256Half:])
		return ecdsa.Verify(key, digest[:], r, half)
	case ed25519.PublicKey:
		return ed25519.Verify(key, []byte(s.Input), s.Bytes)
	}
	return false
}

// newDecoys makes keys that nobody signs with, one for each algorithm. That of RSA
// is no product of primes, which takes long to find, but as long as one.
func newDecoys() (map[string]crypto.PublicKey, error) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("decoy: %w", err)
	}
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("decoy: %w", err)
	}
	one := big.NewInt(1)
	modulus := &rsa.PublicKey{N: new(big.Int).Sub(new(big.Int).Lsh(one, leastRSA), one), E: 65537}
	return map[string]crypto.PublicKey{
		string(jose.RS256): modulus,
		string(jose.PS256): modulus,
		string(jose.ES256): curve.Public(),
		string(jose.EdDSA): edwards,
	}, nil
}
