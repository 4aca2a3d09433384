package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/sync/errgroup"

	"gatehouse/identity"
	"gatehouse/identity/admin"
	"gatehouse/identity/registry"
	"gatehouse/server/access"
	"gatehouse/server/audit"
	"gatehouse/server/bearer"
	"gatehouse/server/browser"
	"gatehouse/server/changes"
	"gatehouse/server/clientkeys"
	"gatehouse/server/device"
	"gatehouse/server/directory"
	"gatehouse/server/explain"
	"gatehouse/server/interaction"
	"gatehouse/server/jobs"
	"gatehouse/server/keys"
	"gatehouse/server/logout"
	"gatehouse/server/oauth2"
	"gatehouse/server/oidc"
	"gatehouse/server/outbound"
	"gatehouse/server/password"
	"gatehouse/server/ratelimit"
	"gatehouse/server/signin"
	"gatehouse/server/telemetry"
	"gatehouse/server/throttle"
	"gatehouse/server/web"
	"gatehouse/storage"
	"gatehouse/templates"
)

// Store is the database as the server sees it.
type Store interface {
	identity.Store
	storage.Store
}

// Deps is all the server takes from the rest of the program; every field is
// required but Tracing and Audit.
type Deps struct {
	Store   Store
	Master  *keys.Master
	Metrics *telemetry.Metrics
	Tracing *telemetry.Tracing // nil: no traces
	Audit   *audit.Log         // nil: audit events are in the database alone
	Log     *slog.Logger
	Now     func() time.Time
	Sleep   func(ctx context.Context, d time.Duration) error // waits, or returns the context's error
	NodeID  string                                           // tells this process from the other nodes
	Version string
}

// Server is the whole of Gatehouse behind one HTTP handler.
type Server struct {
	Deps
	config  Config
	echo    *echo.Echo
	gate    *gate
	feed    *changes.Feed
	keys    *keys.Ring
	limits  []*ratelimit.Limiter
	reasons *explain.Recorder
	news    *logout.Sender
	pages   func() (*templates.Set, error) // made when the first is asked for: nobody waits for them at the start
}

