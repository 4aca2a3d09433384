package bearer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"strings"

	"github.com/go-jose/go-jose/v4/json" // case-sensitive, and refuses a key that is there twice

	"gatehouse/server/keys"
)

const (
	maxLength = 16 << 10 // bytes of a token
	es256Half = 32       // bytes of R and of S in a signature (RFC 7518 §3.4)
)

// encoding is base64url without padding and with no second way to write a text.
// The decoder skips line breaks, which partsOf refuses before.
var encoding = base64.RawURLEncoding.Strict()

// signed is a token in compact form whose signature is right.
type signed struct {
	kid     string
	typ     string // lower case, without "application/" (RFC 7515 §4.1.9)
	payload []byte
}

// openSigned checks the form of the token, then its header, then the signature.
// Everything in the header must be known: there is nothing in it but alg, kid
// and typ, so neither "crit" nor a key that the token brings along can matter,
// and the key alone decides on the algorithm.
func openSigned(ring *keys.Ring, raw string) (signed, error) {
	head, body, tail, ok := partsOf(raw)
	if !ok {
		return signed{}, errShape
	}
	header, ok := parseHeader(head)
	if !ok {
		return signed{}, errHeader
	}
	public, alg, ok := ring.Public(header["kid"])
	if !ok || alg != header["alg"] {
		return signed{}, errKey
	}
	signature, err := encoding.DecodeString(tail)
	if err != nil {
		return signed{}, errShape
	}
	digest := sha256.Sum256([]byte(raw[:len(head)+1+len(body)]))
	if !verify(public, digest[:], signature) {
		return signed{}, errSignature
	}
	payload, err := encoding.DecodeString(body)
	if err != nil {
		return signed{}, errShape
	}
	typ := strings.TrimPrefix(strings.ToLower(header["typ"]), "application/")
	return signed{header["kid"], typ, payload}, nil
}

// partsOf parts a token of printable base64url and no more than two dots.
func partsOf(raw string) (head, body, tail string, ok bool) {
	if len(raw) > maxLength {
		return "", "", "", false
	}
	dots := 0
	for i := range len(raw) {
		switch c := raw[i]; {
		case c == '.':
			dots++
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return "", "", "", false
		}
	}
	if dots != 2 {
		return "", "", "", false
	}
	head, rest, _ := strings.Cut(raw, ".")
	body, tail, _ = strings.Cut(rest, ".")
	return head, body, tail, true
}

// parseHeader returns the header's alg, kid and typ, when it has these alone.
func parseHeader(head string) (map[string]string, bool) {
	text, err := encoding.DecodeString(head)
	if err != nil {
		return nil, false
	}
	var header map[string]string
	if err := json.Unmarshal(text, &header); err != nil || len(header) != 3 {
		return nil, false
	}
	for _, name := range []string{"alg", "kid", "typ"} {
		if header[name] == "" {
			return nil, false
		}
	}
	return header, true
}

// verify checks a signature in the form of RFC 7518 §3.3 or §3.4.
func verify(public crypto.PublicKey, digest, signature []byte) bool {
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		if len(signature) != 2*es256Half {
			return false
		}
		r := new(big.Int).SetBytes(signature[:es256Half])
		s := new(big.Int).SetBytes(signature[es256Half:])
		return ecdsa.Verify(key, digest, r, s)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest, signature) == nil
	default:
		return false
	}
}
