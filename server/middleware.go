package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity/admin"
	"gatehouse/server/explain"
	"gatehouse/server/telemetry"
	"gatehouse/server/web"
)

// gate is what every request passes on its way in and its answer on the way out.
// It is one piece of middleware and not ten, because echo builds the chain anew
// for each request.
type gate struct {
	errors  *renderer
	log     *slog.Logger
	metrics *telemetry.Metrics
	tracing *telemetry.Tracing // nil: no traces
	now     func() time.Time
	newID   func() string // makes request ids
	proxies web.Proxies
	cors    cors
	https   bool // browsers are told to come back over https only
	refused func(explain.Refused)

	identityApart bool // the identity API answers on a listener of its own alone

	draining atomic.Bool
	inFlight atomic.Int64
}

// Drain has the gate answer errors.Unavailable to whatever comes from now on,
// except for probes, so that another node takes over.
func (g *gate) Drain() { g.draining.Store(true) }

// InFlight is how many requests are being answered.
func (g *gate) InFlight() int { return int(g.inFlight.Load()) }

// pass is the middleware. It belongs before the router (echo's Pre), for it may
// change the path. It renders errors itself, so none is left for echo.
func (g *gate) pass(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		g.inFlight.Add(1)
		defer g.inFlight.Add(-1)

		start := g.now()
		method := c.Request().Method
		span, done := g.admit(c)
		defer done()
		g.setHeaders(c)

		err := g.answer(c, next)
		begun := c.Response().Committed
		status, code := c.Response().Status, ""
		if err != nil {
			var fault *errors.Fault
			if status, fault = g.errors.render(err, c); fault != nil {
				code = fault.ID
				g.record(c, method, status, fault)
			}
		}
		took := g.now().Sub(start)
		g.metrics.Request(c.Path(), method, status, code, took)
		span.End(c.Path(), status, code)
		g.logAccess(c, method, status, code, took)
		if begun && isPanic(err) {
			panic(http.ErrAbortHandler) // half an answer must not look like a whole one
		}
		return nil
	}
}

// answerTime is how long a request may take before it is told to come back:
// a database that hangs would else keep requests for as long as clients wait.
const answerTime = 10 * time.Second

// bounds are how long a request may take, and how many bytes its body may have.
func bounds(r *http.Request) (longest time.Duration, largest int64) {
	if r.URL.Path == admin.ImportPath && r.Method == http.MethodPost {
		return admin.MaxImportIn, admin.MaxImport
	}
	return answerTime, web.MaxBody
}

// admit gives the request its identity, its time, and the form that routes and
// handlers may rely on: no slash at the end, a body of bounded size. The path
// changes in place, for echo looks up the request that it was given first. Done
// is called when the request is answered.
func (g *gate) admit(c echo.Context) (span *telemetry.Span, done context.CancelFunc) {
	r := c.Request()
	id := r.Header.Get(echo.HeaderXRequestID)
	if !web.WellFormedID(id) {
		id = g.newID()
	}
	c.Response().Header()[echo.HeaderXRequestID] = []string{id}

	trimSlash(r.URL)
	ctx := web.WithRequest(r.Context(), web.Request{ID: id, Address: g.proxies.ClientAddress(r)})
	ctx, span = g.tracing.Start(ctx, r)
	longest, largest := bounds(r)
	ctx, done = context.WithTimeout(ctx, longest)
	r = r.WithContext(ctx)
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = http.MaxBytesReader(c.Response().Writer, r.Body, largest)
	}
	c.SetRequest(r)
	return span, done
}

// trimSlash makes /v1/permissions/ the same as /v1/permissions. An escaped slash
// is part of a parameter and stays.
func trimSlash(u *url.URL) {
	if u.RawPath != "" && !strings.HasSuffix(u.RawPath, "/") {
		return
	}
	if u.Path = strings.TrimRight(u.Path, "/"); u.Path == "" {
		u.Path = "/"
	}
	u.RawPath = strings.TrimRight(u.RawPath, "/")
}

// headLikeGet finds and calls the handler of GET for a HEAD. net/http keeps the
// body back. Who only looks whether there is something signs nobody in or out.
func headLikeGet(c echo.Context) error {
	c.Echo().Router().Find(http.MethodGet, echo.GetPath(c.Request()), c)
	if slices.Contains([]string{"/oauth2/authorize", "/oauth2/logout", "/logout"}, c.Path()) {
		c.Response().Header().Set(echo.HeaderAllow, "GET, POST")
		return echo.ErrMethodNotAllowed
	}
	return c.Handler()(c)
}

