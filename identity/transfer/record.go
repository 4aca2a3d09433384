package transfer

import (
	"time"

	"gatehouse/identity"
	"gatehouse/storage"
)

// The records of an export, each as it is stored. Durations are microseconds.

type productRecord struct {
	Name        string    `json:"name"`
	Description string    `json:"description"`
	BuiltIn     bool      `json:"builtIn"`
	CreatedAt   time.Time `json:"createdAt"`
}

type groupRecord struct {
	ID          string              `json:"id"`
	Name        string              `json:"name"`
	Permissions map[string][]string `json:"permissions,omitempty"`
	Metadata    map[string]any      `json:"metadata,omitempty"`
	BuiltIn     bool                `json:"builtIn"`
	CreatedAt   time.Time           `json:"createdAt"`
	UpdatedAt   time.Time           `json:"updatedAt,omitzero"`
	Version     int64               `json:"version"`
}

type userRecord struct {
	ID            string         `json:"id"`
	Username      string         `json:"username"`
	Email         string         `json:"email"`
	EmailVerified bool           `json:"emailVerified"`
	FirstName     string         `json:"firstName"`
	LastName      string         `json:"lastName"`
	PasswordHash  string         `json:"passwordHash"`
	Groups        []string       `json:"groups,omitempty"`
	Metadata      map[string]any `json:"metadata,omitempty"`
	Disabled      bool           `json:"disabled"`
	CreatedAt     time.Time      `json:"createdAt"`
	UpdatedAt     time.Time      `json:"updatedAt"`
	Version       int64          `json:"version"`
}

type applicationRecord struct {
	ID                       string         `json:"id"`
	ClientID                 string         `json:"clientId"`
	Name                     string         `json:"name"`
	Description              string         `json:"description"`
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
	Metadata                 map[string]any `json:"metadata,omitempty"`
	CreatedAt                time.Time      `json:"createdAt"`
	UpdatedAt                time.Time      `json:"updatedAt,omitzero"`
	Version                  int64          `json:"version"`
}

type secretRecord struct {
	Hash      string    `json:"hash"`
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
}

type keyRecord struct {
	ID         string    `json:"id"`
	Algorithm  string    `json:"algorithm"`
	Sealed     []byte    `json:"sealed"` // base64; still encrypted
	CreatedAt  time.Time `json:"createdAt"`
	ActiveFrom time.Time `json:"activeFrom"`
	RetiredAt  time.Time `json:"retiredAt,omitzero"`
	ExpiresAt  time.Time `json:"expiresAt,omitzero"`
}

func newApplicationRecord(a identity.Application) applicationRecord {
	r := applicationRecord{
		ID: a.ID, ClientID: a.ClientID, Name: a.Name, Description: a.Description, Public: a.Public, BuiltIn: a.BuiltIn,
		Disabled: a.Disabled, NotBefore: a.NotBefore, GrantTypes: a.GrantTypes, Scopes: a.Scopes, Audiences: a.Audiences,
		TokenEndpointAuthMethod: a.TokenEndpointAuthMethod, RedirectURIs: a.RedirectURIs,
		PostLogoutRedirectURIs: a.PostLogoutRedirectURIs, AllowedOrigins: a.AllowedOrigins,
		AccessTokenLifetime: a.AccessTokenLifetime.Microseconds(), RefreshTokenLifetime: a.RefreshTokenLifetime.Microseconds(),
		SessionLifetime: a.SessionLifetime.Microseconds(), IDTokenSignedResponseAlg: a.IDTokenSignedResponseAlg,
		JWKS: a.JWKS, JWKSURI: a.JWKSURI, BackchannelLogoutURI: a.BackchannelLogoutURI,
		Metadata: a.Metadata, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, Version: a.Version,
	}
	for _, s := range a.Secrets {
		r.Secrets = append(r.Secrets, secretRecord(s))
	}
	return r
}

func (r applicationRecord) application() identity.Application {
	a := identity.Application{
		ID: r.ID, ClientID: r.ClientID, Name: r.Name, Description: r.Description, Public: r.Public, BuiltIn: r.BuiltIn,
		Disabled: r.Disabled, NotBefore: r.NotBefore, GrantTypes: r.GrantTypes, Scopes: r.Scopes, Audiences: r.Audiences,
		TokenEndpointAuthMethod: r.TokenEndpointAuthMethod, RedirectURIs: r.RedirectURIs,
		PostLogoutRedirectURIs: r.PostLogoutRedirectURIs, AllowedOrigins: r.AllowedOrigins,
		AccessTokenLifetime: micros(r.AccessTokenLifetime), RefreshTokenLifetime: micros(r.RefreshTokenLifetime),
		SessionLifetime: micros(r.SessionLifetime), IDTokenSignedResponseAlg: r.IDTokenSignedResponseAlg,
		JWKS: r.JWKS, JWKSURI: r.JWKSURI, BackchannelLogoutURI: r.BackchannelLogoutURI,
		Metadata: r.Metadata, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Version: r.Version,
	}
	for _, s := range r.Secrets {
		a.Secrets = append(a.Secrets, identity.ClientSecret(s))
	}
	return a
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

// The others have the fields of what they are a record of, in the same order.
var (
	_ = productRecord(identity.Product{})
	_ = groupRecord(identity.Group{})
	_ = userRecord(identity.User{})
	_ = keyRecord(storage.Key{})
)
