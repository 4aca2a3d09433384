package identity_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/identity"
)

// Few words, so that what is asked is often what is permitted. "loans" and "put"
// are in no permission, "gone" is no group's id, and a product may be registered
// or not.
var (
	permittedResources = []string{"ledgers", "accounts", "*"}
	permittedActions   = []string{"get", "post", "*"}
	askedResources     = append(permittedResources, "loans")
	askedActions       = append(permittedActions, "put")
	everyGroup         = []string{
		"admin-group", "midaz-viewer-group", "midaz-fees-viewer-group", "midaz-fees-viewer", "midaz-fees", "routing-editor-group",
	}
	everyProduct = []string{"midaz", "midaz-fees", "midaz-fees-viewer", "routing"}
	heldGroups   = append(everyGroup, "gone")
)

// drawn is a policy as it was drawn.
type drawn struct {
	groups   map[string]identity.Group
	products []string
}

func (d drawn) policy() *identity.Policy {
	return identity.NewPolicy(slices.Collect(maps.Values(d.groups)), d.products)
}

func (d drawn) clone() drawn { return drawn{maps.Clone(d.groups), d.products} }

// product is identity.ProductOf, by trying every product.
func (d drawn) product(groupID string) string {
	for _, name := range d.products {
		for _, level := range []string{"viewer", "contributor", "editor"} {
			if groupID == name+"-"+level+"-group" {
				return name
			}
		}
	}
	if groupID == identity.AdminGroup {
		return ""
	}
	return d.groups[groupID].Product
}

func drawProducts(t *rapid.T) []string {
	return rapid.SliceOfDistinct(rapid.SampledFrom(everyProduct), rapid.ID).Draw(t, "products")
}

func drawGroup(t *rapid.T, id string) identity.Group {
	actions := rapid.SliceOfNDistinct(rapid.SampledFrom(permittedActions), 1, 2, rapid.ID)
	return identity.Group{
		ID: id, Product: rapid.SampledFrom(append([]string{"", "", "gone"}, everyProduct...)).Draw(t, "product of "+id), Permissions: rapid.MapOfN(rapid.SampledFrom(permittedResources), actions, 1, 3).Draw(t, "permissions of "+id),
	}
}

func drawPolicy(t *rapid.T) drawn {
	d := drawn{groups: make(map[string]identity.Group), products: drawProducts(t)}
	for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom(everyGroup), 4, -1, rapid.ID).Draw(t, "groups") {
		d.groups[id] = drawGroup(t, id)
	}
	return d
}

func drawQuestion(t *rapid.T) identity.Question {
	return identity.Question{
		Resource: rapid.SampledFrom(askedResources).Draw(t, "resource"),
		Action:   rapid.SampledFrom(askedActions).Draw(t, "action"),
		Product:  rapid.SampledFrom(append([]string{"", "", "", ""}, everyProduct...)).Draw(t, "product"),
	}
}

// TestPoliciesThatChange makes random changes. Each policy decides as one that is
// made anew of the same groups, and goes on to after it was changed.
func TestPoliciesThatChange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := drawPolicy(t)
		policy := now.policy()
		var moments []drawn
		var policies []*identity.Policy
		for range rapid.IntRange(1, 8).Draw(t, "changes") {
			moments, policies = append(moments, now.clone()), append(policies, policy)
			ids := rapid.SliceOfNDistinct(rapid.SampledFrom(everyGroup), 0, 3, rapid.ID).Draw(t, "of groups")
			switch rapid.SampledFrom([]string{"with", "without", "among"}).Draw(t, "change") {
			case "with":
				var groups []identity.Group
				for _, id := range ids {
					now.groups[id] = drawGroup(t, id)
					groups = append(groups, now.groups[id])
				}
				policy = policy.With(groups...)
			case "without":
				for _, id := range ids {
					delete(now.groups, id)
				}
				policy = policy.Without(ids...)
			case "among":
				now.products = drawProducts(t)
				policy = policy.Among(now.products)
			}
		}
		moments, policies = append(moments, now), append(policies, policy)
		for i, moment := range moments {
			if diff := cmp.Diff(all(moment.policy()), all(policies[i])); diff != "" {
				t.Fatalf("policy %d of %d (-made anew +changed):\n%s", i, len(moments), diff)
			}
		}
	})
}

// all is all that a policy can be asked with the words of these tests.
func all(p *identity.Policy) map[string]any {
	answers := make(map[string]any)
	for _, product := range append([]string{""}, everyProduct...) {
		answers["registered "+product] = p.KnowsProduct(product)
		for _, id := range heldGroups {
			answers["known "+id] = p.Knows(id)
			answers["product of "+id] = p.Product(id)
			answers["permissions of "+id+" for "+product] = p.Permissions([]string{id}, product)
		}
		for _, q := range questions(product) {
			answers[fmt.Sprint("allowing ", q)] = p.Allowing(q)
		}
	}
	return answers
}

// questions are all that there are for a product.
func questions(product string) (list []identity.Question) {
	for _, resource := range askedResources {
		for _, action := range askedActions {
			list = append(list, identity.Question{Resource: resource, Action: action, Product: product})
		}
	}
	return list
}

// TestListsAgreeWithDecisions holds what is listed of a policy to what it decides.
func TestListsAgreeWithDecisions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := drawPolicy(t)
		p, anew := d.policy(), d.policy() // to list changes nothing
		groups := rapid.SliceOfDistinct(rapid.SampledFrom(heldGroups), rapid.ID).Draw(t, "held")
		product := rapid.SampledFrom(append([]string{""}, everyProduct...)).Draw(t, "product")
		listed := p.Permissions(groups, product)
		for resource, actions := range listed {
			if sorted := slices.Compact(slices.Sorted(slices.Values(actions))); !slices.Equal(sorted, actions) || len(actions) == 0 {
				t.Fatalf("Permissions() of %s = %v", resource, actions)
			}
		}
		for _, q := range questions(product) {
			if by := anew.Decide(groups, q).Allowed; by != permitted(listed, q) {
				t.Fatalf("Decide(%v, %+v) = %v, Permissions() = %v", groups, q, by, listed)
			}
			var want []identity.Decision
			for _, id := range slices.Sorted(slices.Values(heldGroups)) {
				if d := anew.Decide([]string{id}, q); d.Allowed {
					want = append(want, d)
				}
			}
			if diff := cmp.Diff(want, p.Allowing(q)); diff != "" {
				t.Fatalf("Allowing(%+v) (-by Decide +got):\n%s", q, diff)
			}
		}
	})
}

func permitted(listed map[string][]string, q identity.Question) bool {
	for _, resource := range []string{q.Resource, identity.Any} {
		for _, action := range []string{q.Action, identity.Any} {
			if slices.Contains(listed[resource], action) {
				return true
			}
		}
	}
	return false
}
