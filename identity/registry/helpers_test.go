package registry_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/server/browser"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

const password = "Analytical+Engine1"

var start = time.Date(2026, 1, 2, 3, 4, 5, 600_000, time.UTC)

// office is a registry on a database, with a first administrator.
type office struct {
	*registry.Registry
	store *sqlstore.Store
	admin identity.User

	mu      sync.Mutex
	emitted []storage.AuditEvent
}

// eachDatabase runs a test on every database.
func eachDatabase(t *testing.T, run func(t *testing.T, o *office)) {
	t.Helper()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			run(t, newOffice(t, db.Open(t)))
		})
	}
}

func newOffice(t *testing.T, store *sqlstore.Store) *office {
	t.Helper()
	o := &office{store: store}
	o.Registry = registry.New(registry.Deps{
		Store:      store,
		Hash:       func(_ context.Context, password string) (string, error) { return "hash of " + password, nil },
		HashSecret: func(secret string) string { return "hash of " + secret },
		Policy: func(ctx context.Context) (*identity.Policy, error) {
			groups, err := store.AllGroups(ctx)
			return identity.NewPolicy(groups, nil), err
		},
		Emit: func(e storage.AuditEvent) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.emitted = append(o.emitted, e)
		},
		SignIns:        browser.New(browser.Deps{Store: store, Now: func() time.Time { return start }}, browser.Config{}).SignIns,
		AuditRetention: time.Hour,
		Now:            func() time.Time { return start },
	})
	o.admin = o.user(t, "root", identity.AdminGroup)
	return o
}

// trusted is a context in which a command changes things.
func trusted(ctx context.Context) context.Context {
	return registry.WithActor(ctx, registry.Actor{Type: registry.ActorCommand, ID: "root", Name: "root"})
}

// as is a context in which a user changes things.
func as(ctx context.Context, u identity.User) context.Context {
	return registry.WithActor(ctx, registry.Actor{
		Type: registry.ActorUser, ID: u.ID, Name: u.Username, Groups: u.Groups, Address: "192.0.2.1", RequestID: "r-1",
	})
}

func (o *office) user(t *testing.T, name string, groups ...string) identity.User {
	t.Helper()
	user, err := o.CreateUser(trusted(t.Context()), registry.NewUser{
		Username: name, Email: name + "@example.com", FirstName: name, LastName: "Test", Password: password, Groups: groups,
	})
	if err != nil {
		t.Fatalf("create user: %v", err)
	}
	return user
}

// group creates a group, of a product if one is named.
func (o *office) group(t *testing.T, id string, permissions map[string][]string, product ...string) identity.Group {
	t.Helper()
	group, err := o.CreateGroup(trusted(t.Context()), identity.Group{ID: id, Name: id, Permissions: permissions, Product: strings.Join(product, "")})
	if err != nil {
		t.Fatalf("create group: %v", err)
	}
	return group
}

func (o *office) application(t *testing.T, product string) identity.Application {
	t.Helper()
	ctx := trusted(t.Context())
	_, err := o.CreateProduct(ctx, identity.Product{Name: product})
	if err != nil && !errors.Is(err, errors.Conflict) {
		t.Fatalf("create product: %v", err)
	}
	app, _, err := o.CreateApplication(ctx, registry.NewApplication{Application: identity.Application{Name: product, Description: "test"}})
	if err != nil {
		t.Fatalf("create application: %v", err)
	}
	return app
}

// session begins a session of the user, at an application that is made for it.
func (o *office) session(t *testing.T, id string, u identity.User) {
	t.Helper()
	app := identity.Application{ID: "of-" + id, ClientID: "of-" + id, Name: identity.FirstPartyProduct, CreatedAt: start, UpdatedAt: start, Version: 1}
	if err := o.store.CreateApplication(t.Context(), app); err != nil {
		t.Fatalf("create application: %v", err)
	}
	err := o.store.CreateSession(t.Context(), storage.Session{
		ID: id, UserID: u.ID, ClientID: app.ClientID, AuthTime: start, CreatedAt: start, LastUsedAt: start, ExpiresAt: start.Add(time.Hour),
	})
	if err != nil {
		t.Fatalf("create session: %v", err)
	}
}

// sessions are the ids of the user's live sessions.
func (o *office) sessions(t *testing.T, u identity.User) []string {
	t.Helper()
	live, err := o.store.SessionsOfUser(t.Context(), u.ID, start)
	if err != nil {
		t.Fatalf("sessions: %v", err)
	}
	ids := make([]string, 0, len(live))
	for _, s := range live {
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	return ids
}

// trail are the events about a subject, oldest first: action, actor, code.
func (o *office) trail(t *testing.T, subject string) []string {
	t.Helper()
	events, err := o.store.AuditEvents(t.Context(), storage.AuditQuery{Subject: subject, Limit: 100})
	if err != nil {
		t.Fatalf("audit events: %v", err)
	}
	// The clock stands still, so their ids are in no order.
	o.mu.Lock()
	defer o.mu.Unlock()
	turn := func(e storage.AuditEvent) int {
		return slices.IndexFunc(o.emitted, func(other storage.AuditEvent) bool { return other.ID == e.ID })
	}
	slices.SortFunc(events, func(a, b storage.AuditEvent) int { return turn(a) - turn(b) })
	lines := make([]string, 0, len(events))
	for _, e := range events {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s by %s %s %s", e.Action, e.ActorType, e.ActorName, e.Code)))
	}
	return lines
}

// refuses checks the code of an error and the fields that it names.
func refuses(t *testing.T, err error, want errors.Code, fields ...string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
	if diff := cmp.Diff(fields, slices.Sorted(maps.Keys(errors.From(err).Fields))); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
