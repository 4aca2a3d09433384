package telemetry_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"gatehouse/server/telemetry"
	"gatehouse/server/web"
)

// collector stands in for an OpenTelemetry collector and keeps what it is sent.
func collector(t *testing.T, status int) (endpoint string, received chan string) {
	t.Helper()
	received = make(chan string, 8)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		received <- r.URL.Path + " " + string(body)
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return server.URL, received
}

func TestTracingSendsSpans(t *testing.T) {
	t.Parallel()
	endpoint, received := collector(t, http.StatusOK)
	config := telemetry.TracingConfig{Endpoint: endpoint, SampleRatio: 1, Version: "1.2.3"}
	tracing, err := telemetry.NewTracing(t.Context(), config, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/oauth2/token?secret=x", nil)
	r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	ctx, span := tracing.Start(web.WithRequest(t.Context(), web.Request{ID: "req-1"}), r)
	if got := trace.SpanContextFromContext(ctx).TraceID().String(); got != "0af7651916cd43dd8448eb211c80319c" {
		t.Errorf("trace id = %s, want the caller's", got)
	}
	span.End("/oauth2/token", 500, "AUT-0005")
	shutdown(t, tracing)

	sent := <-received
	if !strings.HasPrefix(sent, "/v1/traces ") {
		t.Errorf("spans were sent to %.20q", sent)
	}
	for _, want := range []string{"POST /oauth2/token", "AUT-0005", "req-1", "gatehouse", "1.2.3"} {
		if !strings.Contains(sent, want) {
			t.Errorf("no %q in %q", want, sent)
		}
	}
	if strings.Contains(sent, "secret") {
		t.Errorf("the query string is in %q", sent)
	}
}

func TestTracingFollowsTheCallersDecision(t *testing.T) {
	t.Parallel()
	endpoint, received := collector(t, http.StatusOK)
	tracing, err := telemetry.NewTracing(t.Context(), telemetry.TracingConfig{Endpoint: endpoint, SampleRatio: 1}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
	_, span := tracing.Start(t.Context(), r)
	span.End("/", 200, "")
	shutdown(t, tracing)
	if len(received) != 0 {
		t.Errorf("a span was sent that the caller did not sample: %q", <-received)
	}
}

func TestTracingLogsWhatIsLost(t *testing.T) {
	t.Parallel()
	endpoint, _ := collector(t, http.StatusBadRequest)
	var out bytes.Buffer
	tracing, err := telemetry.NewTracing(t.Context(), telemetry.TracingConfig{Endpoint: endpoint, SampleRatio: 1}, slog.New(slog.NewTextHandler(&out, nil)))
	if err != nil {
		t.Fatal(err)
	}
	_, span := tracing.Start(t.Context(), httptest.NewRequest(http.MethodGet, "/", nil))
	span.End("/", 200, "")
	shutdown(t, tracing)
	if !strings.Contains(out.String(), `msg="spans lost" spans=1`) {
		t.Errorf("log = %s", out.String())
	}
}

func TestTracingWantsAnHTTPEndpoint(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"127.0.0.1:4318", "grpc://127.0.0.1:4317", "http://", "::"} {
		if _, err := telemetry.NewTracing(t.Context(), telemetry.TracingConfig{Endpoint: endpoint}, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("NewTracing(%q) = nil error", endpoint)
		}
	}
}

// Not parallel: it counts allocations.
func TestTracingIsFreeWhenOff(t *testing.T) {
	tracing, err := telemetry.NewTracing(t.Context(), telemetry.TracingConfig{}, nil)
	if err != nil || tracing != nil {
		t.Fatalf("NewTracing = %v, %v, want nil, nil", tracing, err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	ctx := t.Context()
	allocs := testing.AllocsPerRun(100, func() {
		got, span := tracing.Start(ctx, r)
		if got != ctx {
			t.Error("Start made another context")
		}
		span.End("/", 200, "")
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
	shutdown(t, tracing)
}

func shutdown(t *testing.T, tracing *telemetry.Tracing) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := tracing.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown = %v", err)
	}
}
