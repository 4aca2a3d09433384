package telemetry

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts what the server does. Its methods may be called by any number
// of goroutines; those named Watch once per name, before the server runs.
type Metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.CounterVec
	durations  *prometheus.HistogramVec
	refusals   *prometheus.CounterVec
	tokens     *prometheus.CounterVec
	decisions  *prometheus.CounterVec
	statements *prometheus.CounterVec
	logouts    *prometheus.CounterVec
	recorded   prometheus.Counter
	dropped    *prometheus.CounterVec
}

// NewMetrics returns Metrics with a registry of their own, in which the
// process, the Go runtime and the given version show as well.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: counter("http_requests_total",
			"Requests answered, by route pattern, method, status and error code.", "route", "method", "status", "code"),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    namespace + "http_request_duration_seconds",
			Help:    "Time from the first byte read to the last byte written, by route pattern and method.",
			Buckets: []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"route", "method"}),
		refusals:   counter("refusals_total", "Requests refused, by error code.", "code"),
		tokens:     counter("tokens_issued_total", "Access tokens issued, by grant.", "grant"),
		decisions:  counter("decisions_total", "Questions about permissions answered, by whether it was allowed.", "allowed"),
		statements: counter("sql_statements_total", "Statements sent to the database, by kind.", "kind"),
		logouts:    counter("logout_deliveries_total", "Attempts to tell applications of the end of sessions, by what came of it.", "result"),
		recorded: prometheus.NewCounter(prometheus.CounterOpts{
			Name: namespace + "refusal_records_total", Help: "Refusals whose reasons were recorded.",
		}),
		dropped: counter("refusal_records_dropped_total", "Refusals whose reasons were not recorded, by why.", "reason"),
	}
	m.registry.MustRegister(m.requests, m.durations, m.refusals, m.tokens, m.decisions, m.statements, m.logouts, m.recorded, m.dropped, buildInfo(version),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

const namespace = "gatehouse_"

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: namespace + name, Help: help}, labels)
}

func buildInfo(version string) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: namespace + "build_info", Help: "Always 1; the version is a label.",
		ConstLabels: prometheus.Labels{"version": version},
	}, func() float64 { return 1 })
}

// Handler answers GET /metrics in Prometheus' text format. It belongs on a
// listener of its own, for it asks nobody who they are.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	return mux
}

// Request counts one answered request. The route is the pattern it matched, ""
// when it matched none; the code is that of the refusal, "" when there was none.
func (m *Metrics) Request(route, method string, status int, code string, took time.Duration) {
	if route == "" {
		route = "unmatched"
	}
	method = boundedMethod(method)
	m.requests.WithLabelValues(route, method, strconv.Itoa(status), code).Inc()
	m.durations.WithLabelValues(route, method).Observe(took.Seconds())
	if code != "" {
		m.refusals.WithLabelValues(code).Inc()
	}
}

// boundedMethod keeps clients from inventing label values.
func boundedMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut,
		http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	default:
		return other
	}
}

// other is the label of all values that have none of their own.
const other = "other"

// TokenIssued counts one access token. The grant is one that was allowed, not
// what a client sent.
func (m *Metrics) TokenIssued(grant string) { m.tokens.WithLabelValues(grant).Inc() }

// Decided counts one answer to a question about permissions.
func (m *Metrics) Decided(allowed bool) {
	m.decisions.WithLabelValues(strconv.FormatBool(allowed)).Inc()
}

// Statement counts one statement sent to the database. The kind is one of the few
// that the database names, such as read and write.
func (m *Metrics) Statement(kind string) { m.statements.WithLabelValues(kind).Inc() }

// LogoutDelivery counts one attempt to tell an application of the end of a
// session. The result is one of the few that package logout names.
func (m *Metrics) LogoutDelivery(result string) { m.logouts.WithLabelValues(result).Inc() }

// RefusalsRecorded counts records of refusals that were written.
func (m *Metrics) RefusalsRecorded(records int) { m.recorded.Add(float64(records)) }

// RefusalsDropped counts records of refusals that were not. The reason is one of
// the few that the recorder names.
func (m *Metrics) RefusalsDropped(reason string, records int) {
	m.dropped.WithLabelValues(reason).Add(float64(records))
}

// WatchHashQueue shows how many password hashes wait for their turn.
func (m *Metrics) WatchHashQueue(waiting func() int) {
	m.gauge("password_hash_queue_length", "Password hashes that wait for their turn.", waiting)
}

// WatchInFlight shows how many requests are being answered.
func (m *Metrics) WatchInFlight(inFlight func() int) {
	m.gauge("http_requests_in_flight", "Requests being answered.", inFlight)
}

// WatchCache shows how often the named cache had what it was asked for, and how
// often not, since the process started.
func (m *Metrics) WatchCache(cache string, stats func() (hits, misses uint64)) {
	labels := prometheus.Labels{"cache": cache}
	m.registry.MustRegister(
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: namespace + "cache_hits_total", Help: "Look-ups that a cache answered.", ConstLabels: labels,
		}, func() float64 { hits, _ := stats(); return float64(hits) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: namespace + "cache_misses_total", Help: "Look-ups that a cache could not answer.", ConstLabels: labels,
		}, func() float64 { _, misses := stats(); return float64(misses) }),
	)
}

func (m *Metrics) gauge(name, help string, value func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Name: namespace + name, Help: help},
		func() float64 { return float64(value()) },
	))
}
