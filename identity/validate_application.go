package identity

import (
	"encoding/json"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The longest lifetimes an application may have; a session, too, ends within a year.
const (
	maxAccessTokenLifetime  = 24 * time.Hour
	maxRefreshTokenLifetime = 365 * 24 * time.Hour
)

// Validate says whether the application can be stored: nil,
// errors.IdentityMissingFields when it has no name or client id,
// errors.IdentityMalformed naming the fields that are not as they should be, or
// a metadata code. Whether the name is that of a product is not asked here.
func (a Application) Validate() error {
	var f faults
	f.need("name", strings.TrimSpace(a.Name) != "")
	f.need("clientId", a.ClientID != "")
	f.want("name", isText(a.Name, 255), "must have at most 255 characters and no control characters")
	f.want("clientId", len(a.ClientID) <= 255 && isVisible(a.ClientID), "must have at most 255 printable ASCII characters")
	f.want("clientId", !strings.HasPrefix(a.ClientID, productPrefix), "must not begin like the name of a product")
	f.want("description", isText(a.Description, 1000), "must have at most 1000 characters and no control characters")
	f.want("displayName", isText(a.DisplayName, 255), "must have at most 255 characters and no control characters")
	a.validateGrants(&f)
	a.validateReach(&f)
	a.validateTokens(&f)
	a.validateKeys(&f)
	a.validateSignOn(&f)
	a.validateClaims(&f)
	if err := f.err(); err != nil {
		return err
	}
	if fault := ValidateMetadata(a.Metadata); fault != nil {
		return fault.Identity()
	}
	return nil
}

// validateGrants checks how the application asks for tokens. A public one can
// prove nothing of itself, so it has neither secrets nor tokens of its own
// (RFC 6749 §2.1, §4.4). A code is sent to a redirect URI that was registered
// (RFC 9700 §2.1).
func (a Application) validateGrants(f *faults) {
	f.want("grantTypes", len(a.GrantTypes) > 0 && each(a.GrantTypes, isGrant),
		"must be one or more of authorization_code, password, client_credentials, refresh_token, each of them once")
	f.want("redirectUris", !a.Allows(GrantAuthorizationCode) || len(a.RedirectURIs) > 0,
		"must hold at least one, for the application may use authorization_code")
	if a.Public {
		f.want("grantTypes", !a.Allows(GrantClientCredentials), "must not hold client_credentials, for the application is public")
		f.want("tokenEndpointAuthMethod", a.TokenEndpointAuthMethod == AuthNone, "must be none, for the application is public")
		f.want("public", len(a.Secrets) == 0, "must be false, for the application has a secret")
		return
	}
	f.want("tokenEndpointAuthMethod", slices.Contains([]string{AuthBasic, AuthPost, AuthPrivateKeyJWT}, a.TokenEndpointAuthMethod),
		"must be client_secret_basic, client_secret_post or private_key_jwt, for the application is not public")
	if a.TokenEndpointAuthMethod == AuthPrivateKeyJWT {
		f.want("tokenEndpointAuthMethod", a.JWKS != "" || a.JWKSURI != "", "must not be private_key_jwt without jwks or jwksUri")
		f.want("tokenEndpointAuthMethod", len(a.Secrets) == 0, "must not be private_key_jwt, for the application has a secret")
	}
}

// validateReach checks what the application may ask for and where answers may go.
func (a Application) validateReach(f *faults) {
	f.want("scopes", each(a.Scopes, isScope), "must be at most 200 scope tokens (RFC 6749 section 3.3), each of them once")
	f.want("audiences", each(a.Audiences, isAbsoluteURI), "must be at most 200 absolute URIs without a fragment (RFC 8707 section 2), each of them once")
	const product = "must name products as product:<name>, words of a-z and 0-9 with '-' between them"
	f.want("scopes", !slices.ContainsFunc(a.Scopes, isUnclear), product)
	f.want("audiences", !slices.ContainsFunc(a.Audiences, isUnclear), product)
	const redirect = "must be at most 200 addresses: https, http on a loopback address, or a private scheme in reverse domain form, without a fragment or a wildcard in the host, each of them once"
	f.want("redirectUris", each(a.RedirectURIs, isRedirectURI), redirect)
	f.want("postLogoutRedirectUris", each(a.PostLogoutRedirectURIs, isRedirectURI), redirect)
	f.want("allowedOrigins", each(a.AllowedOrigins, isOrigin), "must be at most 200 origins such as https://console.example.com, each of them once")
}

func (a Application) validateTokens(f *faults) {
	f.want("accessTokenLifetime", isLifetime(a.AccessTokenLifetime, maxAccessTokenLifetime), "must be whole seconds, from 1 to 86400")
	f.want("refreshTokenLifetime", isLifetime(a.RefreshTokenLifetime, maxRefreshTokenLifetime), "must be whole seconds, from 1 to 31536000")
	f.want("sessionLifetime", isLifetime(a.SessionLifetime, maxRefreshTokenLifetime), "must be whole seconds, from 1 to 31536000")
	f.want("idTokenSignedResponseAlg", slices.Contains([]string{"", "RS256", "ES256"}, a.IDTokenSignedResponseAlg), "must be RS256 or ES256")
}

// validateKeys checks where the application's public keys are, and where it is
// told of the end of sessions.
func (a Application) validateKeys(f *faults) {
	f.want("jwks", a.JWKS == "" || isPublicJWKS(a.JWKS), "must be a JWK Set of one or more public keys (RFC 7517 section 5)")
	f.want("jwksUri", a.JWKSURI == "" || isWebAddress(a.JWKSURI), webAddress)
	f.want("jwksUri", a.JWKS == "" || a.JWKSURI == "", "must not be given beside jwks")
	f.want("backchannelLogoutUri", a.BackchannelLogoutURI == "" || isWebAddress(a.BackchannelLogoutURI), webAddress)
}

// isPublicJWKS says whether s is a JWK Set whose keys are public ones.
func isPublicJWKS(s string) bool {
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(s), &set); err != nil || len(set.Keys) == 0 || len(s) > maxJWKS {
		return false
	}
	return !slices.ContainsFunc(set.Keys, func(k jose.JSONWebKey) bool { return !k.Valid() || !k.IsPublic() })
}

