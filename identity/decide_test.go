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
		{ID: "empty"},
	})
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
			if diff := cmp.Diff(tt.want, testPolicy().Decide(tt.groups, tt.resource, tt.action)); diff != "" {
				t.Errorf("Decide() (-want +got):\n%s", diff)
			}
		})
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
		if got := question.policy.Decide([]string{question.group}, question.resource, question.action).Allowed; got != question.want {
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
