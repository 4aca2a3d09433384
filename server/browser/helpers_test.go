package browser_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"gatehouse/identity"
	"gatehouse/server/browser"
	"gatehouse/server/keys"
	"gatehouse/server/servertest"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// site is a server's Browsers over a real database with two users.
type site struct {
	*browser.Browsers
	clock    *servertest.Clock
	db       *sqlstore.Store
	ada, bob string // ids
}

func newSite(t *testing.T, db storagetest.Database, secure bool, c browser.Config) *site {
	t.Helper()
	master, err := keys.NewMaster(servertest.Master)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{clock: servertest.NewClock(), db: db.Open(t)}
	s.ada, s.bob = s.user(t, "ada"), s.user(t, "bob")
	s.Browsers = browser.New(browser.Deps{Store: s.db, Master: master, Secure: secure, Now: s.clock.Now}, c)
	return s
}

// user creates a user, whose password hash is "hash", and returns their id.
func (s *site) user(t *testing.T, name string) string {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	user := identity.User{
		ID: id.String(), Username: name, Email: name + "@example.com", PasswordHash: "hash",
		CreatedAt: s.clock.Now(), UpdatedAt: s.clock.Now(), Version: 1,
	}
	if err := s.db.CreateUser(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	return user.ID
}

// each runs a test on every database.
func each(t *testing.T, run func(t *testing.T, db storagetest.Database)) {
	t.Helper()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			run(t, db)
		})
	}
}

// client is somebody's browser: the cookies that it has.
type client map[string]*http.Cookie

// visit has the browser send a request, and keeps the cookies of the answer. It
// returns those that were set.
func (b client) visit(t *testing.T, do func(c echo.Context), with ...func(*http.Request)) []*http.Cookie {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/login", nil)
	for _, cookie := range b {
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
	}
	for _, change := range with {
		change(r)
	}
	w := httptest.NewRecorder()
	do(echo.New().NewContext(r, w))
	set := w.Result().Cookies()
	for _, cookie := range set {
		if b[cookie.Name] = cookie; cookie.MaxAge < 0 {
			delete(b, cookie.Name)
		}
	}
	return set
}

// signIn signs a user in in the browser.
func (s *site) signIn(t *testing.T, b client, userID string, remember bool) []*http.Cookie {
	t.Helper()
	return b.visit(t, func(c echo.Context) {
		in := browser.SignIn{UserID: userID, ACR: "1", AMR: []string{"pwd"}, Remember: remember, Password: "hash"}
		if err := s.SignIn(c, in); err != nil {
			t.Fatalf("sign in: %v", err)
		}
	})
}

// accounts are the ids of who is signed in in the browser.
func (s *site) accounts(t *testing.T, b client) []string {
	t.Helper()
	var ids []string
	for _, account := range s.current(t, b).Accounts {
		ids = append(ids, account.UserID)
	}
	return ids
}

func (s *site) current(t *testing.T, b client) storage.Browser {
	t.Helper()
	var current storage.Browser
	b.visit(t, func(c echo.Context) {
		var err error
		if current, err = s.Current(c); err != nil {
			t.Fatalf("current: %v", err)
		}
	})
	return current
}

// use has the browser used by somebody.
func (s *site) use(t *testing.T, b client, userID string) {
	t.Helper()
	b.visit(t, func(c echo.Context) {
		current, err := s.Current(c)
		if err == nil {
			err = s.Use(c, current, userID)
		}
		if err != nil {
			t.Fatalf("use: %v", err)
		}
	})
}

const minute = time.Minute
