package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"gatehouse/errors"
)

const es256Half = 32 // bytes of R and of S in a signature (RFC 7518 §3.4)

var (
	encoding = base64.RawURLEncoding
	errNoKey = errors.New("no key signs with this algorithm")
)

// Sign returns the claims as a signed JWT in its compact form (RFC 7515 §3.1)
// with the header's typ, under the key that is active for alg now.
func (r *Ring) Sign(alg, typ string, claims any) (string, error) {
	k := r.current.Load().signing(alg, r.Now())
	if k == nil {
		return "", fmt.Errorf("sign %s with %q: %w", typ, alg, errNoKey)
	}
	token, err := k.token(typ, claims)
	if err != nil {
		return "", fmt.Errorf("sign %s with %s: %w", typ, alg, err)
	}
	return token, nil
}

// token builds the compact form in one buffer: encoding the header anew for
// each token is half the cost of signing with a library.
func (k *key) token(typ string, claims any) (string, error) {
	header, ok := k.headers[typ]
	if !ok {
		var err error
		if header, err = encodeHeader(k.Algorithm, k.ID, typ); err != nil {
			return "", err
		}
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	token := make([]byte, 0, len(header)+encoding.EncodedLen(len(payload))+encoding.EncodedLen(k.signatureLen())+2)
	token = append(token, header...)
	token = append(token, '.')
	token = encoding.AppendEncode(token, payload)
	digest := sha256.Sum256(token)
	signature, err := k.sign(digest[:])
	if err != nil {
		return "", err
	}
	token = append(token, '.')
	return string(encoding.AppendEncode(token, signature)), nil
}

// sign signs the digest in the form of RFC 7518 §3.3 or §3.4.
func (k *key) sign(digest []byte) ([]byte, error) {
	switch private := k.private.(type) {
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, private, digest)
		if err != nil {
			return nil, err
		}
		signature := make([]byte, 2*es256Half)
		r.FillBytes(signature[:es256Half])
		s.FillBytes(signature[es256Half:])
		return signature, nil
	case *rsa.PrivateKey:
		return rsa.SignPKCS1v15(nil, private, crypto.SHA256, digest)
	default:
		return nil, errWrongKey
	}
}

func (k *key) signatureLen() int {
	if private, ok := k.private.(*rsa.PrivateKey); ok {
		return private.Size()
	}
	return 2 * es256Half
}

// encodeHeader returns the first part of a token.
func encodeHeader(alg, kid, typ string) (string, error) {
	header, err := json.Marshal(struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
		Type      string `json:"typ"`
	}{alg, kid, typ})
	if err != nil {
		return "", err
	}
	return encoding.EncodeToString(header), nil
}
