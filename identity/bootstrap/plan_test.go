package bootstrap_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/bootstrap"
	"gatehouse/identity/registry"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

func openSQLite(t testing.TB) *sqlstore.Store { return storagetest.Open(t, storagetest.SQLite(t)) }

const shop = "products: [{name: shop}]\n"

// app is a file with one application.
func app(rest string) string {
	return shop + "applications: [{clientId: shop-app, name: shop, " + rest + "}]"
}

// fields are the fields of the only change.
func fields(t *testing.T, changes []bootstrap.Change) string {
	t.Helper()
	if len(changes) != 1 {
		t.Fatalf("changes %v, want one", inShort(changes))
	}
	var all []string
	for _, f := range changes[0].Fields {
		all = append(all, fmt.Sprintf("%s: %v to %v", f.Name, f.Before, f.After))
	}
	return strings.Join(all, "; ")
}

// What is left out has its default again; what is said is compared by value.
func TestUpdates(t *testing.T) {
	t.Parallel()
	const group = "groups: [{id: g, name: G, permissions: {a: [get, head], b: [put]}, metadata: {n: 1, s: x}}]"
	for _, tt := range []struct{ name, before, after, want string }{
		{"description of a product", "products: [{name: p, description: x}]", "products: [{name: p}]", "description: x to "},
		{"order of actions", group, "groups: [{id: g, name: G, permissions: {b: [put], a: [head, get]}, metadata: {n: 1.0, s: x}}]", ""},
		{
			"permissions", group, "groups: [{id: g, name: G, permissions: {a: [get], c: [put]}, metadata: {n: 2, s: '1'}}]",
			"metadata.n: 1 to 2; metadata.s: x to 1; permissions.a: [get head] to [get]; permissions.b: [put] to <nil>; permissions.c: <nil> to [put]",
		},
		{
			"everything of a group", group, "groups: [{id: g, name: H}]",
			"metadata.n: 1 to <nil>; metadata.s: x to <nil>; name: G to H; permissions.a: [get head] to <nil>; permissions.b: [put] to <nil>",
		},
		{
			"settings of an application", app("scopes: [a], accessTokenLifetime: 60s, audiences: ['https://a.example.com']"), app("scopes: [b], accessTokenLifetime: 61"),
			"accessTokenLifetime: 60 to 61; audiences: [https://a.example.com] to []; scopes: [a] to [b]",
		},
		{"lifetime in another unit", app("accessTokenLifetime: 1m"), app("accessTokenLifetime: 60"), ""},
		{"a lifetime that is left out", app("accessTokenLifetime: 1m"), app(""), "accessTokenLifetime: 60 to <nil>"},
		{"order within a JWK Set", app("jwks: {keys: [" + jwk + "], a: 1}"), app("jwks: {a: 1, keys: [" + jwk + "]}"), ""},
		{"public subjects", app(""), app("subjectType: public"), ""},
		{
			"what is for single sign-on", app("trusted: true, scopes: [openid], claims: [{claim: a, metadata: b}], displayName: Shop"), app("scopes: [openid], claims: [{metadata: c, claim: a}], requirePushedAuthorizationRequests: true"),
			"claims: [map[claim:a metadata:b scope:openid]] to [map[claim:a metadata:c scope:openid]]; displayName: Shop to <nil>; requirePushedAuthorizationRequests: false to true; trusted: true to false",
		},
		{
			"to keys", app(""), app("tokenEndpointAuthMethod: private_key_jwt, jwksUri: 'https://shop.example.com/jwks'"),
			"jwksUri: <nil> to https://shop.example.com/jwks; tokenEndpointAuthMethod: client_secret_basic to private_key_jwt",
		},
		{
			"to a secret", app("tokenEndpointAuthMethod: private_key_jwt, jwksUri: 'https://shop.example.com/jwks'"), app(""),
			"jwksUri: https://shop.example.com/jwks to <nil>; tokenEndpointAuthMethod: private_key_jwt to client_secret_basic; clientSecret: <nil> to (made up)",
		},
		{"disabled is left out", app("disabled: true"), app(""), ""},
		{"enabled", app("disabled: true"), app("disabled: false"), "disabled: true to false"},
		{"a secret that is left out", app("clientSecret: " + secret), app(""), ""},
		{"the same secret", app("clientSecret: " + secret), app("clientSecretFile: secret"), ""},
		{"another secret", app("clientSecret: " + secret), app("clientSecret: " + another), "clientSecret: <nil> to (changed)"},
		{
			"to public", app(""), app("public: true, grantTypes: [password]"),
			"grantTypes: [client_credentials] to [password]; public: false to true; scopes: [] to [openid profile email offline_access groups]; tokenEndpointAuthMethod: client_secret_basic to none",
		},
		{
			"to confidential", app("public: true, grantTypes: [password], scopes: []"), app("grantTypes: [password], scopes: []"),
			"public: true to false; tokenEndpointAuthMethod: none to client_secret_basic; clientSecret: <nil> to (made up)",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, openSQLite(t))
			w.apply(t, tt.before, bootstrap.Options{})
			changes, err := w.Plan(t.Context(), parse(t, tt.after), bootstrap.Options{})
			check(t, err)
			if tt.want == "" {
				if len(changes) != 0 {
					t.Errorf("changes: %s", fields(t, changes))
				}
				return
			}
			if diff := cmp.Diff(tt.want, fields(t, changes)); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			w.apply(t, tt.after, bootstrap.Options{})
		})
	}
}

