package bootstrap_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/bootstrap"
	"gatehouse/identity/registry"
	"gatehouse/storage"
)

// Everything that a file may say is in the database afterwards, and in the audit
// trail; applied again, it changes nothing.
func TestApplyWhole(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/whole.yaml")
	check(t, err)
	eachDatabase(t, func(t *testing.T, w *world) {
		result := w.apply(t, string(content), bootstrap.Options{})
		want := []string{
			"create product shop", "create product bare", "create group shop-viewer-group", "create group auditors",
			"create application 5b0c7e1f9a3d48620e7a", "create application 12345678901234567890", "create application keys-alone", "create application made-up",
			"create user Ada", "create user bob", "create user eve",
		}
		if diff := cmp.Diff(want, inShort(result.Changes)); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}

		group, err := w.store.Group(t.Context(), "auditors")
		check(t, err)
		if diff := cmp.Diff(map[string][]string{"orders": {"get", "head"}, "refunds": {"audit"}, "*": {"get"}}, group.Permissions); diff != "" {
			t.Errorf("permissions (-want +got):\n%s", diff)
		}
		group, err = w.store.Group(t.Context(), "shop-viewer-group")
		check(t, err)
		metadata := map[string]any{"team": "sales", "size": 12.0, "ratio": 0.5, "big": 9007199254740992.0, "active": true, "day": "2026-01-02", "hex": 16.0}
		if diff := cmp.Diff(metadata, group.Metadata); diff != "" {
			t.Errorf("metadata (-want +got):\n%s", diff)
		}

		app := w.application(t, "5b0c7e1f9a3d48620e7a")
		if w.accepts(app, secret) != 0 || app.AccessTokenLifetime != 10*time.Minute || app.RefreshTokenLifetime != 48*time.Hour ||
			!app.Disabled || app.TokenEndpointAuthMethod != identity.AuthPost || !strings.Contains(app.JWKS, `"kty":"EC"`) {
			t.Errorf("application %+v", app)
		}
		if !app.Trusted || !app.RequirePAR || !app.Pairwise() || app.Sector() != "example.com" || app.ShownName() != "The Shop" ||
			app.FrontchannelLogoutURI != "https://shop.example.com/front-logout" || app.PolicyURI != "https://example.com/policy" || app.TOSURI != "https://example.com/terms" {
			t.Errorf("application %+v", app)
		}
		claims := []identity.Claim{{Name: "tier", Metadata: "Tier", Scope: "openid"}, {Name: "team", Metadata: "12", Scope: "orders:read"}}
		if diff := cmp.Diff(claims, app.Claims); diff != "" {
			t.Errorf("claims (-want +got):\n%s", diff)
		}
		if keys := w.application(t, "keys-alone"); len(keys.Secrets) != 0 || keys.TokenEndpointAuthMethod != identity.AuthPrivateKeyJWT {
			t.Errorf("application %+v", keys)
		}
		if public := w.application(t, "12345678901234567890"); !public.Public || len(public.Secrets) != 0 || !public.Allows(identity.GrantPassword) {
			t.Errorf("application %+v", public)
		}
		ada, bob := w.user(t, "ada"), w.user(t, "bob")
		if ada.PasswordHash != hashOf(password) || ada.Username != "Ada" || !slices.Equal(ada.Groups, []string{"admin-group", "shop-viewer-group"}) {
			t.Errorf("user %+v", ada)
		}
		if !strings.HasPrefix(bob.PasswordHash, "$2b$04$") || !bob.Disabled {
			t.Errorf("user %+v", bob)
		}

		made := map[string]string{}
		for _, m := range result.Made {
			made[m.Kind+" "+m.Name+" "+m.Field] = m.Value
		}
		if len(made) != 2 || w.accepts(w.application(t, "made-up"), made["application made-up clientSecret"]) != 0 ||
			w.user(t, "eve").PasswordHash != hashOf(made["user eve password"]) {
			t.Errorf("made up: %v", made)
		}

		events, err := w.store.AuditEvents(t.Context(), storage.AuditQuery{Limit: 100})
		check(t, err)
		if len(events) != len(want)+1 { // bob is created and disabled
			t.Errorf("%d audit events, want %d", len(events), len(want)+1)
		}
		for _, e := range events {
			if e.ActorType != registry.ActorBootstrap || e.ActorName != "test.yaml" {
				t.Errorf("%s by %s %s, want the file", e.Action, e.ActorType, e.ActorName)
			}
		}
	})
}

