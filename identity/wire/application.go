package wire

import (
	"cmp"
	"encoding/json"
	"time"

	"gatehouse/identity"
	"gatehouse/identity/registry"
)

// Application is an application in an answer. Lifetimes are in seconds and left
// out where the server's default counts.
type Application struct {
	ID                       string          `json:"id"`
	Name                     string          `json:"name"`
	Description              string          `json:"description"`
	DisplayName              string          `json:"displayName,omitempty"`
	ClientID                 string          `json:"clientId"`
	ClientSecret             string          `json:"clientSecret,omitempty"` // shown once, when it is made
	OldSecretExpiresAt       *time.Time      `json:"oldSecretExpiresAt,omitempty"`
	CreatedAt                time.Time       `json:"createdAt"`
	UpdatedAt                time.Time       `json:"updatedAt"`
	Public                   bool            `json:"public"`
	BuiltIn                  bool            `json:"builtIn"`
	Disabled                 bool            `json:"disabled"`
	Trusted                  bool            `json:"trusted"`
	GrantTypes               []string        `json:"grantTypes"`
	Scopes                   []string        `json:"scopes"`
	Audiences                []string        `json:"audiences"`
	RedirectURIs             []string        `json:"redirectUris"`
	PostLogoutRedirectURIs   []string        `json:"postLogoutRedirectUris"`
	AllowedOrigins           []string        `json:"allowedOrigins"`
	TokenEndpointAuthMethod  string          `json:"tokenEndpointAuthMethod"`
	JWKS                     json.RawMessage `json:"jwks,omitempty"`
	JWKSURI                  string          `json:"jwksUri,omitempty"`
	RequirePAR               bool            `json:"requirePushedAuthorizationRequests"`
	SubjectType              string          `json:"subjectType"`
	SectorIdentifier         string          `json:"sectorIdentifierUri,omitempty"`
	Claims                   []Claim         `json:"claims"`
	BackchannelLogoutURI     string          `json:"backchannelLogoutUri,omitempty"`
	FrontchannelLogoutURI    string          `json:"frontchannelLogoutUri,omitempty"`
	PolicyURI                string          `json:"policyUri,omitempty"`
	TOSURI                   string          `json:"tosUri,omitempty"`
	AccessTokenLifetime      int64           `json:"accessTokenLifetime,omitempty"`
	RefreshTokenLifetime     int64           `json:"refreshTokenLifetime,omitempty"`
	SessionLifetime          int64           `json:"sessionLifetime,omitempty"`
	IDTokenSignedResponseAlg string          `json:"idTokenSignedResponseAlg"`
	Groups                   []string        `json:"groups"`
	Metadata                 map[string]any  `json:"metadata"`
}

// FromApplication returns the application as answers show it, with its secret
// if it was made just now (else empty).
func FromApplication(a identity.Application, secret string) Application {
	out := Application{
		ID: a.ID, Name: a.Name, Description: a.Description, DisplayName: a.DisplayName, ClientID: a.ClientID, ClientSecret: secret,
		CreatedAt: a.CreatedAt.UTC(), UpdatedAt: a.UpdatedAt.UTC(), Public: a.Public, BuiltIn: a.BuiltIn, Disabled: a.Disabled, Trusted: a.Trusted,
		GrantTypes: full(a.GrantTypes), Scopes: full(a.Scopes), Audiences: full(a.Audiences),
		RedirectURIs: full(a.RedirectURIs), PostLogoutRedirectURIs: full(a.PostLogoutRedirectURIs),
		AllowedOrigins: full(a.AllowedOrigins), TokenEndpointAuthMethod: a.TokenEndpointAuthMethod,
		JWKS: json.RawMessage(a.JWKS), JWKSURI: a.JWKSURI, RequirePAR: a.RequirePAR,
		SubjectType: cmp.Or(a.SubjectType, identity.SubjectPublic), SectorIdentifier: a.SectorIdentifier, Claims: fromClaims(a.Claims),
		BackchannelLogoutURI: a.BackchannelLogoutURI, FrontchannelLogoutURI: a.FrontchannelLogoutURI,
		PolicyURI: a.PolicyURI, TOSURI: a.TOSURI,
		AccessTokenLifetime:      seconds(a.AccessTokenLifetime),
		RefreshTokenLifetime:     seconds(a.RefreshTokenLifetime),
		SessionLifetime:          seconds(a.SessionLifetime),
		IDTokenSignedResponseAlg: a.IDTokenSignedResponseAlg, Groups: full(a.Groups), Metadata: metadata(a.Metadata),
	}
	if secret != "" && len(a.Secrets) > 1 {
		until := a.Secrets[1].ExpiresAt.UTC()
		out.OldSecretExpiresAt = &until
	}
	return out
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// ParseNewApplication reads the body of POST /v1/applications.
func ParseNewApplication(object map[string]any) (registry.NewApplication, error) {
	r := read(object)
	in := registry.NewApplication{Application: identity.Application{Name: r.needText("name"), Description: r.needText("description")}}
	app, change := &in.Application, r.settings()
	change.Apply(app)
	return in, r.err()
}

// ParseApplicationChange reads the body of PATCH /v1/applications/{id}.
func ParseApplicationChange(object map[string]any) (registry.ApplicationChange, error) {
	r := read(object)
	change := r.settings()
	change.Description = r.notEmpty("description", r.text("description"))
	change.Disabled = r.flag("disabled")
	r.never(true, "id", "createdAt", "name", "clientId", "builtIn")
	r.never(false, "clientSecret", "groups")
	return change, r.err()
}

// settings reads what can be said of an application at any time.
func (r *reader) settings() registry.ApplicationChange {
	return registry.ApplicationChange{
		DisplayName:             r.text("displayName"),
		PolicyURI:               r.text("policyUri"),
		TOSURI:                  r.text("tosUri"),
		Public:                  r.flag("public"),
		Trusted:                 r.flag("trusted"),
		RequirePAR:              r.flag("requirePushedAuthorizationRequests"),
		GrantTypes:              r.texts("grantTypes"),
		Scopes:                  r.texts("scopes"),
		Audiences:               r.texts("audiences"),
		RedirectURIs:            r.texts("redirectUris"),
		PostLogoutRedirectURIs:  r.texts("postLogoutRedirectUris"),
		AllowedOrigins:          r.texts("allowedOrigins"),
		TokenEndpointAuthMethod: r.text("tokenEndpointAuthMethod"),
		JWKS:                    r.document("jwks"),
		JWKSURI:                 r.text("jwksUri"),
		IDTokenAlg:              r.text("idTokenSignedResponseAlg"),
		BackchannelLogoutURI:    r.text("backchannelLogoutUri"),
		FrontchannelLogoutURI:   r.text("frontchannelLogoutUri"),
		SubjectType:             r.text("subjectType"),
		SectorIdentifier:        r.text("sectorIdentifierUri"),
		Claims:                  r.claims("claims"),
		AccessTokenLifetime:     r.seconds("accessTokenLifetime"),
		RefreshTokenLifetime:    r.seconds("refreshTokenLifetime"),
		SessionLifetime:         r.seconds("sessionLifetime"),
		Metadata:                r.objectOf("metadata"),
	}
}

// ParseRotation reads the body of POST /v1/applications/{id}/rotate-secret,
// which may be absent.
func ParseRotation(object map[string]any) (keepOldFor time.Duration, err error) {
	r := read(object)
	return value(r.seconds("keepOldFor")), r.err()
}
