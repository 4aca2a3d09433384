package clientkeys_test

import (
	"testing"

	"gatehouse/identity"
	"gatehouse/server/clientkeys"
)

// FuzzSet holds that no set of keys, whatever it looks like, takes the signature of a
// key that is not in it, or breaks anything.
func FuzzSet(f *testing.F) {
	fixture, signed := newFixture(f), newPair(f, "ES256", "").sign(f)
	other := newPair(f, "ES256", "k")
	for _, text := range []string{
		"", "{}", `{"keys":[]}`, `{"keys":[{}]}`, `{"keys":[null]}`, `{"keys":[{"kty":"EC"}]}`, jwks(other.public()), jwks(other.public("use", "enc")),
		`{"keys":[{"kty":"RSA","n":"AA","e":"AQAB"}]}`, `{"keys":[{"kty":"EC","crv":"P-256","x":"","y":""}]}`, `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}`,
		`{"keys":[{"kty":"oct","k":"AA"}]}`, jwks(other.public("x5c", "AA")), `{"keys":[{"kty":"EC","x5c":["AA"]}]}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, alg := range clientkeys.Algorithms() {
			signed.Algorithm = alg
			if err := fixture.Verify(t.Context(), &identity.Application{ID: "a", JWKS: text}, signed); err == nil {
				t.Errorf("Verify() by %q = nil", text)
			}
		}
	})
}
