package permissions_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/permissions"
)

func TestAsk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	viola, eddie := w.ids["viola"], w.ids["eddie"]
	tests := []struct {
		name                    string
		asker, sub              string
		resource, action        string
		product                 string
		allowed                 bool
		denied                  error
		group, subject, missing string
	}{
		{name: "own, without a subject", asker: "viola", resource: "ledgers", action: "get", allowed: true, group: "midaz-viewer-group", subject: viola},
		{name: "own id with an owner", asker: "viola", sub: "lerian/" + viola, resource: "ledgers", action: "get", allowed: true, group: "midaz-viewer-group"},
		{name: "own bare id", asker: "viola", sub: viola, resource: "ledgers", action: "head", allowed: true, group: "midaz-viewer-group"},
		{name: "own username whatever the case", asker: "viola", sub: "anybody/Viola", resource: "ledgers", action: "get", allowed: true, group: "midaz-viewer-group"},
		{name: "what a viewer may not", asker: "viola", sub: viola, resource: "ledgers", action: "delete", missing: `none of its groups permits "ledgers:delete": midaz-fees-viewer-group, midaz-viewer-group`},
		{name: "a product's groups alone", asker: "viola", resource: "ledgers", action: "get", product: "midaz-fees", missing: `none of its groups permits "ledgers:get": midaz-fees-viewer-group`},
		{name: "the longest product's", asker: "viola", resource: "fees", action: "get", product: "midaz", missing: `none of its groups permits "fees:get": midaz-viewer-group`},
		{name: "no such product", asker: "viola", resource: "ledgers", action: "get", product: "ledger", missing: `there is no product "ledger"`},
		{name: "no group of the product", asker: "viola", resource: "ledgers", action: "get", product: "routing", missing: `it is in no group of the product "routing"`},
		{name: "in no group", asker: "nobody", resource: "ledgers", action: "get", missing: "it is in no group"},

		{name: "another's id", asker: "viola", sub: eddie, resource: "ledgers", action: "get", denied: errors.AccessDenied},
		{name: "another's username", asker: "viola", sub: "lerian/eddie", resource: "ledgers", action: "get", denied: errors.AccessDenied},
		{name: "nobody, without being told so", asker: "viola", sub: "who", resource: "ledgers", action: "get", denied: errors.AccessDenied},
		{name: "a role", asker: "viola", sub: "admin/midaz-viewer-role", resource: "ledgers", action: "get", denied: errors.AccessDenied},
		{name: "the administrators' role", asker: "viola", sub: "admin", resource: "ledgers", action: "get", denied: errors.AccessDenied},

		{name: "an auditor about an id", asker: "audrey", sub: "lerian/" + eddie, resource: "ledgers", action: "delete", allowed: true, group: "midaz-editor-group", subject: eddie},
		{name: "an auditor about an id in capitals", asker: "audrey", sub: strings.ToUpper(eddie), resource: "ledgers", action: "delete", allowed: true, group: "midaz-editor-group"},
		{name: "an auditor about a username", asker: "audrey", sub: "EDDIE", resource: "ledgers", action: "delete", allowed: true, group: "midaz-editor-group"},
		{name: "an auditor about a role", asker: "audrey", sub: "any/midaz-viewer-role", resource: "ledgers", action: "get", allowed: true, group: "midaz-viewer-group", subject: "midaz-viewer-role"},
		{name: "an auditor about administrators", asker: "audrey", sub: "admin/admin", resource: "all", action: "any", allowed: true, group: "admin-group", subject: "admin"},
		{name: "an auditor about a user admin that there is not", asker: "audrey", sub: "admin", resource: "all", action: "any", denied: errors.SubjectNotFound},
		{name: "the same with an owner", asker: "audrey", sub: "lerian/admin", resource: "all", action: "any", denied: errors.SubjectNotFound},
		{name: "an auditor about the role of a product that is not registered", asker: "audrey", sub: "crm-editor-role", resource: "deals", action: "get", denied: errors.SubjectNotFound},
		{name: "an auditor about an application", asker: "audrey", sub: midazClient, resource: "ledgers", action: "post", allowed: true, group: "midaz-editor-group", subject: midazClient},
		{name: "an auditor about a role without a group", asker: "audrey", sub: "midaz-contributor-role", resource: "ledgers", action: "get", denied: errors.SubjectNotFound},
		{name: "an auditor about nobody", asker: "audrey", sub: "lerian/who", resource: "ledgers", action: "get", denied: errors.SubjectNotFound},
		{name: "an auditor about a path", asker: "audrey", sub: "lerian/eddie/x", resource: "ledgers", action: "get", denied: errors.SubjectNotFound},
		{name: "an auditor about no owner", asker: "audrey", sub: "/eddie", resource: "ledgers", action: "get", denied: errors.SubjectNotFound},
		{name: "an auditor about no name", asker: "audrey", sub: "lerian/", resource: "ledgers", action: "get", denied: errors.SubjectNotFound},
		{name: "an auditor about a disabled user", asker: "audrey", sub: "gone.fishing", resource: "ledgers", action: "get", missing: "the user is disabled"},

		{name: "an application, without a subject", asker: midazClient, resource: "ledgers", action: "post", allowed: true, group: "midaz-editor-group"},
		{name: "an application's client id", asker: midazClient, sub: "admin/" + midazClient, resource: "ledgers", action: "post", allowed: true, group: "midaz-editor-group"},
		{name: "its product's editor role", asker: midazClient, sub: "admin/midaz-editor-role", resource: "ledgers", action: "post", allowed: true, group: "midaz-editor-group", subject: "midaz-editor-role"},
		{name: "the same with an older owner", asker: midazClient, sub: "lerian/midaz-editor-role", resource: "ledgers", action: "delete", allowed: true, group: "midaz-editor-group"},
		{name: "what its role may not", asker: midazClient, sub: "lerian/midaz-editor-role", resource: "ledgers", action: "patch", missing: `none of its groups permits "ledgers:patch": midaz-editor-group`},
		{name: "another product's role", asker: routingClient, sub: "admin/midaz-editor-role", resource: "ledgers", action: "get", missing: "an application has the role of its own product's editors and no other"},
		{name: "the role of a product that is not registered", asker: midazClient, sub: "admin/ghost-editor-role", resource: "ledgers", action: "get", denied: errors.SubjectNotFound},
		{name: "its product's viewer role", asker: midazClient, sub: "admin/midaz-viewer-role", resource: "ledgers", action: "get", missing: "an application has the role of its own product's editors and no other"},
		{name: "the role of administrators", asker: midazClient, sub: "admin/admin", resource: "ledgers", action: "get", missing: "an application has the role of its own product's editors and no other"},
		{name: "another product's role, though it may ask about others", asker: gatewayClient, sub: "midaz-editor-role", resource: "ledgers", action: "get", missing: "an application has the role of its own product's editors and no other"},
		{name: "an application about a user", asker: midazClient, sub: viola, resource: "ledgers", action: "get", denied: errors.AccessDenied},
		{name: "a gateway about a user", asker: gatewayClient, sub: viola, resource: "ledgers", action: "get", denied: errors.AccessDenied},
		{name: "a gateway about a user, for another product", asker: gatewayClient, sub: viola, resource: "ledgers", action: "get", product: "midaz", denied: errors.AccessDenied},
		{name: "a gateway about a user, for its own product", asker: gatewayClient, sub: viola, resource: "ledgers", action: "get", product: "gateway", missing: `it is in no group of the product "gateway"`},
		{name: "a member of auditors about a user", asker: watcherClient, sub: viola, resource: "ledgers", action: "get", allowed: true, group: "midaz-viewer-group", subject: viola},
		{name: "a member of auditors for a product", asker: watcherClient, sub: viola, resource: "ledgers", action: "get", product: "midaz", allowed: true, group: "midaz-viewer-group"},
		{name: "its role has nothing of its membership", asker: watcherClient, sub: "admin/gateway-editor-role", resource: "ledgers", action: "get", missing: `none of its groups permits "ledgers:get": gateway-editor-group`},
		{name: "a member of auditors about another application", asker: watcherClient, sub: midazClient, resource: "ledgers", action: "get", allowed: true, group: "midaz-editor-group"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q := permissions.Question{Subject: tt.sub, Question: identity.Question{Resource: tt.resource, Action: tt.action, Product: tt.product}}
			got, err := w.by(t, tt.asker).Ask(t.Context(), q)
			if tt.denied != nil {
				if !errors.Is(err, tt.denied) {
					t.Errorf("Ask() = %+v, %v, want %v", got, err, tt.denied)
				}
				return
			}
			check(t, err)
			if got.Allowed != tt.allowed || got.Group != tt.group || got.Missing() != tt.missing {
				t.Errorf("Ask() = %v by %q, missing %q, want %v by %q, missing %q",
					got.Allowed, got.Group, got.Missing(), tt.allowed, tt.group, tt.missing)
			}
			if tt.subject != "" && got.Subject.ID != tt.subject {
				t.Errorf("Ask() is about %q, want %q", got.Subject.ID, tt.subject)
			}
		})
	}
}

