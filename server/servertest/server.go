package servertest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server"
	"gatehouse/server/keys"
	"gatehouse/server/oauth2"
	"gatehouse/server/telemetry"
	"gatehouse/server/throttle"
	"gatehouse/storage/sqlstore"
	"gatehouse/storage/storagetest"
)

// Options changes what Start makes. The zero value is usable.
type Options struct {
	DSN    string                          // of a migrated database; empty: a fresh SQLite one
	Config func(*server.Config)            // changes the configuration
	Master []string                        // master secrets, the first encrypts; empty: the one of all tests
	Broken bool                            // the database fails under a server that has started
	Store  func(server.Store) server.Store // changes what the server sees of the database
}

// Server is a running server, and what its database was filled with: a user who
// is an administrator, a confidential application that may do everything, and
// one that may only use client_credentials.
type Server struct {
	*server.Server
	URL    string // where it listens
	Issuer string
	Clock  *Clock
	Store  *sqlstore.Store
	Log    *Log
	Reads  atomic.Int64 // statements that read so far
	Writes atomic.Int64 // statements that write so far

	UserID, Username, Password string
	ClientID, ClientSecret     string
	MachineID, MachineSecret   string
	client                     *http.Client
	master                     *keys.Master
	dsn                        string
}

// The names and secrets that Start fills a database with.
const (
	Username = "ada"
	Password = "Enchantress-0f-Numbers"
)

// testHashing is weaker than the configuration allows: hashing at its real strength
// took half the time of all tests, and is tested where it is done, and by those that
// start the binary.
var testHashing = identity.PasswordConfig{MemoryKiB: 256, Iterations: 1}

// Start runs a server until the test ends.
func Start(tb testing.TB, o Options) *Server {
	tb.Helper()
	if o.DSN == "" {
		o.DSN = storagetest.SQLite(tb)
	}
	s := &Server{Clock: NewClock(), Log: &Log{}, master: newMaster(tb, o.Master), dsn: o.DSN}
	s.open(tb)
	s.fill(tb)
	s.run(tb, o)
	return s
}

// EachDatabase runs a test on a server on every database.
func EachDatabase(t *testing.T, run func(t *testing.T, s *Server)) {
	t.Helper()
	for _, db := range storagetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			t.Parallel()
			run(t, Start(t, Options{DSN: db.DSN(t)}))
		})
	}
}

// Another runs one more node on the same database, with the same clock.
func (s *Server) Another(tb testing.TB, o Options) *Server {
	tb.Helper()
	node := &Server{
		Clock: s.Clock, Log: &Log{}, master: newMaster(tb, o.Master), dsn: s.dsn,
		UserID: s.UserID, Username: s.Username, Password: s.Password, ClientID: s.ClientID, ClientSecret: s.ClientSecret,
		MachineID: s.MachineID, MachineSecret: s.MachineSecret,
	}
	node.open(tb)
	node.run(tb, o)
	return node
}

// Master is the master secret of all tests.
const Master = "a master secret that is only good for tests"

func newMaster(tb testing.TB, secrets []string) *keys.Master {
	tb.Helper()
	if len(secrets) == 0 {
		secrets = []string{Master}
	}
	master, err := keys.NewMaster(secrets...)
	if err != nil {
		tb.Fatalf("master: %v", err)
	}
	return master
}

func (s *Server) open(tb testing.TB) {
	tb.Helper()
	store, err := sqlstore.Open(tb.Context(), sqlstore.Config{DSN: s.dsn, MaxConns: 8, Observe: s.observe})
	if err != nil {
		tb.Fatalf("open the database: %v", err)
	}
	tb.Cleanup(func() { _ = store.Close() }) // Broken has closed it already
	s.Store = store
}

// background marks the context of what runs beside requests.
type background struct{}

// observe counts what requests ask of the database, not what runs beside them.
func (s *Server) observe(ctx context.Context, st sqlstore.Statement) {
	if ctx.Value(background{}) != nil {
		return
	}
	switch st.Kind {
	case sqlstore.Read:
		s.Reads.Add(1)
	case sqlstore.Write:
		s.Writes.Add(1)
	}
}

// run starts the server on its open database.
func (s *Server) run(tb testing.TB, o Options) {
	tb.Helper()
	listener := httptest.NewUnstartedServer(nil)
	s.Issuer = "http://" + listener.Listener.Addr().String()
	config := server.Config{Tokens: oauth2.Config{Issuer: s.Issuer}, Passwords: testHashing}
	config.Throttle = throttle.Defaults()
	if o.Config != nil {
		o.Config(&config)
	}
	log, err := telemetry.NewLogger(s.Log, "text", slog.LevelDebug)
	if err != nil {
		tb.Fatalf("logger: %v", err)
	}
	var store server.Store = s.Store
	if o.Store != nil {
		store = o.Store(store)
	}
	built, err := server.New(tb.Context(), config, server.Deps{
		Store:   store,
		Master:  s.master,
		Metrics: telemetry.NewMetrics("test"),
		Log:     log,
		Now:     s.Clock.Now,
		Sleep:   func(context.Context, time.Duration) error { return nil },
		NodeID:  s.Issuer,
		Version: "test",
	})
	if err != nil {
		tb.Fatalf("server: %v", err)
	}
	s.Server = built
	ctx, stop := context.WithCancel(context.WithValue(context.WithoutCancel(tb.Context()), background{}, true))
	var running sync.WaitGroup
	running.Go(func() {
		if err := built.Run(ctx); err != nil {
			tb.Errorf("background work: %v", err)
		}
	})
	if o.Broken {
		if err := s.Store.Close(); err != nil {
			tb.Fatalf("break the database: %v", err)
		}
	}
	listener.Config.Handler = built.Handler()
	listener.Start()
	s.URL, s.client = listener.URL, listener.Client()
	s.client.Transport = held{tb, s.client.Transport}
	tb.Cleanup(func() {
		listener.Close()
		stop()
		running.Wait()
	})
}

// Fill puts the test's names and secrets into a request's body: $name and
// $password, $client and $secret, $machine and $machinesecret.
func (s *Server) Fill(body string) string {
	return strings.NewReplacer(
		"$name", s.Username, "$password", s.Password, "$client", s.ClientID, "$secret", s.ClientSecret,
		"$machinesecret", s.MachineSecret, "$machine", s.MachineID,
	).Replace(body)
}

// Log keeps what the server logged.
type Log struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write appends a line.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// String is all that was logged.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