// New builds the features and introduces them to each other. It reads the
// signing keys, making the first ones, and the changes of other nodes, so the
// database must be there and migrated. c must be valid.
func New(ctx context.Context, c Config, d Deps) (*Server, error) {
	s := &Server{Deps: d, config: c, echo: echo.New()}
	issuer, outside := c.Tokens.Issuer, outbound.New(c.Outbound)
	people, err := s.follow(ctx, outside)
	if err != nil {
		return nil, err
	}
	tokens := bearer.New(bearer.Deps{Issuer: issuer, Keys: s.keys, Directory: people, Master: d.Master, Now: d.Now}, bearer.Config{})
	passwords := identity.NewPasswords(c.Passwords)
	guard := throttle.New(throttle.Deps{Store: d.Store, Now: d.Now, Sleep: d.Sleep}, c.Throttle)
	s.pages = sync.OnceValues(s.readPages)
	devices := device.Devices{Master: d.Master, Now: d.Now}
	browsers := browser.New(browser.Deps{
		Store: d.Store, Master: d.Master, Devices: devices, Secure: strings.HasPrefix(issuer, "https://"), Now: d.Now,
	}, c.Browser)
	identities := registry.New(registry.Deps{
		Store: d.Store, Hash: passwords.Hash, Rules: c.PasswordRules, HashSecret: d.Master.HashSecret, Policy: people.Policy, SignIns: browsers.SignIns,
		Emit: d.Audit.Emit, AuditRetention: c.auditRetention(), Now: d.Now,
	})
	checker := password.New(password.Deps{
		Users: d.Store, Guard: guard, Passwords: passwords, Event: identities.SignInEvent, Emit: d.Audit.Emit,
		Refused: identities.SignInRefused, Now: d.Now, Log: d.Log,
	})
	waiting := interaction.Keeper{Store: d.Store, Master: d.Master, Bound: interaction.NewBound(d.Now), Now: d.Now}
	allow := s.limit("", c.RateLimit)
	clientKeys, err := clientkeys.New(clientkeys.Deps{Client: outside, Now: d.Now, Log: d.Log})
	if err != nil {
		return nil, err
	}
	grants := oauth2.New(c.Tokens, oauth2.Deps{
		Identity:    d.Store,
		Sessions:    d.Store,
		Codes:       d.Store,
		Consents:    d.Store,
		Browsers:    browsers,
		Pages:       s.pages,
		RevokeToken: d.Store.RevokeToken,
		Directory:   people,
		Keys:        s.keys,
		ClientKeys:  clientKeys,
		Master:      d.Master,
		Bearer:      tokens,
		People:      checker,
		Devices:     devices,
		Allow:       allow,
		Audit:       identities,
		Issued:      d.Metrics.TokenIssued,
		Now:         d.Now,
		Log:         d.Log,

		Interactions: waiting,
	})
	logins := signin.New(signin.Deps{
		Issuer: issuer, Browsers: browsers, Interactions: waiting, Consents: d.Store, Directory: people, People: checker,
		Devices: devices, Pages: s.pages, Allow: allow, Now: d.Now,
	})
	users, err := oidc.New(oidc.Deps{
		Issuer:      issuer,
		Sessions:    d.Store,
		RevokeToken: d.Store.RevokeToken,
		Keys:        s.keys,
		Bearer:      tokens,
		Browsers:    browsers,
		Consents:    d.Store,
		Directory:   people,
		Pages:       s.pages,
		Now:         d.Now,
	})
	if err != nil {
		return nil, err
	}
	decisions := access.New(access.Deps{Issuer: issuer, Bearer: tokens, Directory: people, Crowd: d.Store, Decided: d.Metrics.Decided, Now: d.Now})
	api := admin.New(admin.Deps{
		Registry: identities, Refusals: d.Store, Counters: d.Store, Bearer: tokens, Guard: guard, Passwords: passwords,
		Policy: people.Policy, Allow: s.limit("identity:", c.IdentityLimit), Now: d.Now, Log: d.Log,
	}, c.Identity)
	s.reasons = explain.New(explain.Deps{
		Store: d.Store, Master: d.Master, Recorded: d.Metrics.RefusalsRecorded, Dropped: d.Metrics.RefusalsDropped,
		Busy: s.busy, Now: d.Now, Log: d.Log,
	})
	s.serve(issuer)
	s.watch(passwords, people, tokens)
	s.routes(grants, logins, users, decisions, api)
	return s, nil
}

// follow opens the signing keys, and begins to follow what other nodes change: keys,
// who there is, and sessions, whose end applications are told of by outside.
func (s *Server) follow(ctx context.Context, outside *http.Client) (*directory.Directory, error) {
	var err error
	if s.keys, err = keys.Open(ctx, keys.Deps{Store: s.Store, Master: s.Master, Now: s.Now, Log: s.Log}, s.config.Keys); err != nil {
		return nil, err
	}
	s.feed = changes.New(changes.Deps{Store: s.Store, Now: time.Now, Log: s.Log})
	s.feed.Subscribe(s.keys.Changed, s.keys.Forget)
	people := directory.New(directory.Deps{Identity: s.Store, Store: s.Store, Feed: s.feed, Now: s.Now}, directory.Config{})
	s.news = logout.New(logout.Deps{
		Issuer: s.config.Tokens.Issuer, Store: s.Store, Application: people.Application, Sign: s.keys.Sign, Client: outside,
		Told: s.Metrics.LogoutDelivery, Now: s.Now, Log: s.Log,
	})
	s.feed.Subscribe(s.news.Changed, s.news.Wake)
	return people, s.feed.Start(ctx)
}

// readPages makes the pages, whose links start with the path of the issuer.
func (s *Server) readPages() (*templates.Set, error) {
	issuer, err := url.Parse(s.config.Tokens.Issuer)
	if err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	return templates.NewBranded(strings.TrimSuffix(issuer.Path, "/"), s.config.Brand)
}

