package admin

import (
	"context"
	"log/slog"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/identity"
	"gatehouse/identity/registry"
	"gatehouse/server/bearer"
	"gatehouse/server/ratelimit"
	"gatehouse/server/throttle"
	"gatehouse/storage"
)

// Deps is all this package takes from the rest of the program; every field is required.
type Deps struct {
	Registry  *registry.Registry
	Refusals  storage.Refusals
	Counters  storage.Counters
	Bearer    *bearer.Verifier
	Guard     *throttle.Guard // the one that stands before sign-ins, too
	Passwords *identity.Passwords
	Policy    func(ctx context.Context) (*identity.Policy, error)      // what the groups permit now
	Allow     func(address string) (retryAfter time.Duration, ok bool) // see ratelimit.Limiter
	Now       func() time.Time
	Log       *slog.Logger
}

// The forms of the lists of users and groups.
const (
	ListPage  = "page"  // an object with the items, the page, the limit and the total
	ListArray = "array" // the items alone, for older consoles
)

// Config says how the API answers. The zero value is usable.
type Config struct {
	ListFormat string // ListPage, which "" stands for, or ListArray
}

// API serves the endpoints of the package.
type API struct {
	Deps
	config   Config
	refusals *ratelimit.Limiter // of each actor, in the audit trail
	imports  chan struct{}      // holds an entry for each import under way
}

// New returns an API.
func New(d Deps, c Config) *API {
	return &API{Deps: d, config: c, refusals: newRefusals(d), imports: make(chan struct{}, mostImports)}
}

// Mount adds the endpoints to a router.
func (a *API) Mount(e *echo.Echo) {
	for _, r := range routes() {
		e.Add(r.method, r.path, a.serve(r))
	}
}
