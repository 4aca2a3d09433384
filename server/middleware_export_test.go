package server

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/server/explain"
	"gatehouse/server/telemetry"
	"gatehouse/server/web"
	"gatehouse/templates"
)

// GateOptions are what tests of the gate choose.
type GateOptions struct {
	Log     *slog.Logger
	Metrics *telemetry.Metrics
	Tracing *telemetry.Tracing
	Proxies web.Proxies
	Origins []string
	HTTPS   bool
	Refused func(explain.Refused)
}

// Gate is a gate and the routes behind it.
type Gate struct {
	*echo.Echo
	*gate
}

// NewGate returns a gate in front of no routes yet.
func NewGate(o GateOptions) Gate {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = telemetry.NewMetrics("test")
	}
	if o.Refused == nil {
		o.Refused = func(explain.Refused) {}
	}
	g := &gate{
		errors: &renderer{issuer: "https://id.example.com", log: o.Log, pages: sync.OnceValues(newPages)}, log: o.Log, metrics: o.Metrics, tracing: o.Tracing,
		now: time.Now, newID: web.NewRequestID, proxies: o.Proxies, cors: cors{o.Origins}, https: o.HTTPS,
		refused: o.Refused,
	}
	e := echo.New()
	e.HTTPErrorHandler = g.errors.handle
	e.Pre(g.pass)
	return Gate{e, g}
}

func newPages() (*templates.Set, error) { return templates.New("") }

// ServeHTTP answers a request.
func (g Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.Echo.ServeHTTP(w, r) }

// HealthDeps is what probes ask.
type HealthDeps = healthDeps

// AddHealth adds the probes' routes.
func (g Gate) AddHealth(d HealthDeps) {
	h := newHealth(d)
	g.GET("/health", h.live)
	g.GET("/readyz", h.ready)
	g.GET("/version", h.release)
}

// StatusOf and RFCFault are the tables that turn codes into answers.
var (
	StatusOf = statusOf
	RFCFault = rfcFault
)

// AddErrorPages adds the pages about codes.
func (g Gate) AddErrorPages() {
	pages := newErrorPages(g.errors)
	g.GET("/errors", pages.index)
	g.GET("/errors/:code", pages.detail)
	g.GET("/assets/:name", pages.asset)
}

// FrontsOf says which families of endpoints answer with a code.
var FrontsOf = frontsOf
