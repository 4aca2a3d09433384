package registry

import (
	"cmp"
	"slices"
	"time"

	"gatehouse/identity"
)

// ApplicationChange is what to change of an application; nil fields stay as they are.
type ApplicationChange struct {
	Description, DisplayName, PolicyURI, TOSURI                *string
	Public, Disabled, Trusted, RequirePAR                      *bool
	GrantTypes, Scopes, Audiences                              *[]string
	RedirectURIs, PostLogoutRedirectURIs, AllowedOrigins       *[]string
	TokenEndpointAuthMethod, JWKS, JWKSURI, IDTokenAlg         *string
	BackchannelLogoutURI, FrontchannelLogoutURI                *string
	SubjectType, SectorIdentifier                              *string
	Claims                                                     *[]identity.Claim
	AccessTokenLifetime, RefreshTokenLifetime, SessionLifetime *time.Duration
	Metadata                                                   *map[string]any
}

// Apply makes the change to an application.
func (c ApplicationChange) Apply(a *identity.Application) {
	set(&a.Description, c.Description)
	set(&a.DisplayName, c.DisplayName)
	set(&a.PolicyURI, c.PolicyURI)
	set(&a.TOSURI, c.TOSURI)
	set(&a.Public, c.Public)
	set(&a.Disabled, c.Disabled)
	set(&a.Trusted, c.Trusted)
	set(&a.RequirePAR, c.RequirePAR)
	set(&a.GrantTypes, c.GrantTypes)
	set(&a.Scopes, c.Scopes)
	set(&a.Audiences, c.Audiences)
	set(&a.RedirectURIs, c.RedirectURIs)
	set(&a.PostLogoutRedirectURIs, c.PostLogoutRedirectURIs)
	set(&a.AllowedOrigins, c.AllowedOrigins)
	set(&a.TokenEndpointAuthMethod, c.TokenEndpointAuthMethod)
	set(&a.JWKS, c.JWKS)
	set(&a.JWKSURI, c.JWKSURI)
	set(&a.IDTokenSignedResponseAlg, c.IDTokenAlg)
	set(&a.BackchannelLogoutURI, c.BackchannelLogoutURI)
	set(&a.FrontchannelLogoutURI, c.FrontchannelLogoutURI)
	set(&a.SubjectType, c.SubjectType)
	set(&a.SectorIdentifier, c.SectorIdentifier)
	if c.Claims != nil {
		a.Claims = scoped(*c.Claims)
	}
	set(&a.AccessTokenLifetime, c.AccessTokenLifetime)
	set(&a.RefreshTokenLifetime, c.RefreshTokenLifetime)
	set(&a.SessionLifetime, c.SessionLifetime)
	set(&a.Metadata, c.Metadata)
}

// scoped are mappings to claims, each with the scope that releases it.
func scoped(claims []identity.Claim) []identity.Claim {
	all := slices.Clone(claims)
	for i := range all {
		all[i].Scope = cmp.Or(all[i].Scope, identity.DefaultClaimScope)
	}
	return all
}

// applicationFacts are what the audit trail keeps of an application.
func applicationFacts(a identity.Application) facts {
	return facts{
		"name": a.Name, "description": a.Description, "displayName": a.DisplayName, "clientId": a.ClientID,
		"public": a.Public, "disabled": a.Disabled, "trusted": a.Trusted, "requirePushedAuthorizationRequests": a.RequirePAR,
		"grantTypes": a.GrantTypes, "scopes": a.Scopes, "audiences": a.Audiences, "redirectUris": a.RedirectURIs,
		"postLogoutRedirectUris": a.PostLogoutRedirectURIs, "allowedOrigins": a.AllowedOrigins,
		"tokenEndpointAuthMethod": a.TokenEndpointAuthMethod, "jwks": a.JWKS, "jwksUri": a.JWKSURI,
		"backchannelLogoutUri": a.BackchannelLogoutURI, "frontchannelLogoutUri": a.FrontchannelLogoutURI,
		"subjectType": a.SubjectType, "sectorIdentifierUri": a.SectorIdentifier, "claims": claimFacts(a.Claims),
		"policyUri": a.PolicyURI, "tosUri": a.TOSURI, "accessTokenLifetime": a.AccessTokenLifetime.Seconds(),
		"refreshTokenLifetime": a.RefreshTokenLifetime.Seconds(), "sessionLifetime": a.SessionLifetime.Seconds(),
		"idTokenSignedResponseAlg": a.IDTokenSignedResponseAlg, "metadata": a.Metadata,
	}
}

func claimFacts(claims []identity.Claim) []facts {
	all := make([]facts, len(claims))
	for i, c := range claims {
		all[i] = facts{"claim": c.Name, "metadata": c.Metadata, "scope": c.Scope}
	}
	return all
}
