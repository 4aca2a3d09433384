package bearer_test

import (
	"crypto/x509"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"gatehouse/identity"
	"gatehouse/server/bearer"
	"gatehouse/server/changes"
	"gatehouse/server/directory"
	"gatehouse/server/keys"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

const issuer = "https://auth.example.com"

// start is when a test begins, and when its tokens are issued.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// node is a node with a user, an application, and what checks their tokens.
type node struct {
	*bearer.Verifier
	store  *sqlstore.Store
	close  func() error // the store, once
	master *keys.Master
	ring   *keys.Ring
	passed atomic.Int64 // nanoseconds since start

	user, session   string // ids
	app, clientID   string
	stored          []storage.Key
	nobody, nothing string // a user and a client id that are not there
}

func newNode(t testing.TB, c bearer.Config) *node {
	t.Helper()
	store, err := sqlstore.Open(t.Context(), sqlstore.Config{DSN: storagetest.SQLite(t)})
	check(t, err)
	n := &node{
		store:  store,
		close:  sync.OnceValue(store.Close),
		master: master(t),
		user:   newUUID(), session: newUUID(), app: newUUID(), clientID: "0123456789abcdef0123",
		stored: signingKeys(t),
		nobody: newUUID(), nothing: "fedcba98765432100123",
	}
	t.Cleanup(func() { check(t, n.close()) })
	ctx, log := t.Context(), slog.New(slog.DiscardHandler)
	feed := changes.New(changes.Deps{Store: n.store, Now: n.now, Log: log})
	dir := directory.New(directory.Deps{Identity: n.store, Store: n.store, Feed: feed, Now: n.now}, directory.Config{})
	check(t, feed.Start(ctx))
	if _, err := n.store.ReplaceKeys(ctx, nil, n.stored, nil); err != nil {
		t.Fatal(err)
	}
	n.ring, err = keys.Open(ctx, keys.Deps{Store: n.store, Master: n.master, Now: n.now, Log: log}, keys.Config{})
	check(t, err)
	check(t, n.store.CreateUser(ctx, identity.User{
		ID: n.user, Username: "ada", Email: "ada@example.com", FirstName: "Ada", LastName: "Lovelace",
		CreatedAt: start, UpdatedAt: start,
	}))
	storagetest.CreateApplication(t, n.store, identity.Application{
		ID: n.app, ClientID: n.clientID, Name: "midaz", CreatedAt: start, UpdatedAt: start,
	})
	n.Verifier = bearer.New(bearer.Deps{
		Issuer: issuer, Keys: n.ring, Directory: dir, Master: n.master, Now: n.now,
	}, c)
	return n
}

func (n *node) now() time.Time { return start.Add(time.Duration(n.passed.Load())) }

func (n *node) wait(d time.Duration) { n.passed.Add(int64(d)) }

// userClaims are what a token of the user says now.
func (n *node) userClaims(t testing.TB) bearer.Claims {
	t.Helper()
	jti, err := bearer.NewID(n.master, n.session)
	check(t, err)
	c := n.claims(jti)
	c.Subject, c.Type, c.Owner, c.Name, c.DisplayName = n.user, bearer.TypeUser, "lerian", "ada", "Ada Lovelace"
	c.SessionID, c.AuthTime, c.AMR, c.Groups = n.session, start.Unix(), []string{"pwd"}, []string{"midaz-viewer-group"}
	return c
}

// applicationClaims are what a token of the application says now.
func (n *node) applicationClaims(t testing.TB) bearer.Claims {
	t.Helper()
	jti, err := bearer.NewID(n.master, "")
	check(t, err)
	c := n.claims(jti)
	c.Subject, c.Type, c.Owner, c.Name = n.clientID, bearer.TypeApplication, "admin", "midaz"
	return c
}

func (n *node) claims(jti string) bearer.Claims {
	now := n.now().Unix()
	return bearer.Claims{
		Issuer: issuer, Audience: []string{n.clientID}, ExpiresAt: now + 3600, IssuedAt: now, NotBefore: now,
		ID: jti, ClientID: n.clientID, AuthorizedParty: n.clientID, Scope: "openid groups",
	}
}

func (n *node) sign(t testing.TB, alg, typ string, claims any) string {
	t.Helper()
	token, err := n.ring.Sign(alg, typ, claims)
	check(t, err)
	return token
}

// userToken is a token of the user, whose claims a test may change.
func (n *node) userToken(t testing.TB, change ...func(*bearer.Claims)) string {
	t.Helper()
	c := n.userClaims(t)
	for _, f := range change {
		f(&c)
	}
	return n.sign(t, keys.ES256, keys.TypAccessToken, c)
}

func (n *node) applicationToken(t testing.TB) string {
	t.Helper()
	return n.sign(t, keys.ES256, keys.TypAccessToken, n.applicationClaims(t))
}

// private returns the signing key of the algorithm, for tokens that the ring
// would never make.
func (n *node) private(t testing.TB, alg string) (key any, kid string) {
	t.Helper()
	for _, k := range n.stored {
		if k.Algorithm != alg {
			continue
		}
		der, err := n.master.Open("signing key", k.Sealed)
		check(t, err)
		key, err = x509.ParsePKCS8PrivateKey(der)
		check(t, err)
		return key, k.ID
	}
	t.Fatalf("no %s key", alg)
	return nil, ""
}

// signingKeys makes an ES256 and an RS256 key once for all tests.
var signingKeys = func() func(t testing.TB) []storage.Key {
	var once sync.Once
	var made []storage.Key
	return func(t testing.TB) []storage.Key {
		once.Do(func() {
			store := storagetest.Open(t, storagetest.SQLite(t))
			_, err := keys.Open(t.Context(), keys.Deps{
				Store: store, Master: master(t), Now: func() time.Time { return start }, Log: slog.New(slog.DiscardHandler),
			}, keys.Config{})
			check(t, err)
			made, err = store.Keys(t.Context())
			check(t, err)
		})
		return made
	}
}()

func newUUID() string { return uuid.Must(uuid.NewV7()).String() }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
