package bootstrap_test

import (
	"io/fs"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/identity/bootstrap"
)

// The examples can be applied as they are, and say nothing that everyone may not read.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"midaz.yaml", "minimal.yaml", "webapp/gatehouse.yaml"} {
		eachDatabase(t, func(t *testing.T, w *world) {
			file, err := bootstrap.Read("../../examples/" + name)
			check(t, err)
			if len(file.Exposed) != 0 {
				t.Errorf("exposed: %v", file.Exposed)
			}
			result, err := w.Apply(t.Context(), file, bootstrap.Options{})
			check(t, err)
			if len(result.Changes) == 0 {
				t.Error("nothing was declared")
			}
			again, err := w.Plan(t.Context(), file, bootstrap.Options{Prune: true})
			if err != nil || len(again) != 0 {
				t.Errorf("applied again, it would %v (%v)", inShort(again), err)
			}
		})
	}
}

// What pages have for an example can be declared as it is.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bootstrap.md", "conformance.md"} {
		page, err := os.ReadFile("../../docs/" + name)
		check(t, err)
		found := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(page)
		if found == nil {
			t.Fatalf("%s: no example", name)
		}
		_, err = bootstrap.Parse(found[1], func(string) ([]byte, fs.FileMode, error) { return []byte(secret), 0o600, nil })
		check(t, err)
	}
}

// The Midaz family has the permissions that its clients rely on.
func TestMidaz(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../examples/midaz.yaml")
	check(t, err)
	w := newWorld(t, openSQLite(t))
	w.apply(t, string(content), bootstrap.Options{})

	levels := map[string][]string{"viewer": {"get", "head"}, "contributor": {"get", "head", "patch", "post"}, "editor": {"delete", "get", "head", "patch", "post"}}
	resources := map[string][]string{
		"midaz":                      {"organizations", "ledgers", "accounts", "assets", "portfolios", "segments"},
		"routing":                    {"account-types", "transaction-routes", "operation-routes"},
		"plugin-crm":                 {"holders", "aliases"},
		"plugin-fees":                {"packages", "fees", "estimates"},
		"reporter":                   {"templates", "reports", "data-source"},
		"plugin-br-pix-direct-jd":    nil,
		"plugin-br-pix-indirect-btg": nil,
		"plugin-br-bank-transfer":    nil,
	}
	more := map[string]map[string][]string{
		"viewer":      {"balances": {"get", "head"}, "transactions": {"get", "head"}, "operations": {"get", "head"}, "asset-rates": {"get", "head"}},
		"contributor": {"balances": {"get", "patch", "post"}, "transactions": {"get", "head", "patch", "post"}, "operations": {"get", "head", "patch"}, "asset-rates": {"get", "head", "patch", "put"}},
		"editor":      {"balances": {"delete", "get", "patch", "post"}, "transactions": {"get", "head", "patch", "post"}, "operations": {"get", "head", "patch"}, "asset-rates": {"get", "head", "patch", "put"}},
	}
	for product, names := range resources {
		if _, err := w.store.Product(t.Context(), product); err != nil {
			t.Errorf("product %s: %v", product, err)
		}
		for level, actions := range levels {
			want := map[string][]string{}
			for _, name := range names {
				want[name] = actions
			}
			if product == "midaz" {
				for name, actions := range more[level] {
					want[name] = actions
				}
			}
			group, err := w.store.Group(t.Context(), product+"-"+level+"-group")
			check(t, err)
			if diff := cmp.Diff(want, group.Permissions, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", group.ID, diff)
			}
		}
	}
}
