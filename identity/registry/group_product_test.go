package registry_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
)

// Names of roles are given to nobody new, by whatever way; who has one keeps it.
func TestNamesOfRolesAreGivenToNobody(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx, name := trusted(t.Context()), "Shop-Editor-Role"
		_, err := o.CreateUser(ctx, registry.NewUser{Username: name, Email: "e@example.com", Password: password})
		refuses(t, err, errors.IdentityMalformed, "username")
		_, err = o.CreateGroup(ctx, identity.Group{ID: "shop-editor-role", Name: "x"})
		refuses(t, err, errors.IdentityMalformed, "id")
		for _, in := range []registry.Imported{{Username: name, Email: "e@example.com"}, {Fallback: name, Email: "e@example.com"}} {
			results, err := o.importing(false).Users(ctx, []registry.Imported{in})
			check(t, err)
			refuses(t, results[0].Err, errors.IdentityMalformed, "username")
		}
		check(t, o.store.CreateUser(ctx, identity.User{ID: "u-1", Username: name, Email: "e@example.com", CreatedAt: start, UpdatedAt: start, Version: 1}))
		first := "Eve"
		_, err = o.UpdateUser(ctx, "u-1", registry.UserChange{FirstName: &first}, nil)
		check(t, err)
		last := "Last"
		results, err := o.importing(false).Users(ctx, []registry.Imported{{Username: name, LastName: &last}})
		check(t, err)
		check(t, results[0].Err)
		_, err = o.CreateProduct(ctx, identity.Product{Name: "shop"})
		refuses(t, err, errors.ProductNameClaims, "name")
	})
}

// Memberships of applications, and where groups move, are in the audit trail.
func TestMachinesAndMovesAreAudited(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx, app := trusted(t.Context()), o.application(t, "shop")
		o.group(t, "sync", map[string][]string{"users": {"get"}})
		product := "shop"
		check(t, o.AddApplication(ctx, "sync", app.ID))
		_, err := o.UpdateGroup(ctx, "sync", registry.GroupChange{Product: &product}, nil)
		refuses(t, err, errors.GroupOfProduct, "product")
		check(t, o.RemoveApplication(ctx, "sync", app.ID))
		_, err = o.UpdateGroup(ctx, "sync", registry.GroupChange{Product: &product}, nil)
		check(t, err)
		refuses(t, o.AddApplication(ctx, "sync", app.ID), errors.GroupOfProduct, "id")
		want := []string{"group.create by command root", "group.add-application by command root", "group.remove-application by command root", "group.update by command root"}
		if diff := cmp.Diff(want, o.trail(t, "sync")); diff != "" {
			t.Errorf("trail (-want +got):\n%s", diff)
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		last := o.emitted[len(o.emitted)-1]
		if last.Before["product"] != "" || last.After["product"] != "shop" {
			t.Errorf("event %+v", last)
		}
	})
}

// An application that gets power keeps its newest secret, and no older one.
func TestPowerEndsOldSecrets(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx, yes := trusted(t.Context()), true
		o.group(t, "sync", map[string][]string{"users": {"get"}})
		for what, give := range map[string]func(id string) error{
			"trust": func(id string) error {
				_, err := o.UpdateApplication(ctx, id, registry.ApplicationChange{Trusted: &yes}, nil)
				return err
			},
			"membership": func(id string) error { return o.AddApplication(ctx, "sync", id) },
		} {
			app := o.application(t, "shop")
			_, secret, err := o.RotateSecret(ctx, app.ID, "", time.Hour, nil)
			check(t, err)
			check(t, give(app.ID))
			got, err := o.store.Application(ctx, app.ID)
			check(t, err)
			if len(got.Secrets) != 1 || got.Secrets[0].Hash != "hash of "+secret {
				t.Errorf("%s: secrets %+v, want the newest one alone", what, got.Secrets)
			}
		}
	})
}

// A product that applications name stays: registered anew, it would be what their users
// consented to. Of an application that names it and its deletion one sees the other.
func TestNamedProductsStay(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx := trusted(t.Context())
		app := o.application(t, "shop")
		for _, change := range []registry.ApplicationChange{{Scopes: &[]string{"product:bank"}}, {Audiences: &[]string{"product:bank"}}} {
			_, err := o.CreateProduct(ctx, identity.Product{Name: "bank"})
			check(t, err)
			_, err = o.UpdateApplication(ctx, app.ID, change, nil)
			check(t, err)
			refuses(t, o.DeleteProduct(ctx, "bank"), errors.Protected, "name")
			_, err = o.UpdateApplication(ctx, app.ID, registry.ApplicationChange{Scopes: &[]string{}, Audiences: &[]string{}}, nil)
			check(t, err)
			check(t, o.DeleteProduct(ctx, "bank"))
		}
		for range 10 {
			_, err := o.CreateProduct(ctx, identity.Product{Name: "bank"})
			check(t, err)
			done := make(chan error, 2)
			go func() {
				_, err := o.UpdateApplication(context.WithoutCancel(ctx), app.ID, registry.ApplicationChange{Scopes: &[]string{"product:bank"}}, nil)
				done <- err
			}()
			go func() { done <- o.DeleteProduct(context.WithoutCancel(ctx), "bank") }()
			if one, other := <-done, <-done; (one == nil) == (other == nil) {
				t.Fatalf("%v and %v, want one of them refused", one, other)
			}
			_, err = o.UpdateApplication(ctx, app.ID, registry.ApplicationChange{Scopes: &[]string{}}, nil)
			check(t, err)
			if err := o.DeleteProduct(ctx, "bank"); !errors.Is(err, errors.ProductNotFound) {
				check(t, err)
			}
		}
	})
}

// Of a product that is deleted and a group that is filed under it at the same time,
// one sees the other.
func TestProductsAndTheirGroupsCollide(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, o *office) {
		ctx := trusted(t.Context())
		for range 10 {
			_, err := o.CreateProduct(ctx, identity.Product{Name: "shop"})
			check(t, err)
			done := make(chan error, 2)
			go func() {
				_, err := o.CreateGroup(context.WithoutCancel(ctx), identity.Group{ID: "sellers", Name: "S", Product: "shop"})
				done <- err
			}()
			go func() { done <- o.DeleteProduct(context.WithoutCancel(ctx), "shop") }()
			one, other := <-done, <-done
			if (one == nil) == (other == nil) {
				t.Fatalf("%v and %v, want one of them refused", one, other)
			}
			if _, err := o.store.Group(ctx, "sellers"); err == nil {
				check(t, o.DeleteGroup(ctx, "sellers", nil))
				check(t, o.DeleteProduct(ctx, "shop"))
			}
		}
	})
}