// What a change shows of secrets is that they change.
func TestNoChangeTellsASecret(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/whole.yaml")
	check(t, err)
	w := newWorld(t, openSQLite(t))
	changes, err := w.Plan(t.Context(), parse(t, string(content)), bootstrap.Options{})
	check(t, err)
	seen := map[bootstrap.Unseen]int{}
	for _, c := range changes {
		for _, f := range c.Fields {
			if unseen, ok := f.After.(bootstrap.Unseen); ok {
				seen[unseen]++
			}
			if text := cmp.Diff(nil, f); strings.Contains(text, secret) || strings.Contains(text, password) || strings.Contains(text, "$2b$") {
				t.Errorf("%s tells a secret: %+v", c, f)
			}
		}
	}
	if diff := cmp.Diff(map[bootstrap.Unseen]int{bootstrap.Set: 3, bootstrap.MadeUp: 2}, seen); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
}

// A change that is refused undoes those before it.
func TestNothingOrEverything(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, w *world) {
		w.apply(t, "users: [{username: ada, email: ada@example.com, password: "+password+", groups: [admin-group]}]", bootstrap.Options{})
		_, err := w.Apply(t.Context(), parse(t, `
products: [{name: shop}]
groups: [{id: shop-group, name: Shop}]
applications: [{clientId: shop-app, name: shop}]
users:
  - {username: bob, email: bob@example.com, groups: [shop-group]}
  - {username: ada, email: ada@example.com, groups: [shop-group]}
`), bootstrap.Options{})
		var refused *bootstrap.Failure
		if !errors.As(err, &refused) || !errors.Is(err, errors.Protected) {
			t.Fatalf("error %v, want %v", err, errors.Protected)
		}
		want := "update user ada, which users[1] (line 7) asks for: " + errors.Protected.Title + " (" + errors.Protected.ID + "); groups: ada is the last enabled member of admin-group"
		if err.Error() != want {
			t.Errorf("error %q, want %q", err, want)
		}
		if left := w.plan(t, `{products: [{name: shop}], groups: [{id: shop-group, name: Shop}], applications: [{clientId: shop-app, name: shop}]}`, bootstrap.Options{}); len(left) != 3 {
			t.Errorf("left to do: %v, want everything", left)
		}
		events, err := w.store.AuditEvents(t.Context(), storage.AuditQuery{Limit: 100})
		if err != nil || len(events) != 1 {
			t.Errorf("%d audit events (%v), want that of the first file", len(events), err)
		}
	})
}

// Any number may apply the same file at once: one does the work, all succeed.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/whole.yaml")
	check(t, err)
	eachDatabase(t, func(t *testing.T, w *world) {
		file := parse(t, string(content))
		var all sync.WaitGroup
		var mu sync.Mutex
		made := 0
		for range 8 {
			all.Go(func() {
				result, err := w.Apply(t.Context(), file, bootstrap.Options{Prune: true})
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Errorf("apply: %v", err)
					return
				}
				made += len(result.Made)
			})
		}
		all.Wait()
		if made != 2 {
			t.Errorf("%d secrets were made up, want those of one", made)
		}
		if left := w.plan(t, string(content), bootstrap.Options{Prune: true}); len(left) != 0 {
			t.Errorf("left to do: %v", left)
		}
	})
}

// Somebody else changes what is being applied, between plan and change.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, w *world) {
		w.apply(t, "groups: [{id: a, name: A}, {id: b, name: B}]", bootstrap.Options{})
		overtake := sync.OnceFunc(func() {
			group, err := w.store.Group(t.Context(), "a")
			check(t, err)
			group.Name, group.Version = "another", group.Version+1
			check(t, w.store.UpdateGroup(t.Context(), group))
			check(t, w.store.DeleteGroup(t.Context(), "b", time.Now()))
		})
		deps := w.Registry.Deps
		deps.Hash = func(_ context.Context, password string) (string, error) { overtake(); return hashOf(password), nil }
		w.Registry = registry.New(deps)
		w.apply(t, "{groups: [{id: a, name: Z}, {id: b, name: Z}], users: [{username: ada, email: ada@example.com}]}", bootstrap.Options{})
	})
}
