package bearer

import (
	"strings"

	"github.com/go-jose/go-jose/v4/json" // case-sensitive, and refuses a key that is there twice

	"gatehouse/errors"
	"gatehouse/server/keys"
)

// IDToken is what an id token that this server once issued says. It may have
// expired, and its session may have ended, for hints are of use all the same
// (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2).
type IDToken struct {
	Subject   string // sub, as its application knows the user
	ClientID  string // the application that it was issued to
	SessionID string // sid
}

// idClaims are the claims of an id token that are read back.
type idClaims struct {
	Issuer    string `json:"iss"`
	Subject   string `json:"sub"`
	Audience  string `json:"aud"`
	SessionID string `json:"sid"`
}

// IDToken reads an id token of this server, whatever its age. It returns
// errors.TokenInvalid for anything else.
func (v *Verifier) IDToken(raw string) (IDToken, error) {
	s, err := openSigned(v.Keys, raw)
	if err != nil {
		return IDToken{}, errors.TokenInvalid.Because(err)
	}
	if s.typ != strings.ToLower(keys.TypIDToken) {
		return IDToken{}, errors.TokenInvalid.Because(errType)
	}
	var claims idClaims
	if err := json.Unmarshal(s.payload, &claims); err != nil || claims.Subject == "" || claims.Audience == "" {
		return IDToken{}, errors.TokenInvalid.Because(errClaims)
	}
	if claims.Issuer != v.Issuer {
		return IDToken{}, errors.TokenInvalid.Because(errIssuer)
	}
	return IDToken{Subject: claims.Subject, ClientID: claims.Audience, SessionID: claims.SessionID}, nil
}
