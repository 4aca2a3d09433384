package registry_test

import (
	"testing"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
)

// Administrators sign in through the built-in application: who is not one of
// them cannot keep them out.
func TestBuiltInApplicationIsForAdministrators(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		o.group(t, "developers", map[string][]string{"applications": {"get", "post", "patch", "delete"}})
		developer, app := o.user(t, "developer", "developers"), identity.Application{
			ID: "01a20541-43a3-7af4-a62e-2238c10572ef", ClientID: identity.FirstPartyClientID, Name: identity.FirstPartyProduct, Public: true, BuiltIn: true,
			GrantTypes: []string{identity.GrantPassword}, TokenEndpointAuthMethod: identity.AuthNone, Version: 1, CreatedAt: start, UpdatedAt: start,
		}
		check(t, o.store.CreateApplication(t.Context(), app))
		yes := true
		changes := reach()
		changes["disable"], changes["nothing"] = registry.ApplicationChange{Disabled: &yes}, registry.ApplicationChange{}
		for what, change := range changes {
			if _, err := o.UpdateApplication(as(t.Context(), developer), app.ID, change, nil); !errors.Is(err, errors.IdentityAccessDenied) {
				t.Errorf("%s: %v, want %v", what, err, errors.IdentityAccessDenied)
			}
		}
		_, err := o.UpdateApplication(as(t.Context(), o.admin), app.ID, registry.ApplicationChange{GrantTypes: &[]string{identity.GrantRefreshToken}}, nil)
		check(t, err)
		_, _, err = o.CreateApplication(as(t.Context(), developer), registry.NewApplication{Application: identity.Application{Name: identity.FirstPartyProduct, Description: "x"}})
		check(t, err)
	})
}
