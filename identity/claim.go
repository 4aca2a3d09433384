package identity

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
)

// Claim maps a key of users' metadata to a claim that an application is told.
type Claim struct {
	Name     string // in id tokens and at the userinfo endpoint
	Metadata string // key of the user's metadata that holds the value; without it there is no claim
	Scope    string // that releases it
}

// DefaultClaimScope releases a mapping that is given without a scope, as those of
// earlier releases could be: every sign-on asks for it.
const DefaultClaimScope = "openid"

// Released identifies the mapping in sessions and tokens: its claim and its key. It
// stays the same when another scope releases it.
func (c Claim) Released() string {
	sum := sha256.Sum256([]byte(c.Name + " " + c.Metadata))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// ReleasedClaims are the mappings of the application that the scopes release, and
// those whose claims are asked for by name.
func (a Application) ReleasedClaims(scopes, names []string) []Claim {
	var released []Claim
	for _, c := range a.Claims {
		if slices.Contains(scopes, c.Scope) || slices.Contains(names, c.Name) {
			released = append(released, c)
		}
	}
	return released
}
