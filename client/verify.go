package client

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json" // case-sensitive, and refuses a member that is there twice
)

const (
	longestToken = 16 << 10         // bytes
	leeway       = 30 * time.Second // that nbf and iat may be ahead of our clock
)

// algorithms are those that a token may name. Its key decides which one it must be.
var algorithms = []jose.SignatureAlgorithm{jose.ES256, jose.RS256}

// encoding is base64url with no second way to write a text.
var encoding = base64.RawURLEncoding.Strict()

// Verify returns what an access token says, when it is one of the issuer's, for
// this audience, and it is its time (RFC 9068 §4). The server is asked for its keys
// alone, now and then, so a token that was revoked verifies until it expires:
// Allowed and Authorize notice.
//
// The error is ErrTokenInvalid, ErrUnavailable where the key of the token could not
// be had, or why ctx ended while waiting for it.
func (c *Client) Verify(ctx context.Context, rawToken string) (*Token, error) {
	token, _, err := c.verify(ctx, rawToken)
	return token, err
}

// verify is Verify, and returns the digest of the token too.
func (c *Client) verify(ctx context.Context, raw string) (*Token, digest, error) {
	if len(raw) > longestToken {
		return nil, digest{}, invalid("too long")
	}
	sum := sha256.Sum256([]byte(raw))
	token, seen := c.tokens.recall(sum)
	var err error
	if seen {
		_, err = c.key(ctx, token.kid) // which may be withdrawn
	} else {
		token, err = c.parse(ctx, raw)
	}
	if err == nil {
		err = c.timely(token)
	}
	switch {
	case err == nil && !seen:
		c.tokens.keep(sum, token)
	case errors.Is(err, ErrTokenInvalid):
		c.tokens.drop(sum)
	}
	if err != nil {
		return nil, digest{}, err
	}
	return token, sum, nil
}

// parse checks everything but the time.
func (c *Client) parse(ctx context.Context, raw string) (*Token, error) {
	if !wellFormed(raw) {
		return nil, invalid("malformed")
	}
	signed, err := jose.ParseSignedCompact(raw, algorithms)
	if err != nil {
		return nil, invalid("malformed, or signed in a way that is not known")
	}
	header := signed.Signatures[0].Protected
	if err := checkHeader(header); err != nil {
		return nil, err
	}
	key, err := c.key(ctx, header.KeyID)
	if err != nil {
		return nil, err
	}
	if header.Algorithm != string(key.alg) {
		return nil, invalid("not the algorithm of its key")
	}
	payload, err := signed.Verify(key.public)
	if err != nil {
		return nil, invalid("the signature is wrong")
	}
	return c.read(payload, header.KeyID)
}

// wellFormed says whether a text is three parts of base64url, written as they
// always are.
func wellFormed(raw string) bool {
	if strings.ContainsAny(raw, "\r\n") || strings.Count(raw, ".") != 2 { // the decoder skips line breaks
		return false
	}
	for part := range strings.SplitSeq(raw, ".") {
		if _, err := encoding.DecodeString(part); err != nil || part == "" {
			return false
		}
	}
	return true
}

// checkHeader says whether a header is that of an access token (RFC 9068 §4).
// There is no extension that must be understood (RFC 7515 §4.1.11).
func checkHeader(header jose.Header) error {
	if _, critical := header.ExtraHeaders["crit"]; critical {
		return invalid("it demands what is not known")
	}
	typ, _ := header.ExtraHeaders[jose.HeaderType].(string)
	if strings.TrimPrefix(strings.ToLower(typ), "application/") != "at+jwt" {
		return invalid("not an access token")
	}
	if header.KeyID == "" {
		return invalid("it names no key")
	}
	return nil
}

// key returns the key of a kid; a token of one that is not published is invalid.
func (c *Client) key(ctx context.Context, kid string) (key, error) {
	found, err := c.keys.key(ctx, kid)
	if errors.Is(err, errUnknownKey) {
		return found, invalid("the issuer has no such key")
	}
	return found, err
}

// read checks what a payload says, apart from its time.
func (c *Client) read(payload []byte, kid string) (*Token, error) {
	var said claims
	if err := json.Unmarshal(payload, &said); err != nil || !said.complete() {
		return nil, invalid("its claims are not those of an access token")
	}
	if said.Issuer != c.config.Issuer {
		return nil, invalid("another issuer's")
	}
	token := said.token(kid)
	if !c.meant(token) {
		return nil, invalid("for another audience")
	}
	return token, nil
}

// meant says whether a token is for this product. Where no audience tells, one that
// rests on a consent is for the products that its user was asked about.
func (c *Client) meant(token *Token) bool {
	if c.config.AnyAudience {
		return token.ActsIn(c.config.Product)
	}
	return slices.ContainsFunc(token.Audience, func(one string) bool { return slices.Contains(c.config.Audience, one) })
}

// timely says whether it is the token's time (RFC 7519 §4.1.4 to §4.1.6).
func (c *Client) timely(t *Token) error {
	now := c.config.Now()
	latest := now.Add(leeway)
	switch {
	case !now.Before(t.ExpiresAt):
		return invalid("expired")
	case t.notBefore.After(latest) || t.IssuedAt.After(latest):
		return invalid("not valid yet")
	default:
		return nil
	}
}
