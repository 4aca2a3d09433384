package claims

import (
	"slices"

	"gatehouse/identity"
)

// Claims are what an application is told of a user, by the names of OpenID Connect
// Core §5.1. What the user has not is left out.
type Claims struct {
	Name                string   `json:"name,omitempty"`
	GivenName           string   `json:"given_name,omitempty"`
	FamilyName          string   `json:"family_name,omitempty"`
	MiddleName          string   `json:"middle_name,omitempty"`
	Nickname            string   `json:"nickname,omitempty"`
	PreferredUsername   string   `json:"preferred_username,omitempty"`
	Profile             string   `json:"profile,omitempty"`
	Picture             string   `json:"picture,omitempty"`
	Website             string   `json:"website,omitempty"`
	Gender              string   `json:"gender,omitempty"`
	Birthdate           string   `json:"birthdate,omitempty"`
	Zoneinfo            string   `json:"zoneinfo,omitempty"`
	Locale              string   `json:"locale,omitempty"`
	UpdatedAt           int64    `json:"updated_at,omitempty"`
	Email               string   `json:"email,omitempty"`
	EmailVerified       *bool    `json:"email_verified,omitempty"`
	PhoneNumber         string   `json:"phone_number,omitempty"`
	PhoneNumberVerified *bool    `json:"phone_number_verified,omitempty"`
	Address             *Address `json:"address,omitempty"`
	Groups              []string `json:"groups,omitempty"`

	// Custom are those that the application's settings name; see identity.Claim.
	Custom map[string]any `json:"-"`
}

// Address is a postal address (OpenID Connect Core §5.1.1).
type Address struct {
	Formatted     string `json:"formatted,omitempty"`
	StreetAddress string `json:"street_address,omitempty"`
	Locality      string `json:"locality,omitempty"`
	Region        string `json:"region,omitempty"`
	PostalCode    string `json:"postal_code,omitempty"`
	Country       string `json:"country,omitempty"`
}

// scopeOf is the scope that brings a claim (OpenID Connect Core §5.4; groups is ours).
var scopeOf = map[string]string{
	"name": "profile", "given_name": "profile", "family_name": "profile", "middle_name": "profile", "nickname": "profile",
	"preferred_username": "profile", "profile": "profile", "picture": "profile", "website": "profile", "gender": "profile",
	"birthdate": "profile", "zoneinfo": "profile", "locale": "profile", "updated_at": "profile",
	"email": "email", "email_verified": "email",
	"phone_number": "phone", "phone_number_verified": "phone",
	"address": "address",
	"groups":  "groups",
}

// Supported returns the names of all standard claims about users, sorted.
func Supported() []string {
	names := make([]string, 0, len(scopeOf))
	for name := range scopeOf {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Want says what an application is to be told.
type Want struct {
	Scopes   []string // that were granted
	Names    []string // of claims asked for one by one that the application may have; see Asked
	Released []string // mappings to claims that the session released; see identity.Claim
}

// About returns what an application is told of a user.
func About(u *identity.User, app *identity.Application, w Want) Claims {
	var c Claims
	c.profile(u, w)
	if w.claim("email", "email") {
		c.Email = u.Email
	}
	if w.claim("email", "email_verified") {
		c.EmailVerified = &u.EmailVerified
	}
	if w.claim("phone", "phone_number") {
		c.PhoneNumber = text(u, "phone_number")
	}
	if verified, ok := u.Metadata["phone_number_verified"].(bool); ok && w.claim("phone", "phone_number_verified") {
		c.PhoneNumberVerified = &verified
	}
	if w.claim("address", "address") {
		c.Address = addressOf(u)
	}
	if w.claim("groups", "groups") {
		c.Groups = u.Groups
	}
	c.Custom = custom(u, app, w)
	return c
}

// InIDToken is About for an id token: an access token comes with it, so what scopes
// bring is at the userinfo endpoint (OpenID Connect Core §5.4), but for the claims
// that the application's own settings name.
func InIDToken(u *identity.User, app *identity.Application, w Want) Claims {
	c := About(u, app, Want{Names: w.Names})
	c.Custom = custom(u, app, w)
	return c
}

func (c *Claims) profile(u *identity.User, w Want) {
	if !w.anyOf("profile") {
		return
	}
	set := func(to *string, name, value string) {
		if w.claim("profile", name) {
			*to = value
		}
	}
	set(&c.Name, "name", u.FullName())
	set(&c.GivenName, "given_name", u.FirstName)
	set(&c.FamilyName, "family_name", u.LastName)
	set(&c.PreferredUsername, "preferred_username", u.Username)
	set(&c.MiddleName, "middle_name", text(u, "middle_name"))
	set(&c.Nickname, "nickname", text(u, "nickname"))
	set(&c.Profile, "profile", text(u, "profile"))
	set(&c.Picture, "picture", text(u, "picture"))
	set(&c.Website, "website", text(u, "website"))
	set(&c.Gender, "gender", text(u, "gender"))
	set(&c.Birthdate, "birthdate", text(u, "birthdate"))
	set(&c.Zoneinfo, "zoneinfo", text(u, "zoneinfo"))
	set(&c.Locale, "locale", text(u, "locale"))
	if w.claim("profile", "updated_at") {
		c.UpdatedAt = u.UpdatedAt.Unix()
	}
}

// addressOf reads an address from the user's metadata: the parts from address_locality
// and the like, and the whole of it from address.
func addressOf(u *identity.User) *Address {
	a := Address{
		text(u, "address"), text(u, "address_street_address"), text(u, "address_locality"),
		text(u, "address_region"), text(u, "address_postal_code"), text(u, "address_country"),
	}
	if a == (Address{}) {
		return nil
	}
	return &a
}

// custom are the claims of the application's own mappings that the session released
// and that are still there.
func custom(u *identity.User, app *identity.Application, w Want) map[string]any {
	var out map[string]any
	for _, claim := range app.ReleasedClaims(w.Scopes, w.Names) {
		value, there := u.Metadata[claim.Metadata]
		if !there || !slices.Contains(w.Released, claim.Released()) {
			continue
		}
		if out == nil {
			out = make(map[string]any, len(app.Claims))
		}
		out[claim.Name] = value
	}
	return out
}

// text is what a user's metadata say under a key, if it is a text.
func text(u *identity.User, key string) string {
	s, _ := u.Metadata[key].(string)
	return s
}

func (w Want) claim(scope, name string) bool {
	return slices.Contains(w.Scopes, scope) || slices.Contains(w.Names, name)
}

// anyOf says whether a claim of the scope may be wanted.
func (w Want) anyOf(scope string) bool { return len(w.Names) > 0 || slices.Contains(w.Scopes, scope) }
