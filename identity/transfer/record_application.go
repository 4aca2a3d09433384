package transfer

import (
	"cmp"
	"time"

	"gatehouse/identity"
)

type applicationRecord struct {
	ID                       string         `json:"id"`
	ClientID                 string         `json:"clientId"`
	Name                     string         `json:"name"`
	Description              string         `json:"description"`
	DisplayName              string         `json:"displayName,omitempty"`
	Public                   bool           `json:"public"`
	BuiltIn                  bool           `json:"builtIn"`
	Disabled                 bool           `json:"disabled"`
	NotBefore                time.Time      `json:"notBefore,omitzero"`
	Secrets                  []secretRecord `json:"secrets,omitempty"`
	GrantTypes               []string       `json:"grantTypes,omitempty"`
	Scopes                   []string       `json:"scopes,omitempty"`
	Audiences                []string       `json:"audiences,omitempty"`
	TokenEndpointAuthMethod  string         `json:"tokenEndpointAuthMethod"`
	RedirectURIs             []string       `json:"redirectUris,omitempty"`
	PostLogoutRedirectURIs   []string       `json:"postLogoutRedirectUris,omitempty"`
	AllowedOrigins           []string       `json:"allowedOrigins,omitempty"`
	AccessTokenLifetime      int64          `json:"accessTokenLifetime"`
	RefreshTokenLifetime     int64          `json:"refreshTokenLifetime"`
	SessionLifetime          int64          `json:"sessionLifetime"`
	IDTokenSignedResponseAlg string         `json:"idTokenSignedResponseAlg"`
	JWKS                     string         `json:"jwks"`
	JWKSURI                  string         `json:"jwksUri"`
	BackchannelLogoutURI     string         `json:"backchannelLogoutUri"`
	FrontchannelLogoutURI    string         `json:"frontchannelLogoutUri,omitempty"`
	Trusted                  bool           `json:"trusted,omitempty"`
	RequirePAR               bool           `json:"requirePushedAuthorizationRequests,omitempty"`
	SubjectType              string         `json:"subjectType,omitempty"`
	SectorIdentifier         string         `json:"sectorIdentifierUri,omitempty"`
	Claims                   []claimRecord  `json:"claims,omitempty"`
	PolicyURI                string         `json:"policyUri,omitempty"`
	TOSURI                   string         `json:"tosUri,omitempty"`
	Groups                   []string       `json:"groups,omitempty"`
	Metadata                 map[string]any `json:"metadata,omitempty"`
	CreatedAt                time.Time      `json:"createdAt"`
	UpdatedAt                time.Time      `json:"updatedAt,omitzero"`
	Version                  int64          `json:"version"`
}

type secretRecord struct {
	Hash      string    `json:"hash"`
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
}

type claimRecord struct {
	Name     string `json:"claim"`
	Metadata string `json:"metadata"`
	Scope    string `json:"scope,omitempty"`
}

func newApplicationRecord(a identity.Application) applicationRecord {
	r := applicationRecord{
		ID: a.ID, ClientID: a.ClientID, Name: a.Name, Description: a.Description, DisplayName: a.DisplayName, Public: a.Public, BuiltIn: a.BuiltIn,
		Disabled: a.Disabled, NotBefore: a.NotBefore, GrantTypes: a.GrantTypes, Scopes: a.Scopes, Audiences: a.Audiences,
		TokenEndpointAuthMethod: a.TokenEndpointAuthMethod, RedirectURIs: a.RedirectURIs,
		PostLogoutRedirectURIs: a.PostLogoutRedirectURIs, AllowedOrigins: a.AllowedOrigins,
		AccessTokenLifetime: a.AccessTokenLifetime.Microseconds(), RefreshTokenLifetime: a.RefreshTokenLifetime.Microseconds(),
		SessionLifetime: a.SessionLifetime.Microseconds(), IDTokenSignedResponseAlg: a.IDTokenSignedResponseAlg,
		JWKS: a.JWKS, JWKSURI: a.JWKSURI, BackchannelLogoutURI: a.BackchannelLogoutURI, FrontchannelLogoutURI: a.FrontchannelLogoutURI,
		Trusted: a.Trusted, RequirePAR: a.RequirePAR, SubjectType: a.SubjectType, SectorIdentifier: a.SectorIdentifier,
		PolicyURI: a.PolicyURI, TOSURI: a.TOSURI,
		Groups: a.Groups, Metadata: a.Metadata, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, Version: a.Version,
	}
	for _, s := range a.Secrets {
		r.Secrets = append(r.Secrets, secretRecord(s))
	}
	for _, c := range a.Claims {
		r.Claims = append(r.Claims, claimRecord(c))
	}
	return r
}

func (r applicationRecord) application() identity.Application {
	a := identity.Application{
		ID: r.ID, ClientID: r.ClientID, Name: r.Name, Description: r.Description, DisplayName: r.DisplayName, Public: r.Public, BuiltIn: r.BuiltIn,
		Disabled: r.Disabled, NotBefore: r.NotBefore, GrantTypes: r.GrantTypes, Scopes: r.Scopes, Audiences: r.Audiences,
		TokenEndpointAuthMethod: r.TokenEndpointAuthMethod, RedirectURIs: r.RedirectURIs,
		PostLogoutRedirectURIs: r.PostLogoutRedirectURIs, AllowedOrigins: r.AllowedOrigins,
		AccessTokenLifetime: micros(r.AccessTokenLifetime), RefreshTokenLifetime: micros(r.RefreshTokenLifetime),
		SessionLifetime: micros(r.SessionLifetime), IDTokenSignedResponseAlg: r.IDTokenSignedResponseAlg,
		JWKS: r.JWKS, JWKSURI: r.JWKSURI, BackchannelLogoutURI: r.BackchannelLogoutURI, FrontchannelLogoutURI: r.FrontchannelLogoutURI,
		Trusted: r.Trusted, RequirePAR: r.RequirePAR, SubjectType: r.SubjectType, SectorIdentifier: r.SectorIdentifier,
		PolicyURI: r.PolicyURI, TOSURI: r.TOSURI,
		Groups: r.Groups, Metadata: r.Metadata, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Version: r.Version,
	}
	for _, s := range r.Secrets {
		a.Secrets = append(a.Secrets, identity.ClientSecret(s))
	}
	for _, c := range r.Claims {
		c.Scope = cmp.Or(c.Scope, identity.DefaultClaimScope)
		a.Claims = append(a.Claims, identity.Claim(c))
	}
	return a
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