// A user who is called like a role, or like an application, is not taken for it.
func TestUsersComeBeforeRoles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user(t, "admin", false)
	w.user(t, "midaz-editor-role", false)
	w.user(t, midazClient, false)
	for _, sub := range []string{"lerian/admin", "admin/midaz-editor-role", midazClient} {
		got, err := w.by(t, "audrey").Ask(t.Context(), permissions.Question{Subject: sub, Question: identity.Question{Resource: "ledgers", Action: "get"}})
		check(t, err)
		if got.Allowed || got.Subject.Kind != permissions.User {
			t.Errorf("%s: %v for the %s, want the user, who may do nothing", sub, got.Allowed, got.Subject.Kind)
		}
	}
	for _, kind := range []permissions.Kind{permissions.Role, permissions.User} {
		got, err := w.by(t, "audrey").Ask(t.Context(), permissions.Question{Subject: "admin", Kind: kind, Question: identity.Question{Resource: "ledgers", Action: "get"}})
		check(t, err)
		if got.Subject.Kind != kind || got.Allowed != (kind == permissions.Role) {
			t.Errorf("admin as a %s: %v for the %s", kind, got.Allowed, got.Subject.Kind)
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tests := []struct {
		asker, sub, product string
		want                map[string][]string
		denied              error
	}{
		{asker: "viola", want: map[string][]string{"fees": {"get"}, "ledgers": {"get", "head"}}},
		{asker: "viola", product: "midaz-fees", want: map[string][]string{"fees": {"get"}}},
		{asker: "nobody", want: map[string][]string{}},
		{asker: "viola", sub: "eddie", denied: errors.AccessDenied},
		{asker: "audrey", sub: "eddie", want: map[string][]string{"ledgers": {"delete", "get", "head", "post"}}},
		{asker: "audrey", sub: "gone.fishing", want: map[string][]string{}},
		{asker: "audrey", sub: "who", denied: errors.SubjectNotFound},
		{asker: routingClient, want: map[string][]string{"*": {"get"}}},
		{asker: routingClient, sub: "midaz-editor-role", want: map[string][]string{}},
	}
	for _, tt := range tests {
		t.Run(tt.asker+" about "+tt.sub+" for "+tt.product, func(t *testing.T) {
			t.Parallel()
			got, err := w.by(t, tt.asker).List(t.Context(), tt.sub, tt.product)
			if !errors.Is(err, tt.denied) {
				t.Fatalf("List() = %v, want %v", err, tt.denied)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("List() (-want +got):\n%s", diff)
			}
		})
	}
}

// failing is a source that fails at what it is told to.
type failing struct {
	permissions.Source
	policy, user error
}

func (f failing) Policy(ctx context.Context) (*identity.Policy, error) {
	if f.policy != nil {
		return nil, f.policy
	}
	return f.Source.Policy(ctx)
}

func (f failing) UserByUsername(ctx context.Context, username string) (*identity.User, error) {
	if f.user != nil {
		return nil, f.user
	}
	return f.Source.UserByUsername(ctx, username)
}

func TestNothingIsAllowedWhenTheSourceFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cause := errors.New("the database is on fire")
	asker := permissions.Asker{UserID: w.ids["audrey"]}
	if _, err := permissions.By(t.Context(), failing{Source: w, policy: cause}, asker); !errors.Is(err, errors.EnforcerUnusable) || !errors.Is(err, cause) {
		t.Errorf("By() = %v, want %v because of %v", err, errors.EnforcerUnusable, cause)
	}
	asks, err := permissions.By(t.Context(), failing{Source: w, user: cause}, asker)
	check(t, err)
	for range 2 {
		got, err := asks.Ask(t.Context(), permissions.Question{Subject: "eddie", Question: identity.Question{Resource: "ledgers", Action: "get"}})
		if got.Allowed || !errors.Is(err, errors.EnforcerUnusable) {
			t.Errorf("Ask() = %v, %v, want %v", got.Allowed, err, errors.EnforcerUnusable)
		}
	}
	if _, err := permissions.By(t.Context(), w, permissions.Asker{UserID: "00000000-0000-7000-8000-000000000000"}); !errors.Is(err, errors.SubjectNotFound) {
		t.Errorf("By() for somebody who is gone = %v, want %v", err, errors.SubjectNotFound)
	}
}

