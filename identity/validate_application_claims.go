package identity

import "slices"

// mostClaims is how many claims of its own an application may have.
const mostClaims = 50

// validateClaims checks what the application is told of its users beside what
// scopes give. A claim may not be one that the server itself makes or may make:
// an application would believe the metadata what it believes the server.
func (a Application) validateClaims(f *faults) {
	f.want("claims", len(a.Claims) <= mostClaims, "must be at most 50")
	names := make([]string, 0, len(a.Claims))
	for _, c := range a.Claims {
		names = append(names, c.Name)
		f.want("claims", c.Name != "" && len(c.Name) <= 100 && isVisible(c.Name),
			"must each have a claim of 1 to 100 printable ASCII characters")
		f.want("claims", !slices.Contains(ownClaims, c.Name), "must not hold "+c.Name+", which the server sets itself")
		f.want("claims", c.Metadata != "" && isText(c.Metadata, maxMetadataKey),
			"must each name a key of the users' metadata, of at most 100 characters and no control characters")
		f.want("claims", c.Scope == DefaultClaimScope || slices.Contains(a.Scopes, c.Scope), "must each have the scope that releases it, one that the application may ask for")
	}
	f.want("claims", unique(names), "must hold each claim once")
}

// ownClaims are the claims that the server sets, or that a standard gives a meaning.
var ownClaims = []string{
	// of tokens: RFC 7519 §4.1, RFC 9068 §2.2, RFC 8693 §4, RFC 7800 §3.1
	"iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope", "act", "may_act", "cnf", "typ",
	// of id and logout tokens: OpenID Connect Core §2, §3.3.2.11, §5.6.2, its logouts
	"nonce", "auth_time", "acr", "amr", "azp", "at_hash", "c_hash", "s_hash", "sid", "events", "sub_jwk",
	"_claim_names", "_claim_sources",
	// of users: OpenID Connect Core §5.1
	"name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
	"website", "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale", "phone_number",
	"phone_number_verified", "address", "updated_at",
	// of users: RFC 9068 §2.2.3.1 and what clients of the Access Manager read
	"groups", "roles", "entitlements", "type", "owner", "displayName", "authority",
}
