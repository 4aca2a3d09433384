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
		{"the longest name of a product counts", identity.Question{Resource: "fees", Action: "get", Product: "midaz"}, ""},
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

func TestProductsOfGroupsFollowTheRegistered(t *testing.T) {
	t.Parallel()
	p := testPolicy()
	fees := identity.Question{Resource: "fees", Action: "get", Product: "midaz"}
	in := []string{"midaz-fees-viewer-group"}
	if p.Decide(in, fees).Allowed {
		t.Error("a group of midaz-fees counts for midaz")
	}
	if later := p.Among([]string{"midaz"}); !later.Decide(in, fees).Allowed || later.KnowsProduct("midaz-fees") {
		t.Error("without midaz-fees its groups are not midaz's")
	}
	if p.Decide(in, fees).Allowed {
		t.Error("the policy before has changed")
	}
	if got := p.With(identity.Group{ID: "midaz-auditors"}).Product("midaz-auditors"); got != "midaz" {
		t.Errorf("Product() of a new group = %q, want midaz", got)
	}
	for _, id := range []string{"admin-group", "midaz", "midazzle-viewer-group", ""} {
		if got := p.Product(id); got != "" {
			t.Errorf("Product(%q) = %q, want none", id, got)
		}
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
