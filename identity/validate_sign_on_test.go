package identity_test

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/errors"
	"gatehouse/identity"
)

// webApplication is one that people sign in to with their browser.
func webApplication(change func(*identity.Application)) identity.Application {
	return application(func(a *identity.Application) {
		a.GrantTypes = []string{identity.GrantAuthorizationCode, identity.GrantRefreshToken}
		a.RedirectURIs = []string{"https://app.example.com/cb", "https://app.example.com:8443/cb"}
		a.DisplayName, a.Trusted, a.RequirePAR = "Números", true, true
		a.SubjectType, a.SectorIdentifier = identity.SubjectPairwise, "https://sector.example.com/uris"
		a.FrontchannelLogoutURI, a.BackchannelLogoutURI = "https://app.example.com/out?a=b", "https://elsewhere.example.com/out"
		a.PolicyURI, a.TOSURI = "https://www.example.com/policy", "https://www.example.com/terms"
		a.Scopes = []string{"openid", "orders:read"}
		a.Claims = []identity.Claim{{Name: "tier", Metadata: "Tier of é", Scope: "openid"}, {Name: "https://example.com/team", Metadata: "team", Scope: "orders:read"}}
		change(a)
	})
}

func TestApplicationValidateSignOn(t *testing.T) {
	t.Parallel()
	malformed := errors.IdentityMalformed
	tests := []struct {
		name   string
		change func(*identity.Application)
		want   error
		fields []string
	}{
		{"complete", func(*identity.Application) {}, nil, nil},
		{"public", func(a *identity.Application) {
			a.Public, a.Secrets, a.TokenEndpointAuthMethod = true, nil, identity.AuthNone
		}, nil, nil},
		{"a code and nowhere to send it", func(a *identity.Application) { a.RedirectURIs, a.FrontchannelLogoutURI = nil, "" }, malformed, []string{"redirectUris"}},
		{"long display name", func(a *identity.Application) { a.DisplayName = strings.Repeat("é", 256) }, malformed, []string{"displayName"}},
		{"display name of two lines", func(a *identity.Application) { a.DisplayName = "a\nb" }, malformed, []string{"displayName"}},

		{"keys for a secret", func(a *identity.Application) {
			a.TokenEndpointAuthMethod, a.JWKS, a.Secrets = identity.AuthPrivateKeyJWT, testKey(""), nil
		}, nil, nil},
		{"keys elsewhere for a secret", func(a *identity.Application) {
			a.TokenEndpointAuthMethod, a.JWKSURI, a.Secrets = identity.AuthPrivateKeyJWT, "https://app.example.com/jwks", nil
		}, nil, nil},
		{"keys beside a secret", func(a *identity.Application) {
			a.TokenEndpointAuthMethod, a.JWKS = identity.AuthPrivateKeyJWT, testKey("")
		}, malformed, []string{"tokenEndpointAuthMethod"}},
		{"private_key_jwt without keys", func(a *identity.Application) {
			a.TokenEndpointAuthMethod, a.Secrets = identity.AuthPrivateKeyJWT, nil
		}, malformed, []string{"tokenEndpointAuthMethod"}},
		{"private_key_jwt of a public one", func(a *identity.Application) {
			a.Public, a.TokenEndpointAuthMethod, a.JWKS, a.Secrets = true, identity.AuthPrivateKeyJWT, testKey(""), nil
		}, malformed, []string{"tokenEndpointAuthMethod"}},

		{"public subject", func(a *identity.Application) { a.SubjectType, a.SectorIdentifier = identity.SubjectPublic, "" }, nil, nil},
		{"unknown subject type", func(a *identity.Application) { a.SubjectType = "Pairwise" }, malformed, []string{"subjectType"}},
		{"pairwise at one host", func(a *identity.Application) { a.SectorIdentifier = "" }, nil, nil},
		{"pairwise at two hosts", func(a *identity.Application) {
			a.SectorIdentifier, a.RedirectURIs = "", append(a.RedirectURIs, "https://other.example.com/cb")
		}, malformed, []string{"sectorIdentifierUri"}},
		{"pairwise at two hosts of one sector", func(a *identity.Application) {
			a.RedirectURIs = append(a.RedirectURIs, "https://other.example.com/cb")
		}, nil, nil},
		{"pairwise in an app", func(a *identity.Application) {
			a.SectorIdentifier, a.RedirectURIs = "", append(a.RedirectURIs, "com.example.app:/cb")
		}, malformed, []string{"sectorIdentifierUri"}},
		{"pairwise nowhere", func(a *identity.Application) {
			a.GrantTypes, a.RedirectURIs, a.SectorIdentifier, a.FrontchannelLogoutURI = []string{identity.GrantPassword}, nil, "", ""
		}, malformed, []string{"sectorIdentifierUri"}},
		{"sector on a plain address", func(a *identity.Application) { a.SectorIdentifier = "http://localhost/" }, malformed, []string{"sectorIdentifierUri"}},
		{"sector without a host", func(a *identity.Application) { a.SectorIdentifier = "https:///x" }, malformed, []string{"sectorIdentifierUri"}},
		{"sector that is no address", func(a *identity.Application) { a.SectorIdentifier = "sector.example.com" }, malformed, []string{"sectorIdentifierUri"}},

		{"logout with the port that goes without saying", func(a *identity.Application) { a.FrontchannelLogoutURI = "https://APP.example.com:443/out" }, nil, nil},
		{"logout at the other port", func(a *identity.Application) { a.FrontchannelLogoutURI = "https://app.example.com:8443/out" }, nil, nil},
		{"logout on this machine", func(a *identity.Application) {
			a.RedirectURIs, a.FrontchannelLogoutURI, a.SubjectType = []string{"http://localhost/cb"}, "http://localhost:80/out", ""
		}, nil, nil},
		{"logout at another host", func(a *identity.Application) { a.FrontchannelLogoutURI = "https://app.example.org/out" }, malformed, []string{"frontchannelLogoutUri"}},
		{"logout at another port", func(a *identity.Application) { a.FrontchannelLogoutURI = "https://app.example.com:444/out" }, malformed, []string{"frontchannelLogoutUri"}},
		{"logout by another scheme", func(a *identity.Application) { a.FrontchannelLogoutURI = "http://app.example.com/out" }, malformed, []string{"frontchannelLogoutUri"}},
		{"logout in an app", func(a *identity.Application) {
			a.RedirectURIs, a.FrontchannelLogoutURI = []string{"com.example.app:/cb"}, "com.example.app:/out"
		}, malformed, []string{"frontchannelLogoutUri"}},
		{"logout with a fragment", func(a *identity.Application) { a.FrontchannelLogoutURI = "https://app.example.com/out#x" }, malformed, []string{"frontchannelLogoutUri"}},

		{"policy by script", func(a *identity.Application) { a.PolicyURI = "javascript:alert(1)" }, malformed, []string{"policyUri"}},
		{"terms on a plain address", func(a *identity.Application) { a.TOSURI = "http://www.example.com/terms" }, malformed, []string{"tosUri"}},
		{"redirect to any host", func(a *identity.Application) { a.RedirectURIs[0] = "https://*.example.com/cb" }, malformed, []string{"frontchannelLogoutUri", "redirectUris"}},
		{"star in a path", func(a *identity.Application) { a.RedirectURIs[0] = "https://app.example.com/*" }, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			check(t, webApplication(tt.change).Validate(), tt.want, tt.fields...)
		})
	}
}

