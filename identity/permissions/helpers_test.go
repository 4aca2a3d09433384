package permissions_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"gatehouse/identity"
	"gatehouse/identity/permissions"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// world is a database with the people and groups of the tests.
type world struct {
	permissions.Stored
	store *sqlstore.Store
	ids   map[string]string // of users, by username
}

// The client ids of the applications of midaz and of routing.
const (
	midazClient   = "aaaaaaaaaaaaaaaaaaaa"
	routingClient = "bbbbbbbbbbbbbbbbbbbb"
	gatewayClient = "cccccccccccccccccccc" // its product's editors may ask about others
	watcherClient = "dddddddddddddddddddd" // of gateway, too, and a member of auditors
)

func newWorld(t testing.TB) *world {
	t.Helper()
	store := storagetest.Open(t, storagetest.SQLite(t))
	w := &world{permissions.Stored{Store: store}, store, map[string]string{}}
	for _, product := range []string{"midaz", "midaz-fees", "routing", "gateway"} {
		check(t, store.CreateProduct(t.Context(), identity.Product{Name: product, CreatedAt: start}))
	}
	w.group(t, "midaz-viewer-group", map[string][]string{"ledgers": {"get", "head"}})
	w.group(t, "midaz-editor-group", map[string][]string{"ledgers": {"get", "head", "post", "delete"}})
	w.group(t, "midaz-fees-viewer-group", map[string][]string{"fees": {"get"}})
	w.group(t, "routing-editor-group", map[string][]string{"*": {"get"}})
	w.group(t, "gateway-editor-group", map[string][]string{"permissions": {"get"}})
	w.group(t, "auditors", map[string][]string{"permissions": {"get"}})
	w.user(t, "viola", false, "midaz-viewer-group", "midaz-fees-viewer-group")
	w.user(t, "eddie", false, "midaz-editor-group")
	w.user(t, "audrey", false, "auditors")
	w.user(t, "gone.fishing", true, "midaz-editor-group")
	w.user(t, "nobody", false)
	w.application(t, "midaz", midazClient)
	w.application(t, "routing", routingClient)
	w.application(t, "gateway", gatewayClient)
	w.application(t, "gateway", watcherClient, "auditors")
	return w
}

func (w *world) group(t testing.TB, id string, allowed map[string][]string) {
	t.Helper()
	check(t, w.store.CreateGroup(t.Context(), identity.Group{ID: id, Name: id, Permissions: allowed, CreatedAt: start, UpdatedAt: start, Version: 1}))
}

func (w *world) user(t testing.TB, username string, disabled bool, groups ...string) {
	t.Helper()
	id := uuid.Must(uuid.NewV7()).String()
	w.ids[username] = id
	check(t, w.store.CreateUser(t.Context(), identity.User{
		ID: id, Username: username, Email: username + "@example.com", Groups: groups, Disabled: disabled,
		CreatedAt: start, UpdatedAt: start, Version: 1,
	}))
}

func (w *world) application(t testing.TB, product, clientID string, groups ...string) {
	t.Helper()
	storagetest.CreateApplication(t, w.store, identity.Application{
		ID: uuid.Must(uuid.NewV7()).String(), ClientID: clientID, Name: product, Groups: groups, CreatedAt: start, UpdatedAt: start,
	})
}

// by returns the questions of a user, or of an application by its client id.
func (w *world) by(t testing.TB, name string) *permissions.Asks {
	t.Helper()
	asker := permissions.Asker{ClientID: name}
	if id, ok := w.ids[name]; ok {
		asker = permissions.Asker{UserID: id}
	}
	asks, err := permissions.By(t.Context(), w, asker)
	check(t, err)
	return asks
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
