package bearer_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"gatehouse/errors"
	"gatehouse/server/bearer"
	"gatehouse/server/keys"
)

// TestVerifyRefusesForgeries shows tokens that were made or changed by others.
func TestVerifyRefusesForgeries(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{})
	good := n.userToken(t)
	parts := strings.Split(good, ".")
	_, ecKID := n.private(t, keys.ES256)
	rsaKey, rsaKID := n.private(t, keys.RS256)
	payload := decode(t, parts[1])

	forged := map[string]string{
		"nothing":                      "",
		"dots":                         "..",
		"no signature":                 parts[0] + "." + parts[1] + ".",
		"no payload":                   parts[0] + ".." + parts[2],
		"two parts":                    parts[0] + "." + parts[1],
		"four parts":                   good + ".",
		"five parts":                   "." + good + ".",
		"another token's signature":    parts[0] + "." + parts[1] + "." + strings.Split(n.userToken(t), ".")[2],
		"signature of zeroes":          parts[0] + "." + parts[1] + "." + encode(make([]byte, 64)),
		"signature in ASN.1":           asn1Token(t, n, parts),
		"signature followed by a byte": parts[0] + "." + parts[1] + "." + encode(append(decode(t, parts[2]), 0)),
		"padded header":                parts[0] + "=." + parts[1] + "." + parts[2],
		"padded signature":             good + "==",
		"line break":                   parts[0] + "." + parts[1] + ".\n" + parts[2],
		"blank at the end":             good + " ",
		"standard base64":              parts[0] + "." + parts[1] + "." + base64.RawStdEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, 64)),
		"signature with unused bits":   withUnusedBits(t, parts),
		"JSON serialization":           fmt.Sprintf(`{"payload":%q,"protected":%q,"signature":%q}`, parts[1], parts[0], parts[2]),
		"alg none":                     header(t, "none", ecKID, "at+jwt") + "." + parts[1] + ".",
		"alg none and a signature":     header(t, "none", ecKID, "at+jwt") + "." + parts[1] + "." + parts[2],
		"alg of the other key":         header(t, "RS256", ecKID, "at+jwt") + "." + parts[1] + "." + parts[2],
		"kid of the other key":         header(t, "ES256", rsaKID, "at+jwt") + "." + parts[1] + "." + parts[2],
		"unknown kid":                  header(t, "ES256", "x", "at+jwt") + "." + parts[1] + "." + parts[2],
		"no kid":                       header(t, "ES256", "", "at+jwt") + "." + parts[1] + "." + parts[2],
		"header that is no object":     encode([]byte(`["ES256"]`)) + "." + parts[1] + "." + parts[2],
		"header that is no JSON":       encode([]byte(`alg`)) + "." + parts[1] + "." + parts[2],
		"another's key":                foreign(t, ecKID, payload),
		"another's key, brought along": embedded(t, payload),
		"too long":                     parts[0] + "." + strings.Repeat("A", 16<<10) + "." + parts[2],
		"far too long":                 strings.Repeat(good, 10_000),
	}
	maps.Copy(forged, hs256(t, rsaKey.(crypto.Signer).Public(), rsaKID, payload))
	for name, token := range forged {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refuse(t, n, token)
		})
	}
}

func TestVerifyRefusesEveryPrefix(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{})
	good := n.userToken(t)
	for end := range good {
		if _, err := n.Verify(t.Context(), good[:end]); !errors.Is(err, errors.TokenInvalid) {
			t.Fatalf("Verify() of the first %d characters = %v, want %v", end, err, errors.TokenInvalid)
		}
	}
}