const jwk = "{kty: EC, crv: P-256, x: f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU, y: x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0}"

// The order of actions does not matter in the database either.
func TestActionsInAnyOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, openSQLite(t))
	check(t, w.store.CreateGroup(t.Context(), identity.Group{ID: "g", Name: "G", Permissions: map[string][]string{"a": {"head", "get"}}, Version: 1}))
	if changes := w.plan(t, "groups: [{id: g, name: G, permissions: {a: [get, head]}}]", bootstrap.Options{}); len(changes) != 0 {
		t.Errorf("changes %v, want none", changes)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, w *world) {
		w.apply(t, app("clientSecret: "+secret), bootstrap.Options{})
		w.apply(t, app("keepOldFor: 1h, clientSecret: "+another), bootstrap.Options{})
		stored := w.application(t, "shop-app")
		if w.accepts(stored, another) != 0 || w.accepts(stored, secret) != 1 || stored.Secrets[1].ExpiresAt.IsZero() {
			t.Errorf("secrets %v, want the new one and the old one for an hour", stored.Secrets)
		}
		// The declared one has to be the newest.
		w.apply(t, app("clientSecret: "+secret), bootstrap.Options{})
		if stored = w.application(t, "shop-app"); w.accepts(stored, another) != -1 || w.accepts(stored, secret) != 0 {
			t.Errorf("secrets %v, want the declared one alone", stored.Secrets)
		}
		w.apply(t, app("public: true, grantTypes: [password]"), bootstrap.Options{})
		if stored = w.application(t, "shop-app"); len(stored.Secrets) != 0 {
			t.Errorf("secrets %v of a public application", stored.Secrets)
		}
		result := w.apply(t, app(""), bootstrap.Options{})
		if len(result.Made) != 1 || w.accepts(w.application(t, "shop-app"), result.Made[0].Value) != 0 {
			t.Errorf("made up: %v", result.Made)
		}
	})
}

