package clientkeys_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"slices"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/errors"
	"gatehouse/server/clientkeys"
)

func is(err, target error) bool { return errors.Is(err, target) }

func TestEveryAlgorithm(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, alg := range clientkeys.Algorithms() {
		t.Run(alg, func(t *testing.T) {
			t.Parallel()
			p, other := newPair(t, alg, "k"), newPair(t, alg, "k")
			app := with(jwks(p.public()))
			app.ID = alg
			good := p.sign(t)
			f.verify(t, app, good, nil)
			f.verify(t, app, other.sign(t), clientkeys.ErrSignature)
			for i := range good.Bytes {
				if i%29 > 0 {
					continue
				}
				forged := good
				forged.Bytes = slices.Clone(good.Bytes)
				forged.Bytes[i] ^= 1
				f.verify(t, app, forged, clientkeys.ErrSignature)
			}
			forged := good
			forged.Input += "x"
			f.verify(t, app, forged, clientkeys.ErrSignature)
			forged = good
			for _, forged.Bytes = range [][]byte{nil, {}, good.Bytes[1:], append(slices.Clone(good.Bytes), 0), make([]byte, len(good.Bytes))} {
				f.verify(t, app, forged, clientkeys.ErrSignature)
			}
		})
	}
}

// A key says what it is for, and the header cannot say otherwise.
func TestOneAlgorithmPerKey(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	rs, es := newPair(t, "RS256", "r"), newPair(t, "ES256", "e")
	both := with(jwks(rs.public(), es.public()))
	f.verify(t, both, rs.sign(t), nil)
	pss := rs
	pss.alg = "PS256"
	f.verify(t, both, pss.sign(t), nil)
	for _, alg := range []string{"none", "None", "", "HS256", "HS512", "RS1", "RS384", "ES384", "ES256K", "rs256", "EdDSA ", "A128KW"} {
		s := rs.sign(t)
		s.Algorithm = alg
		f.verify(t, both, s, clientkeys.ErrAlgorithm)
	}
	s := rs.sign(t)
	s.Algorithm = "ES256"
	f.verify(t, both, s, clientkeys.ErrNoKey)
	s = es.sign(t)
	s.KeyID = "r"
	f.verify(t, both, s, clientkeys.ErrNoKey)

	named := with(jwks(rs.public("alg", "RS256")))
	f.verify(t, named, rs.sign(t), nil)
	f.verify(t, named, pss.sign(t), clientkeys.ErrNoKey)
}

func TestWithoutAnyKey(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := newPair(t, "ES256", "k").sign(t)
	f.verify(t, nil, s, clientkeys.ErrNoKey)
	f.verify(t, with(""), s, clientkeys.ErrNoKey)
	f.verify(t, with(jwks()), s, clientkeys.ErrNoKey)
	f.verify(t, with("nonsense"), s, clientkeys.ErrNoKey)
}

func TestKeyIDs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	one, two := newPair(t, "ES256", "one"), newPair(t, "ES256", "two")
	nameless := two.sign(t)
	nameless.KeyID = ""
	t.Run("a kid tells which", func(t *testing.T) {
		app := with(jwks(one.public(), two.public()))
		f.verify(t, app, one.sign(t), nil)
		f.verify(t, app, two.sign(t), nil)
		s := one.sign(t)
		for _, s.KeyID = range []string{"three", "ONE", "one ", "../one", "one\x00", "' OR 1=1"} {
			f.verify(t, app, s, clientkeys.ErrNoKey)
		}
		s.KeyID = "two"
		f.verify(t, app, s, clientkeys.ErrSignature)
	})
	t.Run("without one there is no choice", func(t *testing.T) {
		f.verify(t, with(jwks(two.public())), nameless, nil)
		f.verify(t, with(jwks(one.public(), two.public())), nameless, clientkeys.ErrSeveral)
		f.verify(t, with(jwks(newPair(t, "EdDSA", "x").public(), two.public())), nameless, nil)
	})
	t.Run("two of one kid are ambiguous", func(t *testing.T) {
		again := one
		again.kid = "two"
		f.verify(t, with(jwks(again.public(), two.public())), two.sign(t), clientkeys.ErrSeveral)
	})
}

func TestKeysOfNoUse(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	p := newPair(t, "ES256", "k")
	signing := p.public()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	long, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	one := newPair(t, "RS256", "k")
	withOperations := func(operations ...string) map[string]any {
		jwk := p.public()
		jwk["key_ops"] = append([]string{}, operations...)
		return jwk
	}
	withExponent := one.public("e", "AQ")
	raw, _ := jose.JSONWebKey{Key: p.private, KeyID: "k"}.MarshalJSON()
	var private map[string]any
	_ = json.Unmarshal(raw, &private)
	for name, tt := range map[string]struct {
		key map[string]any
		alg string
		ok  bool
	}{
		"for signatures":     {p.public("use", "sig"), "ES256", true},
		"to verify":          {withOperations("verify"), "ES256", true},
		"for encryption":     {p.public("use", "enc"), "ES256", false},
		"to sign":            {withOperations("sign"), "ES256", false},
		"for nothing":        {withOperations(), "ES256", false},
		"private":            {private, "ES256", false},
		"off the curve":      {p.public("x", signing["y"].(string)), "ES256", false},
		"a secret":           {map[string]any{"kty": "oct", "k": "c2VjcmV0", "kid": "k"}, "ES256", false},
		"RSA of 1024 bits":   {pair{"RS256", "k", short}.public(), "RS256", false},
		"RSA of exponent 1":  {withExponent, "RS256", false},
		"another curve":      {pair{"ES384", "k", long}.public(), "ES256", false},
		"of a kind to come":  {map[string]any{"kty": "future", "kid": "k"}, "ES256", false},
		"a kid of no text":   {map[string]any{"kty": "EC", "crv": "P-256", "x": signing["x"], "y": signing["y"], "kid": 1}, "ES256", false},
		"a use of no text":   {map[string]any{"kty": "EC", "crv": "P-256", "x": signing["x"], "y": signing["y"], "kid": "k", "use": 1}, "ES256", false},
		"without coordinate": {map[string]any{"kty": "EC", "crv": "P-256", "x": signing["x"], "kid": "k"}, "ES256", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := p.sign(t)
			if tt.alg == "RS256" {
				s = one.sign(t)
			}
			want := clientkeys.ErrNoKey
			if tt.ok {
				want = nil
			}
			f.verify(t, with(jwks(tt.key)), s, want)
			// It does not spoil those beside it.
			if good := newPair(t, "EdDSA", "good"); !tt.ok {
				f.verify(t, with(jwks(tt.key, good.public())), good.sign(t), nil)
			}
		})
	}
}

// A change of the keys that are registered counts at once, in both directions.
func TestRegisteredAnew(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	old, fresh := newPair(t, "ES256", "old"), newPair(t, "ES256", "new")
	f.verify(t, with(jwks(old.public())), old.sign(t), nil)
	f.verify(t, with(jwks(fresh.public())), old.sign(t), clientkeys.ErrNoKey)
	f.verify(t, with(jwks(fresh.public())), fresh.sign(t), nil)
	s := newSite(t, jwks(old.public()))
	f.verify(t, at(s.URL), fresh.sign(t), clientkeys.ErrNoKey)
	f.verify(t, at(s.URL), old.sign(t), nil)
	f.verify(t, with(jwks(fresh.public())), old.sign(t), clientkeys.ErrNoKey)
}