func TestApplicationValidateClaims(t *testing.T) {
	t.Parallel()
	numbered := func(n int) (claims []identity.Claim) {
		for i := range n {
			claims = append(claims, identity.Claim{Name: fmt.Sprint("c", i), Metadata: "m", Scope: "openid"})
		}
		return claims
	}
	for name, claims := range map[string][]identity.Claim{
		"as many as there may be": numbered(50),
		"one key for two":         {{Name: "a", Metadata: "m", Scope: "openid"}, {Name: "b", Metadata: "m", Scope: "openid"}},
		"case makes a difference": {{Name: "Email", Metadata: "m", Scope: "openid"}},
	} {
		if err := webApplication(func(a *identity.Application) { a.Claims = claims }).Validate(); err != nil {
			t.Errorf("%s: Validate() = %v", name, err)
		}
	}
	wrong := map[string][]identity.Claim{
		"too many":              numbered(51),
		"twice":                 {{Name: "a", Metadata: "m", Scope: "openid"}, {Name: "a", Metadata: "n", Scope: "openid"}},
		"no name":               {{Metadata: "m", Scope: "openid"}},
		"name of two words":     {{Name: "a b", Metadata: "m", Scope: "openid"}},
		"name beyond ASCII":     {{Name: "é", Metadata: "m", Scope: "openid"}},
		"long name":             {{Name: strings.Repeat("a", 101), Metadata: "m", Scope: "openid"}},
		"no key":                {{Name: "a"}},
		"long key":              {{Name: "a", Metadata: strings.Repeat("é", 101)}},
		"key of two lines":      {{Name: "a", Metadata: "b\nc", Scope: "openid"}},
		"scope it may not have": {{Name: "a", Metadata: "m", Scope: "orders:write"}},
	}
	for _, own := range []string{
		"iss", "sub", "aud", "exp", "iat", "nbf", "jti", "nonce", "auth_time", "acr", "amr", "azp", "at_hash", "c_hash", "sid", "client_id",
		"scope", "typ", "events", "groups", "name", "email", "email_verified", "preferred_username", "phone_number", "address", "updated_at",
		"type", "owner", "displayName", "_claim_names",
	} {
		wrong[own] = []identity.Claim{{Name: own, Metadata: "m", Scope: "openid"}}
	}
	for name, claims := range wrong {
		err := webApplication(func(a *identity.Application) { a.Claims = claims }).Validate()
		if !errors.Is(err, errors.IdentityMalformed) || errors.From(err).Fields["claims"] == "" {
			t.Errorf("%s: Validate() = %v, want %v on claims", name, err, errors.IdentityMalformed)
		}
	}
}

// Applications of one sector know a user by the same pairwise sub.
func TestSector(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		want, sector string
		redirects    []string
	}{
		{"app.example.com", "", []string{"https://app.example.com/a", "https://APP.example.com:8443/b"}},
		{"", "", []string{"https://app.example.com/a", "https://example.com/a"}},
		{"", "", []string{"com.example.app:/cb"}},
		{"", "", []string{"com.example.app:/cb", "https://example.com/a"}},
		{"", "", nil},
		{"sector.example.com", "https://Sector.example.com:444/x", []string{"https://app.example.com/a", "com.example.app:/cb"}},
		{"::1", "", []string{"http://[::1]:8080/cb", "http://[::1]/"}},
	} {
		a := identity.Application{SectorIdentifier: tt.sector, RedirectURIs: tt.redirects}
		if got := a.Sector(); got != tt.want {
			t.Errorf("Sector() of %q and %q = %q, want %q", tt.sector, tt.redirects, got, tt.want)
		}
	}
}

func TestShownName(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]identity.Application{"Ledger": {Name: "midaz", DisplayName: "Ledger"}, "midaz": {Name: "midaz", Description: "x"}} {
		if got := a.ShownName(); got != want {
			t.Errorf("ShownName() = %q, want %q", got, want)
		}
	}
}