// Users keep their passwords, and what is not said of them.
func TestUsers(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, w *world) {
		w.apply(t, "users: [{username: Ada, email: ada@example.com, firstName: Ada, groups: [admin-group], password: "+password+"}]", bootstrap.Options{})
		w.apply(t, "users: [{username: ADA, email: Ada@example.com, lastName: Lovelace, password: another-Weak1}]", bootstrap.Options{})
		ada := w.user(t, "ada")
		if ada.PasswordHash != hashOf(password) || ada.FullName() != "Ada Lovelace" || ada.Email != "Ada@example.com" || ada.Username != "Ada" || len(ada.Groups) != 1 {
			t.Errorf("user %+v", ada)
		}
		w.apply(t, "users: [{username: bob, email: bob@example.com, groups: [admin-group]}]", bootstrap.Options{Prune: true})
		w.apply(t, "users: [{username: ada, email: ada@example.com, groups: [], disabled: true}]", bootstrap.Options{})
		if ada = w.user(t, "ada"); !ada.Disabled || len(ada.Groups) != 0 {
			t.Errorf("user %+v", ada)
		}
	})
}

// What only the database can tell is a mistake with its line, too.
func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, w *world) {
		w.apply(t, "{products: [{name: shop}, {name: other}], applications: [{clientId: shop-app, name: shop}], users: [{username: ada, email: ada@example.com}]}", bootstrap.Options{})
		for _, tt := range []struct{ name, content, want string }{
			{"no such product", "applications: [{clientId: a, name: shopp}]", "applications[0].name (line 1): is no product, neither in the file nor in the database"},
			{"another product", "applications: [{clientId: shop-app, name: other}]", "applications[0].name (line 1): cannot change: the application belongs to shop; delete it first, or declare another clientId"},
			{"built-in application", "applications: [{clientId: gatehouse, name: gatehouse}]", "applications[0].clientId (line 1): is that of the built-in application, which the first start of a server creates"},
			{"no such group", "users: [{username: bob, email: bob@example.com, groups: [shop, admin-group]}]", "users[0].groups (line 1): shop is no group, neither in the file nor in the database"},
			{"permissions of a built-in group", "groups: [{id: admin-group, name: Administrators, permissions: {'*': [get]}}]", "groups[0].permissions (line 1): belong to a built-in group and stay as they are: leave them out"},
			{"e-mail address of another", "users: [{username: bob, email: ADA@example.com}]", "users[0].email (line 1): is in use by ada already"},
			{"weak password", "users:\n- username: bob\n  email: bob@example.com\n  passwordFile: secret", "users[0].passwordFile (line 4): must hold an upper case letter, must hold a character that is neither letter nor digit"},
		} {
			_, err := w.Plan(t.Context(), parse(t, tt.content), bootstrap.Options{})
			if !errors.As(err, new(bootstrap.Mistakes)) || err.Error() != tt.want {
				t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
			}
			if _, err := w.Apply(t.Context(), parse(t, tt.content), bootstrap.Options{}); !errors.As(err, new(bootstrap.Mistakes)) {
				t.Errorf("%s: Apply() = %v", tt.name, err)
			}
		}
		_, err := w.Plan(t.Context(), parse(t, shop+"applications: [{clientId: a, name: shop}]\nusers: [{username: bob, email: bob@example.com}]"), bootstrap.Options{Closed: true})
		for _, want := range []string{"applications[0].clientSecret (line 2): is not given", "users[0].password (line 3): is not given"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("closed: %v, want %s", err, want)
			}
		}
	})
}

// Of what is built in, all that is left out stays.
func TestBuiltIn(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, w *world) {
		now := time.Now().UTC()
		check(t, w.store.CreateApplication(t.Context(), identity.Application{
			ID: "0190a1b2-0000-7000-8000-000000000001", ClientID: identity.FirstPartyClientID, Name: identity.FirstPartyProduct, Description: "first party",
			Public: true, BuiltIn: true, GrantTypes: []string{identity.GrantPassword}, TokenEndpointAuthMethod: identity.AuthNone,
			IDTokenSignedResponseAlg: "ES256", CreatedAt: now, UpdatedAt: now, Version: 1,
		}))
		const content = "{products: [{name: gatehouse}], groups: [{id: admin-group, name: Bosses}], applications: [{clientId: gatehouse, name: gatehouse, accessTokenLifetime: 60}]}"
		changes, err := w.Plan(t.Context(), parse(t, content), bootstrap.Options{Prune: true})
		check(t, err)
		if diff := cmp.Diff([]string{"update group admin-group", "update application gatehouse"}, inShort(changes)); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		if got := fields(t, changes[:1]) + ", " + fields(t, changes[1:]); got != "name: Administrators to Bosses, accessTokenLifetime: <nil> to 60" {
			t.Errorf("fields %s", got)
		}
		w.apply(t, content, bootstrap.Options{Prune: true})
		if left := w.plan(t, "products: []", bootstrap.Options{Prune: true}); len(left) != 0 {
			t.Errorf("prune would %v, but all is built in", left)
		}
	})
}

