package bootstrap_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/bootstrap"
)

// A group belongs to the product that it is declared in or names, else to the one
// that it belongs to already; an application is a member of what is declared.
func TestGroupsOfProductsAndMachines(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, w *world) {
		const products = `products: [{name: shop, groups: [{id: shop-team, name: T}]}, {name: bank}]
`
		const machine = "applications: [{clientId: sync, name: bank, groups: [user-sync, audit]}]\n"
		w.apply(t, products+`groups:
- {id: bank-editor-group, name: E}
- {id: sellers, name: S, product: shop}
- {id: shop-like, name: L}
- {id: user-sync, name: U, permissions: {users: [get]}}
- {id: audit, name: A}
`+machine, bootstrap.Options{})
		groups := func(want map[string]string) {
			t.Helper()
			all, err := w.store.AllGroups(t.Context())
			check(t, err)
			got := make(map[string]string)
			for _, g := range all {
				got[g.ID] = g.Product
			}
			delete(got, identity.AdminGroup)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("products of groups (-want +got):\n%s", diff)
			}
		}
		groups(map[string]string{"shop-team": "shop", "bank-editor-group": "bank", "sellers": "shop", "shop-like": "", "user-sync": "", "audit": ""})
		if got := w.application(t, "sync").Groups; !cmp.Equal(got, []string{"audit", "user-sync"}) {
			t.Errorf("groups of the application = %v", got)
		}

		// What is not said stays; what is said counts. The products of groups that stay do, too.
		next := `groups: [{id: sellers, name: S}, {id: shop-team, name: T, product: ""}, {id: audit, name: A, product: ""}, {id: bank-editor-group, name: E}]
applications: [{clientId: sync, name: bank, groups: [audit]}]`
		changes, err := w.Plan(t.Context(), parse(t, next), bootstrap.Options{Prune: true})
		check(t, err)
		want := []string{"update group shop-team", "update application sync", "delete group shop-like", "delete group user-sync"}
		if diff := cmp.Diff(want, inShort(changes)); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		if got := fields(t, changes[:1]) + ", " + fields(t, changes[1:2]); got != "product: shop to <nil>, groups: [audit user-sync] to [audit]" {
			t.Errorf("fields %s", got)
		}
		w.apply(t, next, bootstrap.Options{Prune: true})
		groups(map[string]string{"shop-team": "", "bank-editor-group": "bank", "sellers": "shop", "audit": ""})
		w.apply(t, "applications: [{clientId: sync, name: bank}]", bootstrap.Options{})
		if got := w.application(t, "sync").Groups; !cmp.Equal(got, []string{"audit"}) {
			t.Errorf("groups of the application = %v, want them as they were", got)
		}
		// A product that a scope names is one that the file refers to.
		scoped := `{products: [{name: shop}], applications: [{clientId: sync, name: bank, scopes: ["product:shop"]}]}`
		w.apply(t, scoped, bootstrap.Options{})
		w.apply(t, strings.Replace(scoped, "products: [{name: shop}], ", "", 1), bootstrap.Options{Prune: true})
		_, err = w.store.Product(t.Context(), "shop")
		check(t, err)
		w.apply(t, "products: [{name: other}]", bootstrap.Options{Prune: true})
		groups(map[string]string{})
	})
}

// What would take over a name, or contradict one, is a mistake before anything is done.
func TestNamesOfProductsAreRefused(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, w *world) {
		w.apply(t, "{products: [{name: bank}], groups: [{id: shop-editor-group, name: S}, {id: tellers, name: T, product: bank}]}", bootstrap.Options{})
		for _, tt := range []struct{ name, content, want string }{
			{"a product that claims a group", shop, "products[0].name (line 1): would claim the group shop-editor-group, which does not belong to it: choose another name, or delete the group first"},
			{"a product admin", "products: [{name: admin}]", "products[0].name (line 1): is the name of the administrators' role: choose another one"},
			{"an unknown product", "groups: [{id: a, name: A, product: bnak}]", "groups[0].product (line 1): is no product, neither in the file nor in the database"},
			{"against its name", "{products: [{name: b}], groups: [{id: bank-viewer-group, name: A, product: b}]}", "groups[0].product (line 1): must be bank, which the id names"},
			{"out of its name", "groups: [{id: bank-viewer-group, name: A, product: ''}]", "groups[0].product (line 1): must be bank, which the id names"},
			{"administrators", "groups: [{id: admin-group, name: Administrators, product: bank}]", "groups[0].product (line 1): must be left out: the group belongs to no product"},
			{"a group like a role", "groups: [{id: bank-editor-role, name: A}]", "groups[0].id (line 1): reads as the name of a role, which its group has: name the group otherwise"},
			{"a user like a role", "users: [{username: Bank-Editor-Role, email: b@example.com}]", "users[0].username (line 1): reads as the name of a role: choose another one"},
			{"a product's group", "applications: [{clientId: a, name: bank, groups: [tellers]}]", "applications[0].groups (line 1): tellers belongs to a product: an application can be a member only of groups of no product"},
			{"no group", "applications: [{clientId: a, name: bank, groups: [none]}]", "applications[0].groups (line 1): none is no group, neither in the file nor in the database"},
		} {
			_, err := w.Plan(t.Context(), parse(t, tt.content), bootstrap.Options{})
			if !errors.As(err, new(bootstrap.Mistakes)) || err.Error() != tt.want {
				t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
			}
		}
		if _, err := bootstrap.Parse([]byte("products: [{name: bank, groups: [{id: bank-x, name: X, product: other}]}]"), files{}.open); err == nil {
			t.Error("a group that is declared in one product and names another is parsed")
		}
	})
}

// A node of the release before writes no product down; applying a file does.
func TestProductIsWrittenDown(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, w *world) {
		const file = "products: [{name: shop, groups: [{id: shop-editor-group, name: E}]}]"
		w.apply(t, shop, bootstrap.Options{})
		now := time.Now().UTC()
		check(t, w.store.CreateGroup(t.Context(), identity.Group{ID: "shop-editor-group", Name: "E", CreatedAt: now, UpdatedAt: now, Version: 1}))
		w.apply(t, file, bootstrap.Options{})
		group, err := w.store.Group(t.Context(), "shop-editor-group")
		if err != nil || group.Product != "shop" || group.Version != 2 {
			t.Errorf("group %+v, %v", group, err)
		}
	})
}
