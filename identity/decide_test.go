package identity_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/identity"
)

func testPolicy() *identity.Policy {
	return identity.NewPolicy([]identity.Group{
		{ID: "admin-group", Permissions: map[string][]string{"*": {"*"}}},
		{ID: "help-desk", Permissions: map[string][]string{"users": {"get", "patch"}, "reset-password": {"patch"}}},
		{ID: "midaz-viewer-group", Permissions: map[string][]string{"ledgers": {"get", "head"}, "*": {"head"}}},
		{ID: "auditors", Permissions: map[string][]string{"audit-events": {"*"}}},
		{ID: "midaz-editor-group", Permissions: map[string][]string{"ledgers": {"get", "head", "delete"}}},
		{ID: "midaz-fees-viewer-group", Permissions: map[string][]string{"fees": {"get"}}},
		{ID: "empty"},
	}, []string{"midaz", "midaz-fees", "gatehouse"})
}

func TestDecide(t *testing.T) {
	t.Parallel()
	allowed := func(group, resource, action string) identity.Decision {
		return identity.Decision{Allowed: true, Group: group, Resource: resource, Action: action}
	}
	tests := []struct {
		name             string
		groups           []string
		resource, action string
		want             identity.Decision
	}{
		{"by name", []string{"help-desk"}, "users", "get", allowed("help-desk", "users", "get")},
		{"another action", []string{"help-desk"}, "users", "delete", identity.Decision{}},
		{"another resource", []string{"help-desk"}, "groups", "get", identity.Decision{}},
		{"case counts", []string{"help-desk"}, "Users", "get", identity.Decision{}},
		{"any action", []string{"auditors"}, "audit-events", "get", allowed("auditors", "audit-events", "*")},
		{"any resource", []string{"midaz-viewer-group"}, "accounts", "head", allowed("midaz-viewer-group", "*", "head")},
		{"the resource's own goes first", []string{"midaz-viewer-group"}, "ledgers", "head", allowed("midaz-viewer-group", "ledgers", "head")},
		{"everything", []string{"admin-group"}, "anything", "at all", allowed("admin-group", "*", "*")},
		{"the first group that allows it", []string{"empty", "help-desk", "admin-group"}, "users", "get", allowed("help-desk", "users", "get")},
		{"a group that is not there", []string{"gone"}, "users", "get", identity.Decision{}},
		{"no group", nil, "users", "get", identity.Decision{}},
		{"asking for any is not having any", []string{"help-desk"}, "*", "*", identity.Decision{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, testPolicy().Decide(tt.groups, identity.Question{Resource: tt.resource, Action: tt.action})); diff != "" {
				t.Errorf("Decide() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecideForAProduct(t *testing.T) {
	t.Parallel()
	groups := []string{"admin-group", "midaz-editor-group", "midaz-fees-viewer-group"}
	tests := []struct {
		name     string
		question identity.Question
		want     string // the group
	}{
		{"any product", identity.Question{Resource: "fees", Action: "get"}, "admin-group"},
		{"its own groups", identity.Question{Resource: "fees", Action: "get", Product: "midaz-fees"}, "midaz-fees-viewer-group"},
		{"no other product's, though its name begins alike", identity.Question{Resource: "fees", Action: "get", Product: "midaz"}, ""},
		{"another product's groups", identity.Question{Resource: "ledgers", Action: "get", Product: "midaz-fees"}, ""},
		{"administrators are of no product", identity.Question{Resource: "users", Action: "get", Product: "gatehouse"}, ""},
		{"a product that is not registered", identity.Question{Resource: "ledgers", Action: "get", Product: "ledger"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := testPolicy().Decide(groups, tt.question).Group; got != tt.want {
				t.Errorf("Decide() = by group %q, want %q", got, tt.want)
			}
		})
	}
}

func TestProductsOfGroups(t *testing.T) {
	t.Parallel()
	p := testPolicy()
	fees := identity.Question{Resource: "fees", Action: "get", Product: "midaz-fees"}
	in := []string{"midaz-fees-viewer-group"}
	if !p.Decide(in, fees).Allowed {
		t.Error("a product's own group does not count for it")
	}
	if later := p.Among([]string{"midaz"}); later.Decide(in, fees).Allowed || later.Product(in[0]) != "" {
		t.Error("without midaz-fees its group, which says nothing, is still of it")
	}
	if !p.Decide(in, fees).Allowed {
		t.Error("the policy before has changed")
	}
	later := p.With(identity.Group{ID: "auditors", Product: "midaz"}, identity.Group{ID: "midaz-auditors"})
	for id, want := range map[string]string{
		"auditors": "midaz", "midaz-auditors": "", "midaz-viewer-group": "midaz", "admin-group": "", "gone": "",
	} {
		if got := later.Product(id); got != want {
			t.Errorf("Product(%q) = %q, want %q", id, got, want)
		}
		if got := later.Among([]string{"other", "midaz"}).Product(id); got != want {
			t.Errorf("Product(%q) with another product = %q, want %q", id, got, want)
		}
	}
}

func TestAdministers(t *testing.T) {
	t.Parallel()
	words := map[string][]string{"users": {"get", "post"}, "permissions": {"get"}}
	p := testPolicy().With(
		identity.Group{ID: "midaz-contributor-group", Permissions: words},
		identity.Group{ID: "sellers", Product: "midaz", Permissions: words},
		identity.Group{ID: "midaz-clerks", Permissions: words},
	)
	for group, want := range map[string]bool{
		"help-desk": true, "admin-group": true, "midaz-clerks": true, "midaz-contributor-group": false, "sellers": false, "gone": false,
	} {
		if got := p.Administers([]string{group}, "users", "get"); got.Allowed != want || want && got.Group != group {
			t.Errorf("Administers(%s) = %+v, want %v", group, got, want)
		}
		if !p.Knows(group) {
			continue
		}
		q := identity.Question{Resource: "users", Action: "get", Product: p.Product(group)}
		if got := p.Decide([]string{group}, q).Allowed; !got {
			t.Errorf("Decide(%s, %+v) = false: a product may use the same words", group, q)
		}
	}
	if resource, action, exceeds := p.Exceeds([]string{"sellers"}, p, nil); exceeds {
		t.Errorf("Exceeds() = %s:%s by a group of a product", resource, action)
	}
	if _, _, exceeds := p.Exceeds([]string{"midaz-contributor-group"}, p, nil); !exceeds {
		t.Error("a group that only its name says to be of a product gives nothing when that is deleted")
	}
	for product, want := range map[string]bool{"midaz": true, "midaz-fees": false, "": false} {
		if got := p.MayAskAboutOthers([]string{"sellers"}, product); got != want {
			t.Errorf("MayAskAboutOthers() of a product's group for %q = %v, want %v", product, got, want)
		}
		if !p.MayAskAboutOthers([]string{"midaz-clerks"}, product) {
			t.Errorf("MayAskAboutOthers() of a group of no product for %q = false", product)
		}
	}
}

// It counts what the process allocates, and so does not run beside others.
func TestDecisionsAllocateNothing(t *testing.T) {
	p := testPolicy()
	if n := testing.AllocsPerRun(100, func() {
		p.Administers([]string{"help-desk"}, "users", "get")
		p.Decide([]string{"help-desk"}, identity.Question{Resource: "users", Action: "get"})
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	p := testPolicy()
	in := []string{"midaz-viewer-group", "gone", "midaz-editor-group", "midaz-fees-viewer-group"}
	for product, want := range map[string]map[string][]string{
		"":           {"*": {"head"}, "fees": {"get"}, "ledgers": {"delete", "get", "head"}},
		"midaz":      {"*": {"head"}, "ledgers": {"delete", "get", "head"}},
		"midaz-fees": {"fees": {"get"}},
		"none":       {},
	} {
		if diff := cmp.Diff(want, p.Permissions(in, product)); diff != "" {
			t.Errorf("Permissions() for product %q (-want +got):\n%s", product, diff)
		}
	}
	if d := p.Decide([]string{"midaz-viewer-group"}, identity.Question{Resource: "ledgers", Action: "delete"}); d.Allowed {
		t.Error("listing the permissions of several groups has given one those of another")
	}
}

func TestAllowing(t *testing.T) {
	t.Parallel()
	var got []string
	for _, d := range testPolicy().Allowing(identity.Question{Resource: "ledgers", Action: "head"}) {
		got = append(got, d.Group+" by "+d.Resource+":"+d.Action)
	}
	want := []string{"admin-group by *:*", "midaz-editor-group by ledgers:head", "midaz-viewer-group by ledgers:head"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Allowing() (-want +got):\n%s", diff)
	}
}

func TestPolicyIsNeverChanged(t *testing.T) {
	t.Parallel()
	before := testPolicy()
	after := before.With(identity.Group{ID: "help-desk", Permissions: map[string][]string{"users": {"get"}}}).Without("auditors")
	for _, question := range []struct {
		policy           *identity.Policy
		group            string
		resource, action string
		want             bool
	}{
		{before, "help-desk", "users", "patch", true},
		{after, "help-desk", "users", "patch", false},
		{after, "help-desk", "users", "get", true},
		{before, "auditors", "audit-events", "get", true},
		{after, "auditors", "audit-events", "get", false},
		{after, "admin-group", "users", "patch", true},
	} {
		if got := question.policy.Decide([]string{question.group}, identity.Question{Resource: question.resource, Action: question.action}).Allowed; got != question.want {
			t.Errorf("%+v: allowed %v", question, got)
		}
	}
}

func TestExceeds(t *testing.T) {
	t.Parallel()
	p := testPolicy()
	tests := []struct {
		name            string
		groups, holders []string
		want            string
	}{
		{"an administrator exceeds a help desk", []string{"admin-group"}, []string{"help-desk"}, "users:post"},
		{"nobody exceeds an administrator", []string{"help-desk", "auditors"}, []string{"admin-group"}, ""},
		{"nobody exceeds themselves", []string{"help-desk"}, []string{"help-desk"}, ""},
		{"what products permit does not count", []string{"empty"}, nil, ""},
		{"every resource counts the identity API's in", []string{"auditors"}, []string{"help-desk"}, "audit-events:get"},
		{"several groups hold together", []string{"help-desk", "auditors"}, []string{"auditors", "help-desk"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			resource, action, exceeds := p.Exceeds(tt.groups, p, tt.holders)
			got := ""
			if exceeds {
				got = resource + ":" + action
			}
			if got != tt.want {
				t.Errorf("Exceeds() = %q, want %q", got, tt.want)
			}
		})
	}
}