// maxJWKS is the most bytes of a JWK Set.
const maxJWKS = 64 << 10

// webAddress is what is to be said of what is no isWebAddress.
const webAddress = "must be https, or http on a loopback address, without a fragment"

// isWebAddress says whether s is an address that the server or a browser may send
// requests to: an https one, or one on its own machine.
func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= longestValue && isRedirectURI(s) && (u.Scheme == "https" || u.Scheme == "http")
}

func isGrant(s string) bool {
	return slices.Contains([]string{GrantAuthorizationCode, GrantPassword, GrantClientCredentials, GrantRefreshToken}, s)
}

// isScope says whether s is one scope token (RFC 6749 §3.3).
func isScope(s string) bool { return isVisible(s) && !strings.ContainsAny(s, `"\`) }

// isLifetime says whether d is the default or within bounds.
func isLifetime(d, most time.Duration) bool {
	return d == 0 || d >= time.Second && d <= most && d%time.Second == 0
}

func isAbsoluteURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && isVisible(s) && u.IsAbs() && !strings.Contains(s, "#") && u.Host+u.Opaque+u.Path != ""
}

// isRedirectURI says whether users may be sent to s: to an https address, to
// their own machine (RFC 8252 §7.3), or to an app by a scheme of its own (§7.1).
func isRedirectURI(s string) bool {
	u, err := url.Parse(s)
	if err != nil || !isAbsoluteURI(s) || u.User != nil || strings.Contains(u.Host, "*") {
		return false
	}
	switch u.Scheme {
	case "https":
		return u.Hostname() != ""
	case "http":
		return isLoopback(u.Hostname())
	}
	return strings.Contains(u.Scheme, ".")
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// isOrigin says whether s is what a browser writes into its Origin header (RFC 6454 §6.2).
func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && isVisible(s) && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" &&
		s == u.Scheme+"://"+strings.ToLower(u.Host)
}