// limit counts the requests of each address, and of the networks around it, apart from
// what is counted with another prefix.
func (s *Server) limit(prefix string, c ratelimit.Config) func(address string) (retryAfter time.Duration, ok bool) {
	limiter := ratelimit.New(ratelimit.Deps{Store: s.Store, Now: s.Now, Log: s.Log}, c)
	s.limits = append(s.limits, limiter)
	return func(address string) (time.Duration, bool) {
		networks := web.NetworksAround(address)
		for i := range networks {
			networks[i] = prefix + networks[i]
		}
		return limiter.Allow(prefix+address, networks...)
	}
}

// serve puts the gate before the router. The gate renders errors itself.
func (s *Server) serve(issuer string) {
	s.gate = &gate{
		errors:  &renderer{issuer: issuer, log: s.Log, pages: s.pages},
		log:     s.Log,
		metrics: s.Metrics,
		tracing: s.Tracing,
		now:     time.Now,
		newID:   web.NewRequestID,
		proxies: s.config.TrustedProxies,
		cors:    cors{s.config.CORSOrigins},
		https:   strings.HasPrefix(issuer, "https://"),
		refused: s.reasons.Add,

		identityApart: s.config.IdentityApart,
	}
	s.echo.Pre(s.gate.pass)
	s.echo.HTTPErrorHandler = s.gate.errors.handle
}

// Drain has every request from now on answered with errors.Unavailable.
func (s *Server) Drain() { s.gate.Drain() }

// InFlight is how many requests are being answered.
func (s *Server) InFlight() int { return s.gate.InFlight() }

// manyInFlight is how many requests at once make a node busy.
const manyInFlight = 256

func (s *Server) busy() bool { return s.InFlight() > manyInFlight }

// watch lets the metrics look at what is measured by asking.
func (s *Server) watch(passwords *identity.Passwords, people *directory.Directory, tokens *bearer.Verifier) {
	s.Metrics.WatchInFlight(s.InFlight)
	s.Metrics.WatchHashQueue(passwords.Waiting)
	s.Metrics.WatchCache("users", func() (uint64, uint64) { st := people.Stats().Users; return st.Hits, st.Misses })
	s.Metrics.WatchCache("applications", func() (uint64, uint64) { st := people.Stats().Applications; return st.Hits, st.Misses })
	s.Metrics.WatchCache("tokens", func() (uint64, uint64) { st := tokens.Stats(); return st.Hits, st.Misses })
}

// Expired rows go so many at a time, with a pause for others in between.
const (
	cleanupBatch = 1000
	cleanupPause = 50 * time.Millisecond
)

// Handler answers every request.
func (s *Server) Handler() http.Handler { return s.echo }

// Run does the work that no request waits for, until ctx ends: it follows other
// nodes' changes, shares request counts, records refusals, tells applications of
// ended sessions, rotates keys and removes what expired.
func (s *Server) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.feed.Run(ctx) })
	group.Go(func() error { return s.keys.Run(ctx) })
	for _, limiter := range s.limits {
		group.Go(func() error { return limiter.Run(ctx) })
	}
	group.Go(func() error { return s.reasons.Run(ctx) })
	group.Go(func() error { return s.news.Run(ctx) })
	group.Go(func() error {
		return jobs.Run(ctx, jobs.Deps{Lease: s.Store.Lease, Now: time.Now, Log: s.Log, Holder: s.NodeID},
			jobs.Job{Name: "rotate-keys", Every: time.Hour, Do: s.keys.RotateDue},
			jobs.Job{Name: "cleanup", Every: s.config.cleanupEvery(), Do: jobs.Cleanup(s.Store.DeleteExpired, s.Now, cleanupBatch, cleanupPause)},
		)
	})
	if err := group.Wait(); err != nil {
		return fmt.Errorf("background work: %w", err)
	}
	return nil
}
