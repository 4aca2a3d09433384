package client

import (
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json" // case-sensitive, and refuses a member that is there twice
)

// Token is what a verified access token says. It is shared by all who verify the
// same one, and must not be changed.
type Token struct {
	ID          string    // jti
	Subject     string    // a user's id, or an application's client id
	ClientID    string    // of the application that it was issued to
	Audience    []string  // whom it is for
	Scopes      []string  // what it was granted
	Application bool      // it speaks for an application, and not for a user
	Owner       string    // the organization
	Name        string    // the username, or the application's name
	DisplayName string    // the full name, or the application's description
	SessionID   string    // of a user's sign-in; empty for applications
	Groups      []string  // of a user, where the scope asked for them
	Own         bool      // its user's own authority, or an application's; else a consent: see ActsIn
	IssuedAt    time.Time // in whole seconds, as is ExpiresAt
	ExpiresAt   time.Time

	kid       string // of the key that signed it
	notBefore time.Time
}

// HasScope says whether the token was granted a scope.
func (t *Token) HasScope(scope string) bool { return slices.Contains(t.Scopes, scope) }

// ActsIn says whether the token may exercise its subject's permissions at a product:
// all of them where it has its user's own authority, or is an application's; where it
// rests on a consent, at the products that its scopes and audiences name.
func (t *Token) ActsIn(product string) bool {
	named := "product:" + product
	return t.Own || product != "" && (slices.Contains(t.Scopes, named) || slices.Contains(t.Audience, named))
}

// claims is the payload of an access token (RFC 9068 §2.2). Times are seconds
// since 1970.
type claims struct {
	Issuer      string   `json:"iss"`
	Subject     string   `json:"sub"`
	Audience    audience `json:"aud"`
	ExpiresAt   int64    `json:"exp"`
	NotBefore   int64    `json:"nbf"`
	IssuedAt    int64    `json:"iat"`
	ID          string   `json:"jti"`
	ClientID    string   `json:"client_id"`
	Scope       string   `json:"scope"`
	Type        string   `json:"type"`
	Owner       string   `json:"owner"`
	Name        string   `json:"name"`
	DisplayName string   `json:"displayName"`
	SessionID   string   `json:"sid"`
	Groups      []string `json:"groups"`
	Authority   string   `json:"authority"`
}

// audience is one text or a list of them (RFC 7519 §4.1.3).
type audience []string

// UnmarshalJSON reads either form.
func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if err := json.Unmarshal(text, &one); err == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

// complete says whether nothing is missing that RFC 9068 requires.
func (c *claims) complete() bool {
	return c.Subject != "" && c.ClientID != "" && c.ID != "" && c.ExpiresAt > 0 && c.IssuedAt > 0 && len(c.Audience) > 0
}

func (c *claims) token(kid string) *Token {
	return &Token{
		ID: c.ID, Subject: c.Subject, ClientID: c.ClientID, Audience: c.Audience,
		Scopes: strings.Fields(c.Scope), Application: c.Type == "application",
		Owner: c.Owner, Name: c.Name, DisplayName: c.DisplayName, SessionID: c.SessionID, Groups: c.Groups,
		Own:      c.Type == "application" || c.Authority == "own",
		IssuedAt: time.Unix(c.IssuedAt, 0).UTC(), ExpiresAt: time.Unix(c.ExpiresAt, 0).UTC(),
		kid: kid, notBefore: time.Unix(c.NotBefore, 0),
	}
}
