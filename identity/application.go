package identity

import (
	"cmp"
	"slices"
	"time"
)

// The grants an application may be allowed (RFC 6749 §1.3).
const (
	GrantPassword          = "password"
	GrantClientCredentials = "client_credentials"
	GrantRefreshToken      = "refresh_token"
	GrantAuthorizationCode = "authorization_code"
)

// How an application authenticates at the token endpoint (OpenID Connect Core §9).
const (
	AuthBasic         = "client_secret_basic"
	AuthPost          = "client_secret_post"
	AuthPrivateKeyJWT = "private_key_jwt"
	AuthNone          = "none"
)

// What an application knows a user by (OpenID Connect Core §8).
const (
	SubjectPublic   = "public"   // the user's id, as all applications do
	SubjectPairwise = "pairwise" // a sub that only applications of its sector know
)

// FirstPartyClientID is the client id of the built-in first-party application:
// a password request that brings no client runs as it.
const FirstPartyClientID = "gatehouse"

// Application is an OAuth 2.0 client (RFC 6749 §2).
type Application struct {
	ID          string // UUIDv7
	ClientID    string // 20 hex digits; FirstPartyClientID for the built-in one
	Name        string // the Product it belongs to
	Description string
	DisplayName string // what pages call it; empty: its Name

	Public    bool           // it can keep no secret (RFC 6749 §2.1)
	BuiltIn   bool           // it cannot be deleted
	Disabled  bool           // it gets no token, and those it has are dead
	NotBefore time.Time      // sessions and tokens from then or earlier are dead; zero: none is
	Secrets   []ClientSecret // more than one while a secret is being rotated

	GrantTypes              []string
	Scopes                  []string // those it may ask for, and gets when it asks for none
	Audiences               []string // those it may ask for (RFC 8707)
	TokenEndpointAuthMethod string   // AuthBasic and AuthPost both let a secret be sent either way
	Trusted                 bool     // first-party: its users are not asked for their consent
	RequirePAR              bool     // an authorization request has to be pushed first (RFC 9126 §6)
	RedirectURIs            []string
	PostLogoutRedirectURIs  []string
	AllowedOrigins          []string // browser origins that may read answers (CORS)

	AccessTokenLifetime      time.Duration // 0: the server's default
	RefreshTokenLifetime     time.Duration // idle: unused for longer, it expires; 0: the server's default
	SessionLifetime          time.Duration // absolute: however often refreshed; 0: the server's default
	IDTokenSignedResponseAlg string        // "RS256" or "ES256"

	JWKS                 string // its public keys, a JWK Set (RFC 7517 §5) in JSON; not with JWKSURI
	JWKSURI              string // where its public keys are
	BackchannelLogoutURI string // where logout tokens go (OpenID Connect Back-Channel Logout 1.0 §2.2)

	FrontchannelLogoutURI string  // what a browser loads at logout (OpenID Connect Front-Channel Logout 1.0 §2)
	SubjectType           string  // SubjectPublic or SubjectPairwise; empty: SubjectPublic
	SectorIdentifier      string  // an https address, never fetched, whose host is the Sector
	Claims                []Claim // what it is told of its users beside what scopes give
	PolicyURI             string  // its privacy policy, for people
	TOSURI                string  // its terms of service, for people

	Groups    []string // ids, sorted, of groups of no product that it is a member of
	Metadata  map[string]any
	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int64 // 1 when created, one more with each change
}

// Allows says whether the application may use the grant.
func (a Application) Allows(grant string) bool { return slices.Contains(a.GrantTypes, grant) }

// UsesSecret says whether the application proves itself with a secret. One that
// does not has none.
func (a Application) UsesSecret() bool {
	return !a.Public && a.TokenEndpointAuthMethod != AuthPrivateKeyJWT
}

// ShownName is what people are told that the application is called.
func (a Application) ShownName() string { return cmp.Or(a.DisplayName, a.Name) }

// ActsIn are the groups whose permissions the application has by its own tokens:
// its product's editors, and those that it is a member of.
func (a Application) ActsIn() []string {
	return append([]string{EditorGroup(a.Name)}, a.Groups...)
}

// SpeaksForUsers says whether sessions with a user's own authority can begin at the
// application: it is the company's own, or users type their passwords into it. What
// is asked of a session is Authority; this one says who may change the application.
func (a Application) SpeaksForUsers() bool {
	return a.BuiltIn || a.Trusted || a.Allows(GrantPassword)
}

// ClientSecret is one secret that an application may show.
type ClientSecret struct {
	Hash      string    // see HashSecret
	ExpiresAt time.Time // zero: never
}

// Ended says whether what was issued to the application at the given time is
// dead because the application was disabled since.
func (a Application) Ended(issuedAt time.Time) bool {
	return !a.NotBefore.IsZero() && !issuedAt.After(a.NotBefore)
}
