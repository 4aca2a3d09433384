package client_test

import (
	"errors"
	"strings"
	"testing"

	"gatehouse/client"
)

// FuzzVerify signs any header and any payload by the right key, and changes tokens in
// any other way: what verifies has the subject and the issuer that were signed, and
// what does not is ErrTokenInvalid.
func FuzzVerify(f *testing.F) {
	is := newIssuer(f)
	c := is.client(f)
	access := `{"alg":"ES256","kid":"k1","typ":"at+jwt"}`
	payload := marshal(f, is.claims())
	f.Add(access, payload, "")
	f.Add(access, payload, ".")
	f.Add(`{"alg":"none","kid":"k1","typ":"at+jwt"}`, payload, "")
	f.Add(`{"alg":"ES256","kid":"k1","typ":"at+jwt","crit":["b64"],"b64":false}`, payload, "")
	f.Add(`{"alg":"ES256","kid":"k1","kid":"k2","typ":"at+jwt"}`, payload, "")
	f.Add(access, strings.Replace(payload, "{", `{"aud":{},"aud":7,`, 1), "")
	f.Add(access, `{"iss":null,"exp":-1}`, "=")
	f.Fuzz(func(t *testing.T, header, payload, tail string) {
		raw := signText(t, is.key, header, payload) + tail
		token, err := c.Verify(t.Context(), raw)
		switch {
		case err != nil && (token != nil || !errors.Is(err, client.ErrTokenInvalid)):
			t.Errorf("Verify(%q) = %v, %v; want a token or ErrTokenInvalid", raw, token, err)
		case err == nil && (tail != "" || !strings.Contains(payload, is.URL[len("http://"):]) || token.Subject == "" || token.ClientID == ""):
			t.Errorf("Verify took header %q, payload %q, tail %q", header, payload, tail)
		}
	})
}

// FuzzKeySet reads any key set: whatever it is, no token verifies that another key
// than the issuer's has signed.
func FuzzKeySet(f *testing.F) {
	is := newIssuer(f)
	raw := is.by(f, newKey(f), "k1")
	k1 := marshal(f, public(is.key, "k1"))
	f.Add(`{"keys":[` + k1 + `]}`)
	f.Add(`{"keys":[` + k1 + `,` + k1 + `]}`)
	f.Add(`{"keys":[{"kty":"oct","kid":"k1","alg":"HS256","k":"AAAA"}]}`)
	f.Add(`{"keys":[{"kty":"RSA","kid":"k1","alg":"RS256","n":"AQAB","e":"AQAB"}]}`)
	f.Add(`{"keys":[{"kty":"RSA","kid":"k1","alg":"RS256","n":"","e":""}]}`)
	f.Add(`{"keys":null}`)
	f.Fuzz(func(t *testing.T, set string) {
		is.jwks.Store(says(200, set))
		if _, err := is.client(t).Verify(t.Context(), raw); err == nil {
			t.Errorf("a forged token verifies by %q", set)
		}
	})
}