// What one question found out is not told by the next, for which the asker may not
// know it.
func TestAskIsOfEachProduct(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asks := w.by(t, gatewayClient)
	ask := func(sub, product string) error {
		_, err := asks.Ask(t.Context(), permissions.Question{Subject: sub, Question: identity.Question{Resource: "a", Action: "b", Product: product}})
		return err
	}
	for _, sub := range []string{"viola", "who"} {
		for range 2 {
			if err := ask(sub, "midaz"); !errors.Is(err, errors.AccessDenied) {
				t.Errorf("about %s for another product: %v, want %v", sub, err, errors.AccessDenied)
			}
			if err := ask(sub, "gateway"); errors.Is(err, errors.SubjectNotFound) != (sub == "who") || errors.Is(err, errors.AccessDenied) {
				t.Errorf("about %s for its own product: %v", sub, err)
			}
		}
	}
}

// The word "admin" names the user of that name; the role is asked for in full.
func TestAdminIsAUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.user(t, "admin", false, "midaz-viewer-group")
	for sub, want := range map[string]permissions.Kind{
		"admin": permissions.User, "Admin": permissions.User, "lerian/admin": permissions.User, "admin/admin": permissions.Role, "admin/viola": permissions.User,
	} {
		for _, asker := range []string{"admin", "audrey"} {
			answer, err := w.by(t, asker).Ask(t.Context(), permissions.Question{Subject: sub, Question: identity.Question{Resource: "users", Action: "get"}})
			if asker == "admin" && (want == permissions.Role || sub == "admin/viola") {
				if !errors.Is(err, errors.AccessDenied) {
					t.Errorf("%s about %s: %v, %v, want %v", asker, sub, answer, err, errors.AccessDenied)
				}
				continue
			}
			check(t, err)
			if answer.Subject.Kind != want || answer.Allowed != (want == permissions.Role) {
				t.Errorf("%s about %s: the %s is allowed %v", asker, sub, answer.Subject.Kind, answer.Allowed)
			}
		}
	}
	typed, err := permissions.Decide(t.Context(), w, permissions.Question{Subject: "admin", Kind: permissions.Role})
	if err != nil || typed.Subject.Kind != permissions.Role || typed.Subject.Groups[0] != identity.AdminGroup {
		t.Errorf("the role by its type: %+v, %v", typed.Subject, err)
	}
}
