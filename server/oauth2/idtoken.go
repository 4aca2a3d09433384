package oauth2

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ory/fosite"

	"gatehouse/identity"
	"gatehouse/server/bearer"
	"gatehouse/server/claims"
	"gatehouse/server/keys"
)

// idTokens is a fosite handler that adds an id token (OpenID Connect Core §2) to
// the answers of the grants in which a user takes part, when openid is granted.
type idTokens struct{ *Handler }

var _ fosite.TokenEndpointHandler = idTokens{}

// idClaims is an id token. Claims about the user are at the userinfo endpoint,
// for an access token comes with every id token (OpenID Connect Core §5.4): here
// are only those that were asked for here, and the application's own.
type idClaims struct {
	Issuer          string   `json:"iss"`
	Subject         string   `json:"sub"`
	Audience        string   `json:"aud"`
	ExpiresAt       int64    `json:"exp"`
	IssuedAt        int64    `json:"iat"`
	AuthTime        int64    `json:"auth_time"`
	Nonce           string   `json:"nonce,omitempty"`
	ACR             string   `json:"acr,omitempty"`
	AMR             []string `json:"amr"`
	Party           string   `json:"azp"`
	AccessTokenHash string   `json:"at_hash"`
	SessionID       string   `json:"sid"`
	ID              string   `json:"jti"`

	user claims.Claims
}

// MarshalJSON writes the claims about the user behind the others.
func (c idClaims) MarshalJSON() ([]byte, error) {
	type plain idClaims // without this method
	token, err := json.Marshal((*plain)(&c))
	if err != nil {
		return nil, fmt.Errorf("id token: %w", err)
	}
	user, err := c.user.MarshalJSON()
	return claims.Join(token, user), err
}

func (idTokens) CanSkipClientAuth(context.Context, fosite.AccessRequester) bool { return false }

func (idTokens) CanHandleTokenEndpointRequest(_ context.Context, r fosite.AccessRequester) bool {
	return !r.GetGrantTypes().ExactOne(identity.GrantClientCredentials)
}

// HandleTokenEndpointRequest leaves the decision to the grant's own handler.
func (idTokens) HandleTokenEndpointRequest(context.Context, fosite.AccessRequester) error {
	return fosite.ErrUnknownRequest
}

// PopulateTokenEndpointResponse runs after the grant's handler has issued the access token.
func (h idTokens) PopulateTokenEndpointResponse(_ context.Context, r fosite.AccessRequester, out fosite.AccessResponder) error {
	s := r.GetSession().(*session)
	if s.User == nil || !r.GetGrantedScopes().Has("openid") {
		return fosite.ErrUnknownRequest
	}
	token, err := h.idToken(s, r.GetGrantedScopes(), out.GetAccessToken())
	if err != nil {
		return err
	}
	out.SetExtra("id_token", token)
	return nil
}

func (h *Handler) idToken(s *session, scopes []string, accessToken string) (string, error) {
	now := h.Now().Truncate(time.Second)
	id, err := bearer.NewID(h.Master, s.ID)
	if err != nil {
		return "", err
	}
	return h.Keys.Sign(s.App.IDTokenSignedResponseAlg, keys.TypIDToken, idClaims{
		Issuer:          h.config.Issuer,
		Subject:         s.GetSubject(),
		Audience:        s.App.ClientID,
		ExpiresAt:       now.Add(h.config.IDLifetime).Unix(),
		IssuedAt:        now.Unix(),
		AuthTime:        s.AuthTime.Unix(),
		Nonce:           s.Nonce,
		ACR:             s.ACR,
		AMR:             s.AMR,
		Party:           s.App.ClientID,
		AccessTokenHash: halfHash(accessToken),
		SessionID:       s.ID,
		ID:              id,
		user:            claims.InIDToken(s.User, s.App, claims.Want{Scopes: scopes, Names: common(s.asked.ForIDToken(s.App), s.Released), Released: s.Released}),
	})
}

// halfHash is at_hash (OpenID Connect Core §3.1.3.6), for algorithms over SHA-256.
func halfHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}
