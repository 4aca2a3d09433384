package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/errors"
	"gatehouse/storage"
)

// The algorithms that there is a signing key for (RFC 7518 §3.1).
const (
	ES256 = "ES256"
	RS256 = "RS256"
)

const (
	keyPurpose = "signing key"
	rsaBits    = 2048
)

var (
	errWrongKey     = errors.New("the private key does not fit its id or algorithm")
	errNotAlgorithm = errors.New("not an algorithm that tokens are signed with")
)

// algorithms returns all of them.
func algorithms() []string { return []string{ES256, RS256} }

// key is a stored key that was opened.
type key struct {
	storage.Key
	private crypto.Signer
	headers map[string]string // typ to the encoded header of a token
}

// generate makes a private key.
func generate(alg string) (crypto.Signer, error) {
	switch alg {
	case ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case RS256:
		return rsa.GenerateKey(rand.Reader, rsaBits)
	default:
		return nil, fmt.Errorf("%q: %w", alg, errNotAlgorithm)
	}
}

// seal returns the key as it is stored, without its times.
func seal(m *Master, alg string, private crypto.Signer) (storage.Key, error) {
	id, err := thumbprint(private.Public())
	if err != nil {
		return storage.Key{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return storage.Key{}, err
	}
	sealed, err := m.Seal(keyPurpose, der)
	if err != nil {
		return storage.Key{}, err
	}
	return storage.Key{ID: id, Algorithm: alg, Sealed: sealed}, nil
}

// open undoes seal. It holds the key to its id and algorithm.
func open(m *Master, stored storage.Key) (*key, error) {
	der, err := m.Open(keyPurpose, stored.Sealed)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errWrongKey // err may describe the key
	}
	private, ok := parsed.(crypto.Signer)
	if !ok || !fits(private, stored.Algorithm) {
		return nil, errWrongKey
	}
	if id, err := thumbprint(private.Public()); err != nil || id != stored.ID {
		return nil, errWrongKey
	}
	k := &key{Key: stored, private: private, headers: map[string]string{}}
	for _, typ := range []string{TypAccessToken, TypIDToken} {
		if k.headers[typ], err = encodeHeader(stored.Algorithm, stored.ID, typ); err != nil {
			return nil, err
		}
	}
	return k, nil
}

func fits(private crypto.Signer, alg string) bool {
	switch p := private.(type) {
	case *ecdsa.PrivateKey:
		return alg == ES256 && p.Curve == elliptic.P256()
	case *rsa.PrivateKey:
		return alg == RS256
	default:
		return false
	}
}

// jwk is the public half, as the JWKS shows it (RFC 7517).
func (k *key) jwk() jose.JSONWebKey {
	return jose.JSONWebKey{Key: k.private.Public(), KeyID: k.ID, Algorithm: k.Algorithm, Use: "sig"}
}

// thumbprint is the kid of a public key (RFC 7638).
func thumbprint(public crypto.PublicKey) (string, error) {
	sum, err := (&jose.JSONWebKey{Key: public}).Thumbprint(crypto.SHA256)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sum), nil
}

// retired says whether the key has stopped signing at the given time.
func retired(k storage.Key, at time.Time) bool {
	return !k.RetiredAt.IsZero() && !at.Before(k.RetiredAt)
}

// expired says whether the key has left the JWKS at the given time.
func expired(k storage.Key, at time.Time) bool {
	return !k.ExpiresAt.IsZero() && !at.Before(k.ExpiresAt)
}

func ids(stored []storage.Key) []string {
	list := make([]string, 0, len(stored))
	for _, k := range stored {
		list = append(list, k.ID)
	}
	return list
}
