package bearer

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json" // case-sensitive, and refuses a key that is there twice

	"gatehouse/errors"
	"gatehouse/server/keys"
)

// HintKind says what a Hint was read from.
type HintKind string

// The kinds of hint.
const (
	HintIDToken     HintKind = "id_token"
	HintAccessToken HintKind = "access_token"
	HintTokenID     HintKind = "jti"
)

// Hint is what an id_token_hint at logout names (OpenID Connect RP-Initiated
// Logout §2). It proves that its bearer once had a token, and no more.
type Hint struct {
	Kind      HintKind
	SessionID string    // empty for an application's own token
	Subject   string    // empty for HintTokenID
	ClientID  string    // empty for HintTokenID
	TokenID   string    // the jti; an id token may have none
	ExpiresAt time.Time // zero for HintTokenID
}

// ReadHint reads an id token or an access token of this issuer, expired or
// revoked or not, or the bare jti of an access token. Anything else is
// errors.TokenInvalid.
func (v *Verifier) ReadHint(ctx context.Context, raw string) (Hint, error) {
	if sessionID, ok := SessionOf(v.Master, raw); ok {
		return Hint{Kind: HintTokenID, SessionID: sessionID, TokenID: raw}, nil
	}
	hint, err := v.readToken(raw)
	if err != nil {
		v.note(ctx, raw, err)
		return Hint{}, errors.TokenInvalid.Because(err)
	}
	return hint, nil
}

// readToken reads a hint that is a token.
func (v *Verifier) readToken(raw string) (Hint, error) {
	s, err := openSigned(v.Keys, raw)
	if err != nil {
		return Hint{}, err
	}
	kind, ok := hintKind(s.typ)
	if !ok {
		return Hint{}, errType
	}
	var claims hintClaims
	if err := json.Unmarshal(s.payload, &claims); err != nil || claims.Subject == "" {
		return Hint{}, errClaims
	}
	if claims.Issuer != v.Issuer {
		return Hint{}, errIssuer
	}
	return claims.hint(kind), nil
}

// hintClaims is what a hint's token says, as far as it matters.
type hintClaims struct {
	Issuer          string   `json:"iss"`
	Audience        audience `json:"aud"`
	ExpiresAt       int64    `json:"exp"`
	ID              string   `json:"jti"`
	Subject         string   `json:"sub"`
	ClientID        string   `json:"client_id"`
	AuthorizedParty string   `json:"azp"`
	SessionID       string   `json:"sid"`
}

func (c *hintClaims) hint(kind HintKind) Hint {
	clientID := cmp.Or(c.ClientID, c.AuthorizedParty)
	if clientID == "" && len(c.Audience) == 1 {
		clientID = c.Audience[0]
	}
	return Hint{
		Kind:      kind,
		SessionID: c.SessionID,
		Subject:   c.Subject,
		ClientID:  clientID,
		TokenID:   c.ID,
		ExpiresAt: time.Unix(c.ExpiresAt, 0).UTC(),
	}
}

func hintKind(typ string) (HintKind, bool) {
	switch typ {
	case keys.TypAccessToken:
		return HintAccessToken, true
	case strings.ToLower(keys.TypIDToken):
		return HintIDToken, true
	default:
		return "", false
	}
}

// audience is one name or a list of them (RFC 7519 §4.1.3).
type audience []string

// UnmarshalJSON reads either form.
func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if err := json.Unmarshal(text, &one); err == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}
