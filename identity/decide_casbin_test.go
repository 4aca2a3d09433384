package identity_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	"pgregory.net/rapid"

	"gatehouse/identity"
)

// casbinModel says in another engine's words what a decision is: somebody may do
// what a group of theirs permits, by name or by "*".
const casbinModel = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub) && (p.obj == "*" || r.obj == p.obj) && (p.act == "*" || r.act == p.act)
`

// enforcer is the policy for casbin, of the groups of one product if one is named.
func (d drawn) enforcer(t *rapid.T, members map[string][]string, product string) *casbin.Enforcer {
	m, err := model.NewModelFromString(casbinModel)
	succeeded(t, err)
	e, err := casbin.NewEnforcer(m)
	succeeded(t, err)
	for id, group := range d.groups {
		if product != "" && d.product(id) != product {
			continue
		}
		for resource, actions := range group.Permissions {
			for _, action := range actions {
				_, err := e.AddPolicy(id, resource, action)
				succeeded(t, err)
			}
		}
	}
	for user, groups := range members {
		for _, id := range groups {
			_, err := e.AddGroupingPolicy(user, id)
			succeeded(t, err)
		}
	}
	return e
}

func succeeded(t *rapid.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestDecideEqualsCasbin holds decisions to those of casbin, for random policies,
// users and questions.
func TestDecideEqualsCasbin(t *testing.T) {
	t.Parallel()
	var asked, allowed int
	rapid.Check(t, func(t *rapid.T) {
		d := drawPolicy(t)
		p := d.policy()
		members := map[string][]string{"nobody": nil}
		for _, user := range []string{"ada", "grace"} {
			members[user] = rapid.SliceOfNDistinct(rapid.SampledFrom(heldGroups), 2, 6, rapid.ID).Draw(t, "groups of "+user)
		}
		enforcers := make(map[string]*casbin.Enforcer)
		for range 20 {
			user := rapid.SampledFrom(slices.Sorted(maps.Keys(members))).Draw(t, "user")
			q := drawQuestion(t)
			if enforcers[q.Product] == nil {
				enforcers[q.Product] = d.enforcer(t, members, q.Product)
			}
			want, err := enforcers[q.Product].Enforce(user, q.Resource, q.Action)
			succeeded(t, err)
			got := p.Decide(members[user], q)
			if got.Allowed != want {
				t.Fatalf("Decide(%v, %+v) = %+v, casbin says %v", members[user], q, got, want)
			}
			d.checkReason(t, members[user], q, got)
			asked++
			if want {
				allowed++
			}
		}
	})
	if allowed < asked/20 || allowed > asked*19/20 {
		t.Errorf("of %d questions %d were allowed: such questions tell little", asked, allowed)
	}
}

// checkReason fails unless a decision names a permission there is, of a group
// that counts, which permits what is asked.
func (d drawn) checkReason(t *rapid.T, groups []string, q identity.Question, got identity.Decision) {
	t.Helper()
	if !got.Allowed {
		if got != (identity.Decision{}) {
			t.Fatalf("what nothing allows has a reason: %+v", got)
		}
		return
	}
	there := slices.Contains(d.groups[got.Group].Permissions[got.Resource], got.Action)
	counts := slices.Contains(groups, got.Group) && (q.Product == "" || d.product(got.Group) == q.Product)
	matches := (got.Resource == q.Resource || got.Resource == identity.Any) && (got.Action == q.Action || got.Action == identity.Any)
	if !there || !counts || !matches {
		t.Fatalf("Decide(%v, %+v) = %+v: there %v, counts %v, matches %v", groups, q, got, there, counts, matches)
	}
}