func TestPrune(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, w *world) {
		w.apply(t, `
products: [{name: shop}, {name: bank}, {name: kept}]
groups: [{id: g, name: G}, {id: kept-group, name: K}]
applications: [{clientId: a, name: shop}, {clientId: b, name: bank}, {clientId: k, name: kept}]
users: [{username: ada, email: ada@example.com, groups: [g]}]
`, bootstrap.Options{})
		// What the file refers to stays, even if it is not declared there.
		const next = "{applications: [{clientId: k, name: kept}], users: [{username: bob, email: bob@example.com, groups: [kept-group]}]}"
		if got := w.plan(t, next, bootstrap.Options{}); !cmp.Equal(got, []string{"create user bob"}) {
			t.Errorf("without prune: %v", got)
		}
		result := w.apply(t, next, bootstrap.Options{Prune: true})
		want := []string{"create user bob", "delete application a", "delete application b", "delete group g", "delete product bank", "delete product shop"}
		if diff := cmp.Diff(want, inShort(result.Changes)); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		if ada := w.user(t, "ada"); len(ada.Groups) != 0 {
			t.Errorf("user %+v", ada)
		}
	})
}

// A file with very many groups is planned with a few statements, in no time.
func TestManyGroups(t *testing.T) {
	t.Parallel()
	const many = 1000
	var content strings.Builder
	content.WriteString("groups:\n")
	for i := range many {
		fmt.Fprintf(&content, "  - {id: group-%d, name: Group, permissions: {orders: [get, head], refunds: [get, post, patch]}}\n", i)
	}
	content.WriteString("users:\n")
	for i := range 20 {
		fmt.Fprintf(&content, "  - {username: user-%d, email: u%d@example.com, groups: [group-%d]}\n", i, i, i)
	}
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			var statements atomic.Int64
			store, err := sqlstore.Open(t.Context(), sqlstore.Config{DSN: db.DSN(t), Observe: func(context.Context, sqlstore.Statement) { statements.Add(1) }})
			check(t, err)
			t.Cleanup(func() { check(t, store.Close()) })
			w := newWorld(t, store)
			file := parse(t, content.String())
			result, err := w.Apply(t.Context(), file, bootstrap.Options{})
			check(t, err)
			if len(result.Changes) != many+20 {
				t.Errorf("%d changes", len(result.Changes))
			}
			statements.Store(0)
			began := time.Now()
			changes, err := w.Plan(t.Context(), file, bootstrap.Options{Prune: true})
			if err != nil || len(changes) != 0 {
				t.Errorf("%d changes (%v), want none", len(changes), err)
			}
			if n, took := statements.Load(), time.Since(began); n > 8 || took > 5*time.Second {
				t.Errorf("%d statements in %v, want a few", n, took)
			}
		})
	}
}

// Nothing but the registry changes anything: its events are told.
func TestEventsAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, openSQLite(t))
	told := 0
	deps := w.Registry.Deps
	deps.Emit = func(storage.AuditEvent) { told++ }
	w.Registry = registry.New(deps)
	w.apply(t, "groups: [{id: a, name: A}, {id: b, name: B}]", bootstrap.Options{})
	if told != 2 {
		t.Errorf("%d events, want 2", told)
	}
}
