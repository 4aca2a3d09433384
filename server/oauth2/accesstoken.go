package oauth2

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ory/fosite"

	"gatehouse/identity"
	"gatehouse/server/bearer"
	"gatehouse/server/keys"
)

// ownerApplication is the owner claim of every application.
const ownerApplication = "admin"

// accessAlgorithm signs access tokens: RS256 costs more than fifteen times as much.
const accessAlgorithm = "ES256"

// GenerateAccessToken makes a JWT access token (RFC 9068). Nothing is stored of
// it, so its signature, under which fosite would store it, is empty.
func (h *Handler) GenerateAccessToken(_ context.Context, r fosite.Requester) (token, signature string, err error) {
	s := r.GetSession().(*session)
	id, err := bearer.NewID(h.Master, s.ID)
	if err != nil {
		return "", "", err
	}
	now := h.Now().Truncate(time.Second)
	claims := bearer.Claims{
		Issuer:          h.config.Issuer,
		Audience:        r.GetGrantedAudience(),
		ExpiresAt:       now.Add(h.accessLifetime(s.App)).Unix(),
		IssuedAt:        now.Unix(),
		NotBefore:       now.Unix(),
		ID:              id,
		Subject:         s.GetSubject(),
		ClientID:        s.App.ClientID,
		AuthorizedParty: s.App.ClientID,
		Scope:           strings.Join(r.GetGrantedScopes(), " "),
	}
	if s.User != nil {
		h.describeUser(&claims, s, r.GetGrantedScopes())
	} else {
		describeApplication(&claims, s.App)
	}
	token, err = h.Keys.Sign(accessAlgorithm, keys.TypAccessToken, claims)
	return token, "", err
}

func (h *Handler) describeUser(c *bearer.Claims, s *session, scopes []string) {
	c.Type, c.Owner = bearer.TypeUser, h.config.Owner
	c.Name, c.DisplayName = s.User.Username, s.User.FullName()
	c.SessionID, c.AuthTime, c.AMR = s.ID, s.AuthTime.Unix(), s.AMR
	if slices.Contains(scopes, "groups") {
		c.Groups = s.User.Groups
	}
	c.UserinfoClaims = common(s.asked.ForUserinfo(s.App), s.Released)
	c.Authority, c.Released = s.App.AuthorityNow(s.Authority), s.Released
}

func describeApplication(c *bearer.Claims, app *identity.Application) {
	c.Type, c.Owner = bearer.TypeApplication, ownerApplication
	c.Name, c.DisplayName = app.Name, app.Description
}
