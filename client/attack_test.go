package client_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/client"
)

// TestForgedTokens holds Verify to refusing tokens, each of which a careless
// verifier takes.
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	other := newKey(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatalf("new key: %v", err)
	}
	is.publish(t, public(is.key, "k1"), jose.JSONWebKey{Key: rsaKey.Public(), KeyID: "r1", Algorithm: "RS256", Use: "sig"})
	payload := marshal(t, is.claims())
	der, err := x509.MarshalPKIXPublicKey(is.key.Public())
	if err != nil {
		t.Fatalf("public key: %v", err)
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	header, access := object{"kid": "k1", "typ": "at+jwt"}, `{"alg":"ES256","kid":"k1","typ":"at+jwt"}`
	sound := signText(t, is.key, access, payload)
	parts := strings.Split(sound, ".")
	with := func(name string, value any) string {
		return sign(t, jose.ES256, is.key, object{"kid": "k1", "typ": "at+jwt", name: value}, payload)
	}
	claims := func(payload string) string { return signText(t, is.key, access, payload) }
	tampered := encode(strings.Replace(payload, `"name":"vera"`, `"name":"root"`, 1))

	c := is.client(t)
	if _, err := c.Verify(t.Context(), sound); err != nil {
		t.Fatalf("the sound one: %v", err)
	}
	if _, err := c.Verify(t.Context(), sign(t, jose.RS256, rsaKey, object{"kid": "r1", "typ": "application/AT+JWT"}, payload)); err != nil {
		t.Fatalf("the sound one of RSA: %v", err)
	}
	tests := map[string]string{
		"empty":                           "",
		"alg none":                        encode(`{"alg":"none","kid":"k1","typ":"at+jwt"}`) + "." + parts[1] + ".",
		"alg none with a signature":       encode(`{"alg":"none","kid":"k1","typ":"at+jwt"}`) + "." + parts[1] + "." + parts[2],
		"HS256 by the public key":         sign(t, jose.HS256, publicPEM, header, payload),
		"HS256 by the public key's bytes": sign(t, jose.HS256, der, header, payload),
		"ES256 by the kid of an RSA key":  sign(t, jose.ES256, is.key, object{"kid": "r1", "typ": "at+jwt"}, payload),
		"RS256 by the kid of an EC key":   sign(t, jose.RS256, rsaKey, header, payload),
		"PS256":                           sign(t, jose.PS256, rsaKey, object{"kid": "r1", "typ": "at+jwt"}, payload),
		"another's key":                   sign(t, jose.ES256, other, header, payload),
		"a key it brings along":           sign(t, jose.ES256, other, object{"kid": "k1", "typ": "at+jwt", "jwk": public(other, "k1")}, payload),
		"an unknown kid":                  sign(t, jose.ES256, is.key, object{"kid": "k2", "typ": "at+jwt"}, payload),
		"no kid":                          sign(t, jose.ES256, is.key, object{"typ": "at+jwt"}, payload),
		"an id token":                     sign(t, jose.ES256, is.key, object{"kid": "k1", "typ": "JWT"}, payload),
		"no typ":                          sign(t, jose.ES256, is.key, object{"kid": "k1"}, payload),
		"a logout token":                  sign(t, jose.ES256, is.key, object{"kid": "k1", "typ": "logout+jwt"}, payload),
		"crit":                            with("crit", []string{"exp"}),
		"crit that go-jose knows":         with("crit", []string{"b64"}),
		"crit of nothing":                 with("crit", []string{}),
		"a tampered payload":              parts[0] + "." + tampered + "." + parts[2],
		"a tampered header":               encode(strings.Replace(access, "at+jwt", "At+jwt", 1)) + "." + parts[1] + "." + parts[2],
		"no signature":                    parts[0] + "." + parts[1] + ".",
		"a signature of zeros":            parts[0] + "." + parts[1] + "." + encode(strings.Repeat("\x00", 64)),
		"a longer signature":              sound + "AAAA",
		"a signature written otherwise":   sound[:len(sound)-1] + string(sound[len(sound)-1]+1),
		"a line break":                    parts[0] + "." + parts[1] + ".\n" + parts[2],
		"a space":                         sound + " ",
		"padding":                         sound + "==",
		"a part too many":                 sound + ".AAAA",
		"a part too few":                  parts[0] + "." + parts[1],
		"JSON serialization":              `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"a header twice":                  signText(t, is.key, `{"alg":"ES256","kid":"k1","typ":"JWT","typ":"at+jwt"}`, payload),
		"a kid twice":                     signText(t, is.key, `{"alg":"ES256","kid":"k9","kid":"k1","typ":"at+jwt"}`, payload),
		"a claim twice":                   claims(strings.Replace(payload, "{", `{"sub":"root",`, 1)),
		"an exp twice":                    claims(strings.Replace(payload, "{", `{"exp":9999999999,`, 1)),
		"a claim of another case":         claims(strings.Replace(payload, `"sub"`, `"Sub"`, 1)),
		"another issuer":                  claims(strings.Replace(payload, is.URL, "https://gatehouse.example.com", 1)),
		"an issuer with a slash":          claims(strings.Replace(payload, is.URL, is.URL+"/", 1)),
		"no exp":                          claims(strings.Replace(payload, `"exp"`, `"xxp"`, 1)),
		"no iat":                          claims(strings.Replace(payload, `"iat"`, `"xat"`, 1)),
		"no jti":                          claims(strings.Replace(payload, `"jti"`, `"xti"`, 1)),
		"no client":                       claims(strings.Replace(payload, `"client_id"`, `"xlient_id"`, 1)),
		"no subject":                      claims(strings.Replace(payload, `"sub"`, `"xub"`, 1)),
		"an exp that is a text":           claims(strings.Replace(payload, `"exp":`, `"exp":"9999999999","x":`, 1)),
		"an exp that is a fraction":       claims(strings.Replace(payload, `"exp":`, `"exp":9999999999.5,"x":`, 1)),
		"an exp beyond all times":         claims(strings.Replace(payload, `"exp":`, `"exp":99999999999999999999,"x":`, 1)),
		"a payload that is a list":        claims("[" + payload + "]"),
		"two values":                      claims(payload + payload),
		"null":                            claims("null"),
		"too long":                        sign(t, jose.ES256, is.key, header, marshal(t, is.claims(func(o object) { o["x"] = strings.Repeat("x", 16<<10) }))),
	}
	for name, raw := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token, err := c.Verify(t.Context(), raw)
			if token != nil || !errors.Is(err, client.ErrTokenInvalid) {
				t.Errorf("Verify = %v, %v; want ErrTokenInvalid", token, err)
			}
			if allowed, err := c.Allowed(t.Context(), raw, "ledgers", "get"); allowed || !errors.Is(err, client.ErrTokenInvalid) {
				t.Errorf("Allowed = %t, %v; want ErrTokenInvalid", allowed, err)
			}
			if is.questions.Load() != 0 {
				t.Error("the server was asked about a token that is none")
			}
		})
	}
}

// TestNoErrorHoldsAToken holds errors to telling nothing of a token.
func TestNoErrorHoldsAToken(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	c, raw := is.client(t), is.token(t)
	is.authorize.Store(says(500, "no"))
	_, denied := c.Allowed(t.Context(), raw, "ledgers", "get")
	_, forged := c.Verify(t.Context(), raw+"A")
	for _, err := range []error{denied, forged} {
		for part := range strings.SplitSeq(raw, ".") {
			if err == nil || strings.Contains(err.Error(), part) {
				t.Errorf("error %v holds %q of the token", err, part)
			}
		}
	}
}