// TestVerifyRefusesOurOwnOtherwise shows tokens with a good signature of ours
// that are no good access tokens.
func TestVerifyRefusesOurOwnOtherwise(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{})
	claims := n.userClaims(t)
	text, err := json.Marshal(claims)
	check(t, err)
	with := func(f func(*bearer.Claims)) string { return n.userToken(t, f) }
	raw := func(text string) string {
		return n.sign(t, keys.ES256, keys.TypAccessToken, json.RawMessage(text))
	}
	also := func(member string) string { return raw(strings.TrimSuffix(string(text), "}") + "," + member + "}") }
	without := func(name string) string {
		var members map[string]any
		check(t, json.Unmarshal(text, &members))
		delete(members, name)
		return n.sign(t, keys.ES256, keys.TypAccessToken, members)
	}
	tokens := map[string]string{
		"id token":                     n.sign(t, keys.ES256, keys.TypIDToken, claims),
		"no typ":                       n.sign(t, keys.ES256, "", claims),
		"another typ":                  n.sign(t, keys.ES256, "logout+jwt", claims),
		"typ of another media type":    n.sign(t, keys.ES256, "text/at+jwt", claims),
		"typ of a nested media type":   n.sign(t, keys.ES256, "application/application/at+jwt", claims),
		"another issuer":               with(func(c *bearer.Claims) { c.Issuer = "https://auth.example.org" }),
		"issuer with a slash":          with(func(c *bearer.Claims) { c.Issuer += "/" }),
		"unknown type":                 with(func(c *bearer.Claims) { c.Type = "robot" }),
		"user as application":          with(func(c *bearer.Claims) { c.Type = bearer.TypeApplication }),
		"no issuer":                    without("iss"),
		"no expiry":                    without("exp"),
		"no jti":                       without("jti"),
		"no subject":                   without("sub"),
		"no client":                    without("client_id"),
		"no session":                   without("sid"),
		"expiry as text":               raw(strings.Replace(string(text), `"exp":`, `"exp":"9999999999","x":`, 1)),
		"expiry twice":                 also(`"exp":9999999999`),
		"subject twice":                also(`"sub":"` + n.nobody + `"`),
		"unknown claim twice":          also(`"x":1,"x":2`),
		"subject in capitals":          raw(strings.Replace(string(text), `"sub":`, `"SUB":`, 1)),
		"no object":                    raw(`[]`),
		"null":                         raw(`null`),
		"longer than may be":           with(func(c *bearer.Claims) { c.Scope = strings.Repeat("scope ", 3000) }),
		"header with crit":             n.signWith(t, text, map[string]any{"crit": []string{"exp"}, "exp": 1}),
		"header with crit and b64":     n.signWith(t, text, map[string]any{"crit": []string{"b64"}, "b64": true}),
		"header with jku":              n.signWith(t, text, map[string]any{"jku": "https://example.org"}),
		"header with x5u":              n.signWith(t, text, map[string]any{"x5u": "https://example.org"}),
		"header with jwk":              n.signWith(t, text, map[string]any{"jwk": map[string]string{"kty": "EC"}}),
		"header with another kid also": n.signHeader(t, text, `{"alg":"ES256","kid":"x","kid":%q,"typ":"at+jwt"}`),
		"header without alg":           n.signHeader(t, text, `{"x":"ES256","kid":%q,"typ":"at+jwt"}`),
		"header with alg in capitals":  n.signHeader(t, text, `{"ALG":"ES256","kid":%q,"typ":"at+jwt"}`),
		"alg in small letters":         n.signHeader(t, text, `{"alg":"es256","kid":%q,"typ":"at+jwt"}`),
	}
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refuse(t, n, token)
		})
	}
}

func TestVerifyTakesEveryFormOfTyp(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{})
	for _, typ := range []string{"at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+JWT"} {
		if _, err := n.Verify(t.Context(), n.sign(t, keys.ES256, typ, n.userClaims(t))); err != nil {
			t.Errorf("Verify() of a token with typ %q = %v", typ, err)
		}
	}
}

// refuse wants the token refused as invalid, twice, without any of it in the error.
func refuse(t *testing.T, n *node, token string) {
	t.Helper()
	for range 2 {
		got, err := n.Verify(t.Context(), token)
		if got != nil || !errors.Is(err, errors.TokenInvalid) {
			t.Fatalf("Verify() = %v, %v, want %v", got, err, errors.TokenInvalid)
		}
		if _, err := n.Inspect(t.Context(), token); !errors.Is(err, errors.TokenInvalid) {
			t.Fatalf("Inspect() = %v, want %v", err, errors.TokenInvalid)
		}
		for _, part := range strings.Split(token, ".") {
			if len(part) > 3 && strings.Contains(err.Error(), part) {
				t.Errorf("Verify() = %v shows the token", err)
			}
		}
	}
}

