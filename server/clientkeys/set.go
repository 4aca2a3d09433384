package clientkeys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json" // case-sensitive, and refuses a member that is there twice

	"gatehouse/errors"
)

// leastRSA is the size in bits of an RSA key (RFC 7518 §3.3).
const leastRSA = 2048

var errNoSet = errors.New("not a JWK Set")

// key is a public key for signatures.
type key struct {
	id     string // kid; empty: it has none
	alg    string // the one algorithm that it is for; empty: all that fit
	public crypto.PublicKey
}

// set is the keys of an application that can be used.
type set []key

// parse reads a JWK Set (RFC 7517 §5). Keys that are of no use here are passed over,
// as it bids.
func parse(text []byte) (set, error) {
	var document struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &document); err != nil || document.Keys == nil {
		return nil, errNoSet
	}
	keys := make(set, 0, len(document.Keys))
	for _, text := range document.Keys {
		if one, ok := parseKey(text); ok {
			keys = append(keys, one)
		}
	}
	return keys, nil
}

// parseKey reads a key, if it is a public one that signatures may be checked with
// (RFC 7517 §4.2, §4.3).
func parseKey(text []byte) (key, bool) {
	var meant struct {
		Use        string   `json:"use"`
		Operations []string `json:"key_ops"`
	}
	if err := json.Unmarshal(text, &meant); err != nil {
		return key{}, false
	}
	if meant.Use != "" && meant.Use != "sig" || meant.Operations != nil && !slices.Contains(meant.Operations, "verify") {
		return key{}, false
	}
	var one jose.JSONWebKey
	if err := one.UnmarshalJSON(text); err != nil || !strong(one.Key) {
		return key{}, false
	}
	return key{one.KeyID, one.Algorithm, one.Key}, true
}

// strong says whether a key is public, of a kind that we know, and long enough.
func strong(public any) bool {
	switch public := public.(type) {
	case *rsa.PublicKey:
		return public.N.BitLen() >= leastRSA
	case *ecdsa.PublicKey:
		return public.Curve == elliptic.P256()
	case ed25519.PublicKey:
		return true
	}
	return false
}

// pick returns the one key of a kid for an algorithm. Without a kid it is the one
// that there is: where there are several, a kid has to tell which (OpenID Connect
// Core §10.1).
func (s set) pick(alg, kid string) (crypto.PublicKey, error) {
	var found []key
	for _, k := range s {
		if fits(k.public, alg) && (k.alg == "" || k.alg == alg) && (kid == "" || k.id == kid) {
			found = append(found, k)
		}
	}
	switch len(found) {
	case 0:
		return nil, ErrNoKey
	case 1:
		return found[0].public, nil
	}
	return nil, ErrSeveral
}
