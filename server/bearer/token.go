package bearer

import (
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
)

// Token is an access token that was verified. What it points to is shared and
// not to be changed.
type Token struct {
	ID        string // the jti
	Subject   string // what the application knows the user by: their id, or a pairwise sub; or the client id
	ClientID  string
	SessionID string // empty for an application's own
	Type      string // TypeUser or TypeApplication
	Scopes    []string
	Audience  []string
	AMR       []string           // RFC 8176
	Groups    []string           // as of when it was issued, if its scope asked; User has those of now
	Claims    []string           // asked for at the userinfo endpoint beside those of scopes
	Released  []string           // mappings to claims that its session released; see identity.Claim
	Authority identity.Authority // of a user's; what is left of it now, see identity.Application.AuthorityNow
	IssuedAt  time.Time
	ExpiresAt time.Time
	AuthTime  time.Time // zero for an application's own

	User        *identity.User // nil for an application's own
	Application *identity.Application
}

// HasScope says whether the scope was granted.
func (t *Token) HasScope(scope string) bool { return slices.Contains(t.Scopes, scope) }

// complete says whether nothing is missing that a token must say of its kind.
func (c *Claims) complete() bool {
	switch c.Type {
	case TypeUser:
		return c.ID != "" && c.ClientID != "" && c.Subject != "" && c.SessionID != ""
	case TypeApplication:
		return c.ID != "" && c.ClientID != "" && c.Subject == c.ClientID
	default:
		return false
	}
}

// token is what the claims say; who stands behind it is left open.
func (c *Claims) token() Token {
	t := Token{
		ID:        c.ID,
		Subject:   c.Subject,
		ClientID:  c.ClientID,
		SessionID: c.SessionID,
		Type:      c.Type,
		Scopes:    strings.Fields(c.Scope),
		Audience:  c.Audience,
		AMR:       c.AMR,
		Groups:    c.Groups,
		Claims:    c.UserinfoClaims,
		Released:  c.Released,
		Authority: c.Authority,
		IssuedAt:  time.Unix(c.IssuedAt, 0).UTC(),
		ExpiresAt: time.Unix(c.ExpiresAt, 0).UTC(),
	}
	if c.AuthTime != 0 {
		t.AuthTime = time.Unix(c.AuthTime, 0).UTC()
	}
	return t
}
