package keys_test

import (
	"encoding/json"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"gatehouse/server/bearer"
	"gatehouse/server/keys"
	"gatehouse/server/servertest"
)

func TestSign(t *testing.T) {
	t.Parallel()
	r := open(t, seeded(t), servertest.ClockAt(start), keys.Config{}, oldSecret)
	for _, alg := range []string{keys.ES256, keys.RS256} {
		for _, typ := range []string{keys.TypAccessToken, keys.TypIDToken, "logout+jwt"} {
			t.Run(alg+" "+typ, func(t *testing.T) {
				t.Parallel()
				token := must(r.Sign(alg, typ, claims()))(t)
				header, payload := verify(t, r, token)
				if header.Algorithm != alg || header.ExtraHeaders["typ"] != typ {
					t.Errorf("header says %s, %v", header.Algorithm, header.ExtraHeaders)
				}
				var got bearer.Claims
				if err := json.Unmarshal(payload, &got); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(claims(), got); diff != "" {
					t.Errorf("claims (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	r := open(t, seeded(t), servertest.ClockAt(start), keys.Config{}, oldSecret)
	for _, alg := range []string{"", "none", "HS256", "ES384", "es256"} {
		if token, err := r.Sign(alg, keys.TypIDToken, claims()); err == nil {
			t.Errorf("Sign(%q) = %s", alg, token)
		}
	}
	if token, err := r.Sign(keys.ES256, keys.TypIDToken, func() {}); err == nil {
		t.Errorf("Sign of claims that are no JSON = %s", token)
	}
}

func BenchmarkSign(b *testing.B) {
	r := open(b, seeded(b), servertest.ClockAt(start), keys.Config{}, oldSecret)
	for _, alg := range []string{keys.ES256, keys.RS256} {
		b.Run(alg, func(b *testing.B) {
			b.ReportAllocs()
			c := claims()
			for b.Loop() {
				if _, err := r.Sign(alg, keys.TypAccessToken, &c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func claims() bearer.Claims {
	return bearer.Claims{
		Issuer: "https://auth.example.com", Audience: []string{"0123456789abcdef0123"},
		ExpiresAt: start.Unix() + 3600, IssuedAt: start.Unix(), NotBefore: start.Unix(),
		ID: "AZq3TdvkfMqSZeUSMvmXYgECAwQFBgcICQoLDA0ODxA", Subject: "019ab74d-dbe4-7cca-9265-e51232f99762",
		ClientID: "0123456789abcdef0123", AuthorizedParty: "0123456789abcdef0123", Scope: "openid profile email",
		Type: bearer.TypeUser, Owner: "lerian", Name: "ada", DisplayName: "Ada <Lovelace> & Söhne",
		SessionID: "019ab74d-dbe4-7cca-9265-e51232f99762", AuthTime: start.Unix(), AMR: []string{"pwd"},
	}
}

func sign(t testing.TB, r *keys.Ring, alg string) string {
	t.Helper()
	return must(r.Sign(alg, keys.TypAccessToken, claims()))(t)
}

// verify checks a token by the JWKS, with a library that had no part in making it.
func verify(t testing.TB, r *keys.Ring, token string) (jose.Header, []byte) {
	t.Helper()
	jws := must(jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256, jose.RS256}))(t)
	payload := must(jws.Verify(jwks(t, r)))(t)
	return jws.Signatures[0].Protected, payload
}
