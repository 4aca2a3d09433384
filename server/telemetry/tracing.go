package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"gatehouse/server/web"
)

// TracingConfig says where traces go.
type TracingConfig struct {
	Endpoint    string  // of a collector that speaks OTLP over HTTP: "http://127.0.0.1:4318"; empty: no traces
	SampleRatio float64 // of traces that start here, from 0 to 1; a caller's own decision comes first
	Version     string  // of this program
}

// Tracing sends a span for each request to a collector. A nil *Tracing does
// nothing and costs nothing.
type Tracing struct {
	provider   *sdktrace.TracerProvider
	tracer     trace.Tracer
	propagator propagation.TraceContext
}

// NewTracing returns a Tracing, or nil when the config has no endpoint. It does
// not wait for the collector: one that is away costs spans and a line in the
// log, never a request.
func NewTracing(ctx context.Context, config TracingConfig, log *slog.Logger) (*Tracing, error) {
	if config.Endpoint == "" {
		return nil, nil
	}
	endpoint, err := tracesURL(config.Endpoint)
	if err != nil {
		return nil, err
	}
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint))
	if err != nil {
		return nil, fmt.Errorf("trace exporter: %w", err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(loggedExporter{exporter, log}),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(config.SampleRatio))),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "gatehouse"),
			attribute.String("service.version", config.Version),
		)),
	)
	return &Tracing{provider: provider, tracer: provider.Tracer("gatehouse")}, nil
}

// tracesURL adds the path that collectors listen on (OTLP/HTTP) where there is none.
func tracesURL(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", fmt.Errorf("trace endpoint %q is no http or https URL", endpoint)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	return u.String(), nil
}

// Shutdown sends what has not been sent yet, for as long as ctx allows.
func (t *Tracing) Shutdown(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// Start starts the span of a request, as a child of the caller's if it sent a
// traceparent header (W3C Trace Context). The returned context carries it.
func (t *Tracing) Start(ctx context.Context, r *http.Request) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	ctx = t.propagator.Extract(ctx, propagation.HeaderCarrier(r.Header))
	ctx, span := t.tracer.Start(ctx, r.Method,
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(
			attribute.String("http.request.method", boundedMethod(r.Method)),
			attribute.String("gatehouse.request_id", web.RequestID(ctx)),
		))
	return ctx, &Span{span: span, method: boundedMethod(r.Method)}
}

// Span is one request in a trace. A nil *Span does nothing.
type Span struct {
	span   trace.Span
	method string
}

// End ends the span with what became of the request, in the terms of
// Metrics.Request.
func (s *Span) End(route string, status int, code string) {
	if s == nil {
		return
	}
	if route != "" {
		s.span.SetName(s.method + " " + route)
		s.span.SetAttributes(attribute.String("http.route", route))
	}
	s.span.SetAttributes(attribute.Int("http.response.status_code", status))
	if code != "" {
		s.span.SetAttributes(attribute.String("error.type", code))
	}
	if status >= http.StatusInternalServerError {
		s.span.SetStatus(codes.Error, code)
	}
	s.span.End()
}

// loggedExporter logs what a collector did not take, which the SDK would
// otherwise report to a handler that all of the process shares.
type loggedExporter struct {
	sdktrace.SpanExporter
	log *slog.Logger
}

func (e loggedExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.log.WarnContext(ctx, "spans lost", slog.Int("spans", len(spans)), slog.Any("error", err))
	}
	return nil
}
