package claims

import (
	"fmt"
	"maps"
	"slices"

	"github.com/go-jose/go-jose/v4/json" // case-sensitive, and refuses a key that is there twice

	"gatehouse/errors"
	"gatehouse/identity"
)

// ACRPassword is the authentication context of whoever has signed in by password:
// the lowest of the levels of ISO/IEC 29115, as OpenID Connect Core §2 has it.
const ACRPassword = "1"

// AMRPassword is how whoever knows their password has proved who they are (RFC 8176 §2).
const AMRPassword = "pwd"

// Asked is the claims parameter of an authorization request (OpenID Connect Core
// §5.5): claims that the application asks for one by one, and where it wants them.
type Asked struct {
	IDToken  map[string]*Wish `json:"id_token"`
	Userinfo map[string]*Wish `json:"userinfo"`
}

// Wish is how a claim is asked for; nil: just so (§5.5.1).
type Wish struct {
	Essential bool  `json:"essential"`
	Value     any   `json:"value"`
	Values    []any `json:"values"`
}

// The bounds of the parameter.
const (
	longest    = 4096 // bytes
	mostClaims = 100  // in each place
)

// Parse reads the claims parameter; empty, it asks for nothing. It returns
// errors.Malformed. Members that are not known are left out, as §5.5 has it.
func Parse(parameter string) (Asked, error) {
	var asked Asked
	if parameter == "" {
		return asked, nil
	}
	wrong := func(reason string) error { return errors.Malformed.On(map[string]string{"claims": reason}) }
	if len(parameter) > longest {
		return Asked{}, wrong(fmt.Sprintf("must have at most %d bytes", longest))
	}
	if parameter[0] != '{' {
		return Asked{}, wrong("must be a JSON object (OpenID Connect Core section 5.5)")
	}
	if err := json.Unmarshal([]byte(parameter), &asked); err != nil {
		return Asked{}, wrong("must be a JSON object (OpenID Connect Core section 5.5)")
	}
	if len(asked.IDToken) > mostClaims || len(asked.Userinfo) > mostClaims {
		return Asked{}, wrong(fmt.Sprintf("must ask for at most %d claims in each place", mostClaims))
	}
	return asked, nil
}

// Names returns the names of all claims asked for that the application may have.
func (a Asked) Names(app *identity.Application) []string {
	return slices.Concat(a.ForIDToken(app), a.ForUserinfo(app))
}

// Scopes returns the scopes that the claims asked for belong to, as far as the
// application may ask for them: users consent to these as if they had been asked for.
func (a Asked) Scopes(app *identity.Application) []string {
	var scopes []string
	for _, place := range []map[string]*Wish{a.IDToken, a.Userinfo} {
		for name := range place {
			if scope := scopeFor(app, name); scope != "" && slices.Contains(app.Scopes, scope) {
				scopes = append(scopes, scope)
			}
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// ForIDToken returns the names of claims asked for in the id token that the
// application may have, sorted.
func (a Asked) ForIDToken(app *identity.Application) []string { return allowed(a.IDToken, app) }

// ForUserinfo is ForIDToken for the userinfo endpoint.
func (a Asked) ForUserinfo(app *identity.Application) []string { return allowed(a.Userinfo, app) }

func allowed(asked map[string]*Wish, app *identity.Application) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if scope := scopeFor(app, name); scope != "" && slices.Contains(app.Scopes, scope) {
			names = append(names, name)
		}
	}
	return names
}

// scopeFor is the scope that brings a claim to the application; empty: none does.
func scopeFor(app *identity.Application, name string) string {
	if scope, ok := scopeOf[name]; ok {
		return scope
	}
	for _, claim := range app.Claims {
		if claim.Name == name {
			return claim.Scope
		}
	}
	return ""
}

// Subject returns the sub that the application wants signed in, if it names one
// (§5.5.1).
func (a Asked) Subject() string {
	wish := a.IDToken["sub"]
	if wish == nil {
		return ""
	}
	sub, _ := wish.Value.(string)
	return sub
}

// Demands says whether the application makes one of some authentication contexts
// essential that does not include the one given (§5.5.1.1).
func (a Asked) Demands(another string) bool {
	wish := a.IDToken["acr"]
	if wish == nil || !wish.Essential || wish.Value == nil && len(wish.Values) == 0 {
		return false
	}
	return wish.Value != another && !slices.Contains(wish.Values, any(another))
}
