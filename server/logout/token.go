package logout

import (
	"context"
	"time"

	"gatehouse/server/keys"
	"gatehouse/storage"
)

// tokenLife is how long a logout token is good for, which is the most that
// Back-Channel Logout 1.0 §2.4 recommends.
const tokenLife = 2 * time.Minute

// claims are those of a logout token (§2.4). There is no nonce: with one it could
// be taken for an id token.
type claims struct {
	Issuer    string              `json:"iss"`
	Audience  string              `json:"aud"`
	IssuedAt  int64               `json:"iat"`
	ExpiresAt int64               `json:"exp"`
	ID        string              `json:"jti"` // the delivery's: another attempt is the same news
	Subject   string              `json:"sub"`
	SessionID string              `json:"sid"`
	Events    map[string]struct{} `json:"events"`
}

// event is what a logout token tells of.
const event = "http://schemas.openid.net/event/backchannel-logout"

// token makes the logout token of a delivery. It returns
// errors.ApplicationNotFound when there is nobody to make it for any more.
func (s *Sender) token(ctx context.Context, d storage.Delivery) (string, error) {
	app, err := s.Application(ctx, d.ClientID)
	if err != nil {
		return "", err
	}
	now := s.Now()
	return s.Sign(app.IDTokenSignedResponseAlg, keys.TypLogoutToken, claims{
		Issuer:    s.Issuer,
		Audience:  d.ClientID,
		IssuedAt:  now.Unix(),
		ExpiresAt: now.Add(tokenLife).Unix(),
		ID:        d.ID,
		Subject:   d.Subject,
		SessionID: d.SessionID,
		Events:    map[string]struct{}{event: {}},
	})
}
