package logout_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/logout"
	"gatehouse/server/outbound"
	"gatehouse/server/servertest"
	"gatehouse/storage"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// world is a Sender over a real database with a user.
type world struct {
	db     *sqlstore.Store
	clock  *servertest.Clock
	log    *servertest.Log
	sender *logout.Sender
	userID string
	gone   bool        // there are no applications any more
	away   atomic.Bool // the database is

	mu   sync.Mutex
	told map[string]int
	next time.Time // when the last delivery that failed is due again
}

func each(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			run(t, newWorld(t, db))
		})
	}
}

func newID(t *testing.T) string {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

func newWorld(t *testing.T, db storagetest.Database) *world {
	t.Helper()
	w := &world{db: db.Open(t), clock: servertest.NewClock(), log: &servertest.Log{}, userID: newID(t), told: map[string]int{}}
	user := identity.User{ID: w.userID, Username: "ada", Email: "ada@example.com", PasswordHash: "hash", CreatedAt: w.clock.Now(), UpdatedAt: w.clock.Now(), Version: 1}
	if err := w.db.CreateUser(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	if err := w.db.CreateProduct(t.Context(), identity.Product{Name: "party", CreatedAt: w.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	w.sender = w.newSender(watched{w.db, w})
	return w
}

func (w *world) newSender(store logout.Store) *logout.Sender {
	return logout.New(logout.Deps{
		Issuer: "https://id.example.com",
		Store:  store,
		Application: func(ctx context.Context, clientID string) (*identity.Application, error) {
			if w.gone {
				return nil, errors.ApplicationNotFound
			}
			app, err := w.db.ApplicationByClientID(ctx, clientID)
			return &app, err
		},
		Sign: func(alg, typ string, claims any) (string, error) {
			text, err := json.Marshal(claims)
			return alg + "." + base64.RawURLEncoding.EncodeToString(text) + "." + typ, err
		},
		Client: outbound.New(outbound.Config{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}),
		Told:   w.tell,
		Now:    w.clock.Now,
		Log:    slog.New(slog.NewTextHandler(w.log, nil)),
	})
}

// watched is a database that may be away, and says what it was asked.
type watched struct {
	logout.Store
	*world
}

func (s watched) TakeDeliveries(ctx context.Context, now, until time.Time, limit int, except ...string) ([]storage.Delivery, error) {
	if s.away.Load() {
		return nil, errors.New("away")
	}
	return s.Store.TakeDeliveries(ctx, now, until, limit, except...)
}

func (s watched) RetryDelivery(ctx context.Context, id string, due time.Time) error {
	s.mu.Lock()
	s.next = due
	s.mu.Unlock()
	return s.Store.RetryDelivery(ctx, id, due)
}

func (w *world) tell(result string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told[result]++
}

func (w *world) results() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.told)
}

func (w *world) count(result string) int { return w.results()[result] }

// application is the client id of a new application.
func (w *world) application(t *testing.T) string {
	t.Helper()
	id := newID(t)
	app := identity.Application{
		ID: id, ClientID: strings.ReplaceAll(id, "-", "")[12:], Name: "party", IDTokenSignedResponseAlg: "ES256",
		CreatedAt: w.clock.Now(), UpdatedAt: w.clock.Now(), Version: 1,
	}
	if err := w.db.CreateApplication(t.Context(), app); err != nil {
		t.Fatal(err)
	}
	return app.ClientID
}

// register has an application be told at an address.
func (w *world) register(t *testing.T, clientID, address string) {
	t.Helper()
	app, err := w.db.ApplicationByClientID(t.Context(), clientID)
	if err == nil {
		app.BackchannelLogoutURI, app.Version = address, app.Version+1
		err = w.db.UpdateApplication(t.Context(), app)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// end ends a new session at an application, and returns its id.
func (w *world) end(t *testing.T, clientID string) string {
	t.Helper()
	now := w.clock.Now()
	session := storage.Session{
		ID: newID(t), UserID: w.userID, ClientID: clientID, Scopes: []string{"openid"}, AuthTime: now,
		CreatedAt: now, LastUsedAt: now, ExpiresAt: now.Add(time.Hour),
	}
	err := w.db.CreateSession(t.Context(), session)
	if err == nil {
		_, err = w.db.EndSession(t.Context(), session.ID, now, now.Add(time.Hour))
	}
	if err != nil {
		t.Fatal(err)
	}
	return session.ID
}

// run runs the Sender until the test ends or stop is called.
func (w *world) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := w.sender.Run(ctx); err != nil {
			t.Errorf("Run() = %v", err)
		}
	})
	stop = func() { cancel(); running.Wait() }
	t.Cleanup(stop)
	return stop
}

// once runs a new Sender until it has looked for deliveries and brought those that
// were due to an end.
func (w *world) once(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	looked := make(chan struct{})
	var once sync.Once
	sender := w.newSender(looks{watched{w.db, w}, func() { once.Do(func() { close(looked) }) }})
	var running sync.WaitGroup
	running.Go(func() { _ = sender.Run(ctx) })
	<-looked
	cancel()
	running.Wait()
}

// looks is a database that says when it was asked for deliveries.
type looks struct {
	logout.Store
	looked func()
}

func (l looks) TakeDeliveries(ctx context.Context, now, until time.Time, limit int, except ...string) ([]storage.Delivery, error) {
	taken, err := l.Store.TakeDeliveries(ctx, now, until, limit, except...)
	l.looked()
	return taken, err
}

// left are the deliveries that there are, due or not.
func (w *world) left(t *testing.T) []storage.Delivery {
	t.Helper()
	var left []storage.Delivery
	undo := errors.New("only looking")
	err := w.db.InTx(t.Context(), func(ctx context.Context) error {
		var err error
		far := w.clock.Now().Add(7 * 24 * time.Hour)
		if left, err = w.db.TakeDeliveries(ctx, far, far, 1000); err != nil {
			return err
		}
		return undo
	})
	if !errors.Is(err, undo) {
		t.Fatal(err)
	}
	return left
}

// until waits until something is so.
func (w *world) until(t *testing.T, otherwise string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s; log:\n%s", otherwise, w.log)
		}
	}
}

// receiver is where an application takes logout tokens.
type receiver struct {
	*httptest.Server
	answer func(n int) int // status of the nth answer; -1: none
	body   string
	mu     sync.Mutex
	got    []string // the sessions, in the order of their tokens
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{answer: func(int) int { return http.StatusOK }}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

// ServeHTTP takes a logout token.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	payload, _ := base64.RawURLEncoding.DecodeString(strings.Split(request.PostFormValue("logout_token")+"..", ".")[1])
	var claims struct {
		SessionID string `json:"sid"`
	}
	_ = json.NewDecoder(bytes.NewReader(payload)).Decode(&claims)
	r.mu.Lock()
	r.got = append(r.got, claims.SessionID)
	n, body := len(r.got), r.body
	r.mu.Unlock()
	status := r.answer(n)
	if status < 0 {
		panic(http.ErrAbortHandler) // closes the connection
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func (r *receiver) sessions() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func (r *receiver) wait(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); len(r.sessions()) < n; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d logout tokens have arrived, want %d", len(r.sessions()), n)
		}
	}
}