// signWith makes a token with our ES256 key and more in the header.
func (n *node) signWith(t testing.TB, payload []byte, extra map[string]any) string {
	t.Helper()
	text, err := json.Marshal(extra)
	check(t, err)
	return n.signHeader(t, payload, `{"alg":"ES256","kid":%q,"typ":"at+jwt",`+string(text[1:]))
}

// signHeader makes a token with our ES256 key and a header text, in which %q
// stands for its kid.
func (n *node) signHeader(t testing.TB, payload []byte, header string) string {
	t.Helper()
	key, kid := n.private(t, keys.ES256)
	signed := encode(fmt.Appendf(nil, header, kid)) + "." + encode(payload)
	r, s, err := ecdsa.Sign(rand.Reader, key.(*ecdsa.PrivateKey), digest(signed))
	check(t, err)
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + encode(signature)
}

// foreign makes a token with a key of its own that claims to be ours.
func foreign(t testing.TB, kid string, payload []byte) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	return serialize(t, jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: kid}},
		(&jose.SignerOptions{}).WithType("at+jwt"), payload)
}

// embedded makes a token that brings the key that it was signed with.
func embedded(t testing.TB, payload []byte) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	return serialize(t, jose.SigningKey{Algorithm: jose.ES256, Key: key},
		(&jose.SignerOptions{EmbedJWK: true}).WithType("at+jwt"), payload)
}

// hs256 makes tokens whose shared secret is our public key, in each form in
// which somebody might mistake it for one.
func hs256(t testing.TB, public crypto.PublicKey, kid string, payload []byte) map[string]string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	check(t, err)
	jwk, err := json.Marshal(jose.JSONWebKey{Key: public, KeyID: kid})
	check(t, err)
	tokens := map[string]string{}
	for form, secret := range map[string][]byte{
		"DER": der,
		"PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}),
		"JWK": jwk,
	} {
		tokens["HS256 with the public key as "+form] = serialize(t,
			jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: secret, KeyID: kid}},
			(&jose.SignerOptions{}).WithType("at+jwt"), payload)
	}
	return tokens
}

func serialize(t testing.TB, key jose.SigningKey, options *jose.SignerOptions, payload []byte) string {
	t.Helper()
	signer, err := jose.NewSigner(key, options)
	check(t, err)
	jws, err := signer.Sign(payload)
	check(t, err)
	token, err := jws.CompactSerialize()
	check(t, err)
	return token
}

// asn1Token signs in the form that TLS and X.509 use.
func asn1Token(t testing.TB, n *node, parts []string) string {
	t.Helper()
	key, _ := n.private(t, keys.ES256)
	signature, err := ecdsa.SignASN1(rand.Reader, key.(*ecdsa.PrivateKey), digest(parts[0]+"."+parts[1]))
	check(t, err)
	return parts[0] + "." + parts[1] + "." + encode(signature)
}

// withUnusedBits changes the last character of the signature, 64 bytes, such
// that a lenient decoder gets the same bytes.
func withUnusedBits(t testing.TB, parts []string) string {
	t.Helper()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, parts[2][len(parts[2])-1])
	signature := parts[2][:len(parts[2])-1] + string(alphabet[last+1])
	if !bytes.Equal(decode(t, parts[2]), decode(t, signature)) {
		t.Fatal("the bits are not unused")
	}
	return parts[0] + "." + parts[1] + "." + signature
}

func header(t testing.TB, alg, kid, typ string) string {
	t.Helper()
	text, err := json.Marshal(map[string]string{"alg": alg, "kid": kid, "typ": typ})
	check(t, err)
	return encode(text)
}

func digest(text string) []byte {
	h := crypto.SHA256.New()
	h.Write([]byte(text))
	return h.Sum(nil)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	check(t, err)
	return b
}