// Header values that answers start with. A handler that knows better replaces them.
var (
	noSniff    = []string{"nosniff"}
	noReferrer = []string{"no-referrer"}
	noContent  = []string{"default-src 'none'; frame-ancestors 'none'"}
	noStore    = []string{"no-store"}
	noCache    = []string{"no-cache"}
	httpsOnly  = []string{"max-age=31536000"}
)

func (g *gate) setHeaders(c echo.Context) {
	header := c.Response().Header()
	header[echo.HeaderXContentTypeOptions] = noSniff
	header[echo.HeaderReferrerPolicy] = noReferrer
	header[echo.HeaderContentSecurityPolicy] = noContent
	header[echo.HeaderCacheControl] = noStore
	if isToken(c.Request().URL.Path) {
		header["Pragma"] = noCache
	}
	if g.https {
		header[echo.HeaderStrictTransportSecurity] = httpsOnly
	}
}

// isToken says whether a path answers with tokens, which RFC 6749 §5.1 keeps out
// of HTTP/1.0 caches as well.
func isToken(path string) bool {
	return path == "/oauth2/token" || strings.HasPrefix(path, "/v1/login/")
}

// answer lets the request through unless the gate itself has the answer.
func (g *gate) answer(c echo.Context, next echo.HandlerFunc) (err error) {
	defer func() {
		if v := recover(); v != nil {
			if abort, ok := v.(error); ok && errors.Is(abort, http.ErrAbortHandler) {
				panic(v)
			}
			err = errors.Internal.Because(&panicError{v, debug.Stack()})
		}
	}()
	if !g.serves(c.Request()) {
		return errors.RouteNotFound
	}
	if g.cors.answers(c) {
		return nil
	}
	if g.draining.Load() && !isProbe(c.Request().URL.Path) {
		c.Response().Header().Set(echo.HeaderConnection, "close")
		return errors.Unavailable.After(drainRetry).Because(errDraining)
	}
	if c.Request().Method == http.MethodHead {
		next = headLikeGet
	}
	return next(c)
}

var errDraining = errors.New("the node is about to stop")

// drainRetry is how long a client should wait for another node to take over.
const drainRetry = time.Second

// isProbe says whether a path tells of the server's own health, which is asked
// often, answered to the end, and not worth a line in the log.
func isProbe(path string) bool { return path == "/health" || path == "/readyz" || path == "/version" }

// record hands over why the request was refused, so that its id leads to it.
func (g *gate) record(c echo.Context, method string, status int, fault *errors.Fault) {
	ctx := c.Request().Context()
	address := web.ClientAddress(ctx)
	source := web.AddressKey(address)
	g.refused(explain.Refused{
		RequestID: web.RequestID(ctx), Method: method, Route: c.Path(), Status: status, Fault: fault,
		Address: address, Source: source, Around: web.NetworksAround(source), UserAgent: c.Request().UserAgent(), Trail: web.Trail(ctx),
	})
}

// longestMethod is how much of a method is logged: clients may make up their own.
const longestMethod = 16

// logAccess writes one line about the request. The route stands for the path,
// whose parameters are nobody's business, and nothing tells the query string. The
// user is named by id alone, if the request speaks for one or tries to.
func (g *gate) logAccess(c echo.Context, method string, status int, code string, took time.Duration) {
	ctx := c.Request().Context()
	level := slog.LevelInfo
	if isProbe(c.Path()) {
		level = slog.LevelDebug
	}
	if !g.log.Enabled(ctx, level) {
		return
	}
	attrs := [8]slog.Attr{
		slog.String("method", method[:min(len(method), longestMethod)]),
		slog.String("route", c.Path()),
		slog.Int("status", status),
		slog.String("code", code),
		slog.Int64("bytes", c.Response().Size),
		slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.String("address", web.ClientAddress(ctx)),
	}
	known := len(attrs) - 1
	if user := web.Trail(ctx).UserID(); user != "" {
		attrs[known] = slog.String("user", user)
		known++
	}
	g.log.LogAttrs(ctx, level, "request", attrs[:known]...)
}

// panicError is a panic on its way to the log.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func isPanic(err error) bool {
	var p *panicError
	return errors.As(err, &p)
}

// stackOf is where a panic happened.
func stackOf(err error) []slog.Attr {
	var p *panicError
	if !errors.As(err, &p) {
		return nil
	}
	return []slog.Attr{slog.String("stack", string(p.stack))}
}
