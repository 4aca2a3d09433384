package sqlstore

import (
	"cmp"
	"slices"
	"time"

	"gatehouse/identity"
)

// applicationRow is an identity.Application.
type applicationRow struct {
	ID                      string
	ClientID                string
	Name                    string
	Description             string
	Public                  bool
	BuiltIn                 bool
	Disabled                bool
	NotBefore               stamp
	Secrets                 column[[]secret] `gorm:"type:text"`
	GrantTypes              column[[]string] `gorm:"type:text"`
	Scopes                  column[[]string] `gorm:"type:text"`
	Audiences               column[[]string] `gorm:"type:text"`
	TokenEndpointAuthMethod string
	RedirectURIs            column[[]string] `gorm:"type:text;column:redirect_uris"`
	PostLogoutRedirectURIs  column[[]string] `gorm:"type:text;column:post_logout_redirect_uris"`
	AllowedOrigins          column[[]string] `gorm:"type:text"`
	AccessTokenLifetime     int64            // microseconds, as the next two
	RefreshTokenLifetime    int64
	SessionLifetime         int64
	IDTokenSignedAlg        string
	JWKS                    string `gorm:"column:jwks"`
	JWKSURI                 string `gorm:"column:jwks_uri"`
	BackchannelLogoutURI    string `gorm:"column:backchannel_logout_uri"`
	DisplayName             string
	Trusted                 bool
	RequirePAR              bool `gorm:"column:require_par"`
	SubjectType             string
	SectorIdentifier        string
	FrontchannelLogoutURI   string                 `gorm:"column:frontchannel_logout_uri"`
	PolicyURI               string                 `gorm:"column:policy_uri"`
	TOSURI                  string                 `gorm:"column:tos_uri"`
	Claims                  column[[]claim]        `gorm:"type:text"`
	Metadata                column[map[string]any] `gorm:"type:text"`
	CreatedAt               stamp
	UpdatedAt               stamp
	Version                 int64
	Groups                  column[[]string] `gorm:"->;type:text"` // of application_memberships; see selectApplication
}

// TableName is GORM's question.
func (applicationRow) TableName() string { return "applications" }

// secret is an identity.ClientSecret.
type secret struct {
	Hash      string    `json:"hash"`
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
}

func newSecrets(secrets []identity.ClientSecret) column[[]secret] {
	var c column[[]secret]
	for _, s := range secrets {
		c.v = append(c.v, secret{Hash: s.Hash, ExpiresAt: s.ExpiresAt.UTC().Truncate(time.Microsecond)})
	}
	return c
}

// claim is an identity.Claim.
type claim struct {
	Name     string `json:"claim"`
	Metadata string `json:"metadata"`
	Scope    string `json:"scope,omitempty"`
}

func newClaims(claims []identity.Claim) column[[]claim] {
	var c column[[]claim]
	for _, one := range claims {
		c.v = append(c.v, claim(one))
	}
	return c
}

func newApplicationRow(a identity.Application) applicationRow {
	return applicationRow{
		ID:                      a.ID,
		ClientID:                a.ClientID,
		Name:                    legible(a.Name),
		Description:             legible(a.Description),
		Public:                  a.Public,
		BuiltIn:                 a.BuiltIn,
		Disabled:                a.Disabled,
		NotBefore:               stamp(a.NotBefore),
		Secrets:                 newSecrets(a.Secrets),
		GrantTypes:              column[[]string]{a.GrantTypes},
		Scopes:                  column[[]string]{a.Scopes},
		Audiences:               column[[]string]{a.Audiences},
		TokenEndpointAuthMethod: a.TokenEndpointAuthMethod,
		RedirectURIs:            column[[]string]{a.RedirectURIs},
		PostLogoutRedirectURIs:  column[[]string]{a.PostLogoutRedirectURIs},
		AllowedOrigins:          column[[]string]{a.AllowedOrigins},
		AccessTokenLifetime:     a.AccessTokenLifetime.Microseconds(),
		RefreshTokenLifetime:    a.RefreshTokenLifetime.Microseconds(),
		SessionLifetime:         a.SessionLifetime.Microseconds(),
		IDTokenSignedAlg:        a.IDTokenSignedResponseAlg,
		JWKS:                    legible(a.JWKS),
		JWKSURI:                 a.JWKSURI,
		BackchannelLogoutURI:    a.BackchannelLogoutURI,
		DisplayName:             legible(a.DisplayName),
		Trusted:                 a.Trusted,
		RequirePAR:              a.RequirePAR,
		SubjectType:             a.SubjectType,
		SectorIdentifier:        a.SectorIdentifier,
		FrontchannelLogoutURI:   a.FrontchannelLogoutURI,
		PolicyURI:               a.PolicyURI,
		TOSURI:                  a.TOSURI,
		Claims:                  newClaims(a.Claims),
		Metadata:                column[map[string]any]{a.Metadata},
		CreatedAt:               stamp(a.CreatedAt),
		UpdatedAt:               stamp(a.UpdatedAt),
		Version:                 a.Version,
	}
}

func (r *applicationRow) application() identity.Application {
	app := identity.Application{
		ID:                       r.ID,
		ClientID:                 r.ClientID,
		Name:                     r.Name,
		Description:              r.Description,
		Public:                   r.Public,
		BuiltIn:                  r.BuiltIn,
		Disabled:                 r.Disabled,
		NotBefore:                time.Time(r.NotBefore),
		GrantTypes:               r.GrantTypes.v,
		Scopes:                   r.Scopes.v,
		Audiences:                r.Audiences.v,
		TokenEndpointAuthMethod:  r.TokenEndpointAuthMethod,
		RedirectURIs:             r.RedirectURIs.v,
		PostLogoutRedirectURIs:   r.PostLogoutRedirectURIs.v,
		AllowedOrigins:           r.AllowedOrigins.v,
		AccessTokenLifetime:      time.Duration(r.AccessTokenLifetime) * time.Microsecond,
		RefreshTokenLifetime:     time.Duration(r.RefreshTokenLifetime) * time.Microsecond,
		SessionLifetime:          time.Duration(r.SessionLifetime) * time.Microsecond,
		IDTokenSignedResponseAlg: r.IDTokenSignedAlg,
		JWKS:                     r.JWKS,
		JWKSURI:                  r.JWKSURI,
		BackchannelLogoutURI:     r.BackchannelLogoutURI,
		DisplayName:              r.DisplayName,
		Trusted:                  r.Trusted,
		RequirePAR:               r.RequirePAR,
		SubjectType:              r.SubjectType,
		SectorIdentifier:         r.SectorIdentifier,
		FrontchannelLogoutURI:    r.FrontchannelLogoutURI,
		PolicyURI:                r.PolicyURI,
		TOSURI:                   r.TOSURI,
		Groups:                   slices.Sorted(slices.Values(r.Groups.v)),
		Metadata:                 r.Metadata.v,
		CreatedAt:                time.Time(r.CreatedAt),
		UpdatedAt:                time.Time(r.UpdatedAt),
		Version:                  r.Version,
	}
	for _, s := range r.Secrets.v {
		app.Secrets = append(app.Secrets, identity.ClientSecret(s))
	}
	for _, c := range r.Claims.v {
		c.Scope = cmp.Or(c.Scope, identity.DefaultClaimScope)
		app.Claims = append(app.Claims, identity.Claim(c))
	}
	return app
}
