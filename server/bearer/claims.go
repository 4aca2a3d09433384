package bearer

import "gatehouse/identity"

// What the type claim says a token speaks for.
const (
	TypeUser        = "normal-user"
	TypeApplication = "application"
)

// Claims is what an access token says (RFC 9068 §2.2, and the claims that
// clients of the Access Manager read). Times are seconds since 1970.
type Claims struct {
	Issuer          string   `json:"iss"`
	Audience        []string `json:"aud"`
	ExpiresAt       int64    `json:"exp"`
	IssuedAt        int64    `json:"iat"`
	NotBefore       int64    `json:"nbf"`
	ID              string   `json:"jti"`       // see NewID
	Subject         string   `json:"sub"`       // what the application knows the user by, or the client id
	ClientID        string   `json:"client_id"` // RFC 8693 §4.3
	AuthorizedParty string   `json:"azp"`       // the client id once more
	Scope           string   `json:"scope"`     // separated by spaces (RFC 8693 §4.2)
	Type            string   `json:"type"`      // TypeUser or TypeApplication
	Owner           string   `json:"owner"`
	Name            string   `json:"name"`        // username, or the application's name
	DisplayName     string   `json:"displayName"` // full name, or the application's description

	// Tokens of users alone have these.
	SessionID string   `json:"sid,omitempty"`
	AuthTime  int64    `json:"auth_time,omitempty"`
	AMR       []string `json:"amr,omitempty"`    // RFC 8176
	Groups    []string `json:"groups,omitempty"` // when the scope asks for them

	// Authority says on what the token rests; without it, on a consent.
	Authority identity.Authority `json:"authority,omitempty"`
	// Released are the mappings to claims that the session released; see identity.Claim.
	Released []string `json:"released,omitempty"`

	// UserinfoClaims are the names of claims that the application has asked for at the
	// userinfo endpoint, beside those of its scopes (OpenID Connect Core §5.5).
	UserinfoClaims []string `json:"userinfo_claims,omitempty"`
}
