package client

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json" // case-sensitive, and refuses a member that is there twice
)

// leastRSA is the size in bits of an RSA key (RFC 7518 §3.3).
const leastRSA = 2048

// key is a public key that the server signs with, and the one algorithm it is for.
type key struct {
	public any // *ecdsa.PublicKey or *rsa.PublicKey
	alg    jose.SignatureAlgorithm
}

// What is wrong with what the server publishes.
var (
	errDiscovery = errors.New("the discovery document is not one")
	errIssuer    = errors.New("the discovery document is another issuer's")
	errOrigin    = errors.New("jwks_uri is of another origin than the issuer")
	errKeySet    = errors.New("the key set is not one")
	errSameKid   = errors.New("two keys have the same kid")
	errNoKeys    = errors.New("the key set holds no key that could be used")
)

// fetchKeys returns the keys that the server publishes, and for how long they are fresh.
func (c *Client) fetchKeys() (map[string]key, time.Duration, error) {
	ctx, cancel := context.WithTimeout(c.ctx, c.config.Timeout)
	defer cancel()
	address, err := c.discover(ctx)
	if err != nil {
		return nil, 0, err
	}
	got, err := c.get(ctx, address)
	if err != nil {
		return nil, 0, err
	}
	keys, err := parseKeys(got.body)
	if err != nil {
		return nil, 0, unavailable(fmt.Errorf("%s: %w", address, err))
	}
	return keys, maxAge(got.header), nil
}

// discover returns where the keys are (OpenID Connect Discovery §4).
func (c *Client) discover(ctx context.Context) (string, error) {
	got, err := c.get(ctx, c.base+"/.well-known/openid-configuration")
	if err != nil {
		return "", err
	}
	var document struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(got.body, &document); err != nil {
		return "", unavailable(errDiscovery)
	}
	if document.Issuer != c.config.Issuer { // §4.3
		return "", unavailable(errIssuer)
	}
	if !sameOrigin(document.JWKSURI, c.base) {
		return "", unavailable(errOrigin)
	}
	return document.JWKSURI, nil
}

func sameOrigin(a, b string) bool {
	one, err := url.Parse(a)
	other, err2 := url.Parse(b)
	return err == nil && err2 == nil && one.User == nil && one.Scheme == other.Scheme && strings.EqualFold(one.Host, other.Host)
}

// parseKeys reads a JWK Set (RFC 7517 §5). Keys that are of no use here are passed
// over, as it bids; two of one kid are not, for it would be chance which one counts.
func parseKeys(body []byte) (map[string]key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, errKeySet
	}
	keys := make(map[string]key, len(set.Keys))
	for _, text := range set.Keys {
		var one jose.JSONWebKey
		if err := one.UnmarshalJSON(text); err != nil || !useful(one) {
			continue
		}
		if _, twice := keys[one.KeyID]; twice {
			return nil, errSameKid
		}
		keys[one.KeyID] = key{one.Key, jose.SignatureAlgorithm(one.Algorithm)}
	}
	if len(keys) == 0 {
		return nil, errNoKeys
	}
	return keys, nil
}

// useful says whether a key is one that access tokens are signed with.
func useful(one jose.JSONWebKey) bool {
	if one.KeyID == "" || (one.Use != "" && one.Use != "sig") {
		return false
	}
	switch public := one.Key.(type) {
	case *ecdsa.PublicKey:
		return one.Algorithm == string(jose.ES256) && public.Curve == elliptic.P256()
	case *rsa.PublicKey:
		return one.Algorithm == string(jose.RS256) && public.N.BitLen() >= leastRSA
	default:
		return false
	}
}

// maxAge reads how long an answer is fresh (RFC 9111 §5.2.2.1).
func maxAge(header http.Header) time.Duration {
	for directive := range strings.SplitSeq(strings.ToLower(header.Get("Cache-Control")), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch name {
		case "no-store", "no-cache":
			return 0
		case "max-age":
			if seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31); err == nil {
				return time.Duration(seconds) * time.Second
			}
		}
	}
	return usuallyFresh
}
