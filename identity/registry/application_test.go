package registry_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
)

func TestCreateApplication(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx := trusted(t.Context())
		_, err := o.CreateProduct(ctx, identity.Product{Name: "midaz"})
		check(t, err)
		app, secret, err := o.CreateApplication(ctx, registry.NewApplication{Application: identity.Application{Name: "midaz", Description: "x"}})
		check(t, err)
		stored, err := o.store.Application(t.Context(), app.ID)
		check(t, err)
		if diff := cmp.Diff(app, stored); diff != "" {
			t.Errorf("returned and stored application differ (-returned +stored):\n%s", diff)
		}
		if len(secret) != 40 || len(app.ClientID) != 20 || app.Secrets[0].Hash != "hash of "+secret || !app.NotBefore.IsZero() {
			t.Errorf("application %+v with secret %q", app, secret)
		}
		if diff := cmp.Diff([]string{identity.GrantClientCredentials}, app.GrantTypes); diff != "" {
			t.Errorf("grants (-want +got):\n%s", diff)
		}
		_, _, err = o.CreateApplication(ctx, registry.NewApplication{Application: identity.Application{Name: "unheard-of", Description: "x"}})
		refuses(t, err, errors.InvalidApplicationName, "name")
		refuses(t, o.DeleteProduct(ctx, "midaz"), errors.Protected, "name")
		check(t, o.DeleteApplication(ctx, app.ID, nil))
		check(t, o.DeleteProduct(ctx, "midaz"))
		refuses(t, o.DeleteProduct(ctx, identity.FirstPartyProduct), errors.Protected, "name")
	})
}

// What was issued to an application that is gone stays dead when another one
// gets its client id.
func TestGivenClientID(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		first := o.application(t, "midaz")
		check(t, o.DeleteApplication(trusted(t.Context()), first.ID, nil))
		again, secret, err := o.CreateApplication(trusted(t.Context()), registry.NewApplication{
			Application: identity.Application{Name: "midaz", Description: "x", ClientID: first.ClientID}, Secret: "given",
		})
		check(t, err)
		if secret != "given" || !again.Ended(start.Truncate(time.Second).Add(-time.Second)) || again.Ended(start.Truncate(time.Second)) {
			t.Errorf("application %+v with secret %q", again, secret)
		}
	})
}

func TestRotateSecret(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx := trusted(t.Context())
		app := o.application(t, "midaz")
		rotated, secret, err := o.RotateSecret(ctx, app.ID, "", time.Hour, nil)
		check(t, err)
		want := []identity.ClientSecret{{Hash: "hash of " + secret}, {Hash: app.Secrets[0].Hash, ExpiresAt: start.Truncate(time.Microsecond).Add(time.Hour)}}
		if diff := cmp.Diff(want, rotated.Secrets); diff != "" {
			t.Errorf("secrets (-want +got):\n%s", diff)
		}
		rotated, last, err := o.RotateSecret(ctx, app.ID, "", 0, nil)
		check(t, err)
		if diff := cmp.Diff([]identity.ClientSecret{{Hash: "hash of " + last}}, rotated.Secrets); diff != "" {
			t.Errorf("secrets (-want +got):\n%s", diff)
		}
		_, _, err = o.RotateSecret(ctx, app.ID, "", registry.MaxKeepOld+time.Second, nil)
		refuses(t, err, errors.IdentityMalformed, "keepOldFor")

		yes := true
		public, err := o.UpdateApplication(ctx, app.ID, registry.ApplicationChange{Public: &yes, GrantTypes: &[]string{identity.GrantRefreshToken}}, nil)
		check(t, err)
		if len(public.Secrets) != 0 || public.TokenEndpointAuthMethod != identity.AuthNone {
			t.Errorf("public application %+v", public)
		}
		_, _, err = o.RotateSecret(ctx, app.ID, "", 0, nil)
		refuses(t, err, errors.FieldUnmodifiable, "clientSecret")
	})
}

func TestDisableApplication(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		app, yes, no := o.application(t, "midaz"), true, false
		disabled, err := o.UpdateApplication(trusted(t.Context()), app.ID, registry.ApplicationChange{Disabled: &yes}, registry.Versions{app.Version})
		check(t, err)
		if !disabled.Disabled || !disabled.Ended(start) {
			t.Errorf("disabled application %+v", disabled)
		}
		enabled, err := o.UpdateApplication(trusted(t.Context()), app.ID, registry.ApplicationChange{Disabled: &no}, nil)
		if err != nil || enabled.Disabled || !enabled.Ended(start) {
			t.Errorf("enabled application %+v, %v", enabled, err)
		}
	})
}
