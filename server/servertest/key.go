package servertest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"testing"
)

// NewPrivateKey makes a key for an algorithm: RS256, PS256, ES256 or EdDSA.
func NewPrivateKey(tb testing.TB, alg string) crypto.Signer {
	tb.Helper()
	var private crypto.Signer
	var err error
	switch alg {
	case "RS256", "PS256":
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ES256":
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "EdDSA":
		_, private, err = ed25519.GenerateKey(rand.Reader)
	default:
		tb.Fatalf("no keys are made for %s", alg)
	}
	if err != nil {
		tb.Fatalf("make a key for %s: %v", alg, err)
	}
	return private
}
