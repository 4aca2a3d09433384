package registry_test

import (
	"testing"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
)

// reach are changes of how an application is reached, how it proves itself, and
// what it is told: whoever makes them may come by what is issued to it.
func reach() map[string]registry.ApplicationChange {
	uris, yes, method, keys := []string{"https://evil.example/"}, true, identity.AuthPost, "https://evil.example/jwks"
	address, pairwise := "https://evil.example/out", identity.SubjectPairwise
	return map[string]registry.ApplicationChange{
		"redirectUris":           {RedirectURIs: &uris},
		"postLogoutRedirectUris": {PostLogoutRedirectURIs: &uris},
		"allowedOrigins":         {AllowedOrigins: &[]string{"https://evil.example"}},
		"jwks":                   {JWKS: new(string)},
		"jwksUri":                {JWKSURI: &keys},
		"authentication":         {TokenEndpointAuthMethod: &method},
		"grantTypes":             {GrantTypes: &[]string{identity.GrantPassword}},
		"public":                 {Public: &yes, GrantTypes: &[]string{identity.GrantPassword}},
		"trusted":                {Trusted: &yes},
		"backchannelLogoutUri":   {BackchannelLogoutURI: &address},
		"frontchannelLogoutUri":  {FrontchannelLogoutURI: &address, RedirectURIs: &uris},
		"subjectType":            {SubjectType: &pairwise, RedirectURIs: &uris},
		"sectorIdentifierUri":    {SectorIdentifier: &address},
		"claims":                 {Claims: &[]identity.Claim{{Name: "a", Metadata: "b"}}},
		"displayName":            {DisplayName: &method},
	}
}

// Where an application with power sends its codes is for those to say who have
// that power: through it they could get what it gets.
func TestReachOfAnApplicationWithPower(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		o.group(t, "developers", map[string][]string{"applications": {"get", "post", "patch", "delete"}})
		o.group(t, "directory", map[string][]string{"users": {"get"}})
		powerful := o.application(t, "power")
		check(t, o.AddApplication(trusted(t.Context()), "directory", powerful.ID))
		ctx := as(t.Context(), o.user(t, "developer", "developers"))
		for what, change := range reach() {
			_, err := o.UpdateApplication(ctx, powerful.ID, change, nil)
			refuses(t, err, errors.IdentityAccessDenied, "id")
			if trusts := change.Trusted != nil || change.GrantTypes != nil; trusts || change.Claims != nil {
				continue // which take powers by themselves
			}
			if _, err := o.UpdateApplication(ctx, o.application(t, "plain").ID, change, nil); err != nil {
				t.Errorf("%s of an application without power: %v", what, err)
			}
		}
	})
}

// A trusted application counts as administrators do, who are signed in to it
// without being asked: nobody else says which is, or where it is.
func TestTrustedApplicationIsForAdministrators(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		o.group(t, "developers", map[string][]string{"applications": {"get", "post", "patch", "delete"}, "users": {"*"}, "groups": {"*"}})
		plain, trusted := o.application(t, "midaz"), o.application(t, "midaz")
		developer, yes, no := as(t.Context(), o.user(t, "developer", "developers")), true, false
		admin := as(t.Context(), o.admin)
		fresh := identity.Application{Name: "midaz", Description: "x", Trusted: true}

		_, _, err := o.CreateApplication(developer, registry.NewApplication{Application: fresh})
		refuses(t, err, errors.IdentityAccessDenied, "trusted")
		_, err = o.UpdateApplication(developer, plain.ID, registry.ApplicationChange{Trusted: &yes}, nil)
		refuses(t, err, errors.IdentityAccessDenied, "trusted")
		if stored, err := o.store.Application(t.Context(), plain.ID); err != nil || stored.Trusted {
			t.Errorf("application %+v, %v: want it not trusted", stored, err)
		}
		_, err = o.UpdateApplication(developer, plain.ID, registry.ApplicationChange{Trusted: &no}, nil)
		check(t, err)

		_, _, err = o.CreateApplication(admin, registry.NewApplication{Application: fresh})
		check(t, err)
		_, err = o.UpdateApplication(admin, trusted.ID, registry.ApplicationChange{Trusted: &yes}, nil)
		check(t, err)
		for what, change := range reach() {
			if _, err := o.UpdateApplication(developer, trusted.ID, change, nil); !errors.Is(err, errors.IdentityAccessDenied) {
				t.Errorf("%s of a trusted application: %v, want %v", what, err, errors.IdentityAccessDenied)
			}
		}
		_, err = o.UpdateApplication(developer, trusted.ID, registry.ApplicationChange{Trusted: &no}, nil)
		refuses(t, err, errors.IdentityAccessDenied, "id")
		_, _, err = o.RotateSecret(developer, trusted.ID, "", 0, nil)
		refuses(t, err, errors.IdentityAccessDenied, "id")
		_, err = o.UpdateApplication(admin, trusted.ID, registry.ApplicationChange{Trusted: &no}, nil)
		check(t, err)
		_, err = o.UpdateApplication(developer, trusted.ID, registry.ApplicationChange{RedirectURIs: &[]string{"https://app.example/"}}, nil)
		check(t, err)
	})
}

const publicKey = `{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`

// An application that proves itself with its keys has no secret, at no time.
func TestPrivateKeyHasNoSecret(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		app, ctx := o.application(t, "midaz"), trusted(t.Context())
		method, basic, keys := identity.AuthPrivateKeyJWT, identity.AuthBasic, publicKey
		fresh := identity.Application{Name: "midaz", Description: "x", TokenEndpointAuthMethod: method, JWKS: keys}

		created, secret, err := o.CreateApplication(ctx, registry.NewApplication{Application: fresh})
		if err != nil || secret != "" || len(created.Secrets) != 0 {
			t.Errorf("application %+v with secret %q, %v: want none", created, secret, err)
		}
		_, _, err = o.CreateApplication(ctx, registry.NewApplication{Application: fresh, Secret: "given"})
		refuses(t, err, errors.IdentityMalformed, "tokenEndpointAuthMethod")
		_, _, err = o.RotateSecret(ctx, created.ID, "", 0, nil)
		refuses(t, err, errors.FieldUnmodifiable, "clientSecret")

		changed, err := o.UpdateApplication(ctx, app.ID, registry.ApplicationChange{TokenEndpointAuthMethod: &method, JWKS: &keys}, nil)
		if err != nil || len(changed.Secrets) != 0 {
			t.Errorf("changed application %+v, %v: want no secret", changed, err)
		}
		_, err = o.UpdateApplication(ctx, app.ID, registry.ApplicationChange{JWKS: new(string)}, nil)
		refuses(t, err, errors.IdentityMalformed, "tokenEndpointAuthMethod")
		_, err = o.UpdateApplication(ctx, app.ID, registry.ApplicationChange{TokenEndpointAuthMethod: &basic}, nil)
		check(t, err)
		rotated, secret, err := o.RotateSecret(ctx, app.ID, "", 0, nil)
		if err != nil || secret == "" || len(rotated.Secrets) != 1 {
			t.Errorf("application %+v with secret %q, %v: want one", rotated, secret, err)
		}
	})
}

// One that signs users in by a code may ask for what signing in needs.
func TestScopesOfSignIns(t *testing.T) {
	t.Parallel()
	app := identity.Application{GrantTypes: []string{identity.GrantAuthorizationCode}}
	registry.Complete(&app)
	if len(app.Scopes) != 5 || app.Scopes[0] != "openid" {
		t.Errorf("scopes %v, want those of a sign-in", app.Scopes)
	}
}
