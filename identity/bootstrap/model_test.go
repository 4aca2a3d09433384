package bootstrap_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/identity"
	"gatehouse/identity/bootstrap"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// object is a mapping of a file: JSON is YAML.
type object map[string]any

// declarations draws a file. An application belongs to the same product in every
// file, for that cannot change, and always says whether it is disabled, for that
// stays where nothing is said.
func declarations(t *rapid.T, name string) string {
	draw := func(what string, most int) []int {
		numbers := rapid.SliceOfNDistinct(rapid.IntRange(0, most-1), 0, most, rapid.ID).Draw(t, name+" "+what)
		return slices.Sorted(slices.Values(numbers))
	}
	products, groups, applications := []object{}, []object{}, []object{}
	for _, i := range draw("products", 4) {
		product := object{"name": fmt.Sprintf("p%d", i)}
		if rapid.Bool().Draw(t, "described") {
			product["description"] = rapid.SampledFrom([]string{"", "one", "two"}).Draw(t, "description")
		}
		if rapid.Bool().Draw(t, "nested") {
			product["groups"] = []object{drawGroup(t, fmt.Sprintf("p%d-group", i))}
		}
		products = append(products, product)
		for j := range rapid.IntRange(0, 2).Draw(t, "applications") {
			applications = append(applications, drawApplication(t, fmt.Sprintf("p%d-%d", i, j), fmt.Sprintf("p%d", i)))
		}
	}
	for _, i := range draw("groups", 4) {
		groups = append(groups, drawGroup(t, fmt.Sprintf("g%d", i)))
	}
	content, err := json.Marshal(object{"products": products, "groups": groups, "applications": applications})
	check(t, err)
	return string(content)
}

func drawGroup(t *rapid.T, id string) object {
	group := object{"id": id, "name": rapid.SampledFrom([]string{"One", "Two"}).Draw(t, "name")}
	if rapid.Bool().Draw(t, "permits") {
		actions := rapid.Permutation([]string{"get", "head", "post"})
		permissions := object{}
		for _, resource := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"orders", "refunds", "*"}), rapid.ID).Draw(t, "resources") {
			permissions[resource] = actions.Draw(t, "actions")[:rapid.IntRange(1, 3).Draw(t, "as many")]
		}
		group["permissions"] = permissions
	}
	drawMetadata(t, group)
	return group
}

func drawMetadata(t *rapid.T, of object) {
	if rapid.Bool().Draw(t, "metadata") {
		of["metadata"] = rapid.MapOfN(rapid.SampledFrom([]string{"a", "b"}), rapid.OneOf(
			rapid.Just[any](true), rapid.Just[any]("1"), rapid.Just[any](1), rapid.Just[any](1.5), rapid.Just[any](math.MaxInt64), rapid.Just[any](1e300),
		), 0, 2).Draw(t, "entries")
	}
}

func drawApplication(t *rapid.T, clientID, product string) object {
	app := object{"clientId": clientID, "name": product, "disabled": rapid.Bool().Draw(t, "disabled")}
	if rapid.Bool().Draw(t, "public") {
		app["public"], app["grantTypes"] = true, []string{"password", "refresh_token"}
	} else if rapid.Bool().Draw(t, "secret") {
		app["clientSecret"] = rapid.SampledFrom([]string{secret, another}).Draw(t, "client secret")
	}
	for name, values := range map[string][]any{
		"description":              {"", "one"},
		"scopes":                   {[]string{}, []string{"a"}, []string{"b", "a"}},
		"redirectUris":             {[]string{"https://a.example.com"}},
		"displayName":              {"Shop"},
		"trusted":                  {true, false},
		"sectorIdentifierUri":      {"https://example.com/sector"},
		"claims":                   {[]object{}, []object{{"claim": "tier", "metadata": "a"}, {"claim": "team", "metadata": "a"}}},
		"accessTokenLifetime":      {60, "1m", "2h"},
		"jwks":                     {json.RawMessage(`{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`), object{}},
		"idTokenSignedResponseAlg": {"RS256", "ES256"},
	} {
		if rapid.Bool().Draw(t, name) {
			app[name] = rapid.SampledFrom(values).Draw(t, "value")
		}
	}
	if claims, _ := app["claims"].([]object); len(claims) > 0 {
		app["scopes"] = []string{"openid"} // which releases them
	}
	drawMetadata(t, app)
	return app
}

// After B with --prune everything is as if A had never been, whatever A was.
func TestFilesReplaceEachOther(t *testing.T) {
	t.Parallel()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			used, fresh := newWorld(t, db.Open(t)), newWorld(t, db.Open(t))
			rapid.Check(t, func(rt *rapid.T) {
				a, b := declarations(rt, "A"), declarations(rt, "B")
				fresh.apply(rt, "products: []", bootstrap.Options{Prune: true})
				used.apply(rt, a, bootstrap.Options{})
				used.apply(rt, b, bootstrap.Options{Prune: true})
				fresh.apply(rt, b, bootstrap.Options{})
				if diff := cmp.Diff(everything(rt, fresh.store), everything(rt, used.store)); diff != "" {
					rt.Errorf("A, then B (-B alone +A and B):\n%s\nA: %s\nB: %s", diff, a, b)
				}
			})
		})
	}
}

// everything is what is in a database but for what is new with each creation:
// ids, times, versions, and secrets that are made up.
func everything(t *rapid.T, store *sqlstore.Store) map[string]any {
	page := identity.Page{Number: 1, Limit: 1000}
	products, err := store.Products(t.Context())
	check(t, err)
	groups, _, err := store.Groups(t.Context(), page)
	check(t, err)
	applications, _, err := store.Applications(t.Context(), page)
	check(t, err)
	all := map[string]any{}
	for _, p := range products {
		all["product "+p.Name] = p.Description
	}
	for _, g := range groups {
		for _, actions := range g.Permissions {
			slices.Sort(actions)
		}
		all["group "+g.ID] = []any{g.Name, maps.Clone(g.Permissions), g.Metadata}
	}
	for _, a := range applications {
		secrets := len(a.Secrets)
		a.ID, a.Secrets, a.Version = "", nil, 0
		a.CreatedAt, a.UpdatedAt, a.NotBefore = time.Time{}, time.Time{}, time.Time{}
		all["application "+a.ClientID] = []any{a, secrets}
	}
	return all
}
