package bearer

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4/json" // case-sensitive, and refuses a key that is there twice

	"gatehouse/errors"
	"gatehouse/server/directory"
	"gatehouse/server/explain"
	"gatehouse/server/keys"
	"gatehouse/server/web"
)

// Deps is all that a Verifier takes from the rest of the program; every field is required.
type Deps struct {
	Issuer    string // the iss of its tokens
	Keys      *keys.Ring
	Directory *directory.Directory
	Master    *keys.Master
	Now       func() time.Time
}

// Verifier checks access tokens. It may be used by several goroutines at once.
type Verifier struct {
	Deps
	config Config
	memory *memory
}

// New returns a Verifier.
func New(d Deps, c Config) *Verifier {
	c = c.withDefaults()
	return &Verifier{Deps: d, config: c, memory: newMemory(c.Remember)}
}

// Verify returns whom an access token speaks for to this server. It returns
// errors.TokenInvalid for what is no such token, has expired or is for another
// audience, errors.TokenRevoked when the token was good but is so no more, and
// any other error when the database did not answer.
func (v *Verifier) Verify(ctx context.Context, raw string) (*Token, error) {
	p, err := v.prove(raw)
	v.note(ctx, raw, err)
	if err != nil {
		return nil, errors.TokenInvalid.Because(err)
	}
	if !slices.Contains(p.token.Audience, p.token.ClientID) && !slices.Contains(p.token.Audience, v.Issuer) {
		web.Trail(ctx).FailToken(explain.TokenAudience, raw, explain.List(p.token.Audience), v.Issuer+" or "+p.token.ClientID)
		return nil, errors.TokenInvalid.Because(errAudience)
	}
	web.Trail(ctx).Pass(explain.TokenAudience)
	return v.stand(ctx, p.token)
}

// Inspect is Verify for a token of any audience, as introspection needs it.
func (v *Verifier) Inspect(ctx context.Context, raw string) (*Token, error) {
	p, err := v.prove(raw)
	v.note(ctx, raw, err)
	if err != nil {
		return nil, errors.TokenInvalid.Because(err)
	}
	return v.stand(ctx, p.token)
}

// prove returns what a token proves by itself: this server signed it, as an
// access token, and it is its time.
func (v *Verifier) prove(raw string) (*proof, error) {
	text := sha256.Sum256([]byte(raw))
	p, seen := v.memory.recall(text)
	if !seen {
		var err error
		if p, err = v.parse(raw); err != nil {
			return nil, err
		}
	} else if _, _, ok := v.Keys.Public(p.kid); !ok { // it may be taken away before its tokens expire
		v.memory.drop(text)
		return nil, errKey
	}
	if err := v.timely(p); err != nil {
		v.memory.drop(text)
		return nil, err
	}
	if !seen && len(raw) <= maxRemembered {
		v.memory.keep(text, p)
	}
	return p, nil
}

// parse checks the signature, the kind of token and the issuer.
func (v *Verifier) parse(raw string) (*proof, error) {
	s, err := openSigned(v.Keys, raw)
	if err != nil {
		return nil, err
	}
	if s.typ != keys.TypAccessToken {
		return nil, errType
	}
	var claims Claims
	if err := json.Unmarshal(s.payload, &claims); err != nil || !claims.complete() {
		return nil, errClaims
	}
	if claims.Issuer != v.Issuer {
		return nil, errIssuer
	}
	return &proof{s.kid, claims.token(), time.Unix(claims.NotBefore, 0)}, nil
}

// timely says whether it is the token's time (RFC 7519 §4.1.4 to §4.1.6).
func (v *Verifier) timely(p *proof) error {
	now := v.Now()
	latest := now.Add(v.config.FutureLeeway)
	switch {
	case !now.Before(p.token.ExpiresAt.Add(v.config.ExpiryLeeway)):
		return errExpired
	case p.notBefore.After(latest) || p.token.IssuedAt.After(latest):
		return errFuture
	default:
		return nil
	}
}
