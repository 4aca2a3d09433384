package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"gatehouse/server/telemetry"
	"gatehouse/server/web"
)

func TestLoggerKnowsTheRequest(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, err := telemetry.NewLogger(&out, telemetry.FormatJSON, slog.LevelInfo)
	if err != nil {
		t.Fatal(err)
	}
	ctx := web.WithRequest(context.Background(), web.Request{ID: "req-1"})
	ctx = trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}}))
	log.With("a", 1).InfoContext(ctx, "first")
	log.InfoContext(context.Background(), "second")
	log.DebugContext(ctx, "too fine")

	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines, want 2:\n%s", len(lines), out.String())
	}
	first, second := parse(t, lines[0]), parse(t, lines[1])
	if first["requestId"] != "req-1" || first["a"] != 1.0 || first["traceId"] != "01000000000000000000000000000000" {
		t.Errorf("first = %v", first)
	}
	if _, ok := second["requestId"]; ok {
		t.Errorf("second = %v", second)
	}
}

func TestLoggerWritesText(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, err := telemetry.NewLogger(&out, telemetry.FormatText, slog.LevelInfo)
	if err != nil {
		t.Fatal(err)
	}
	log.WithGroup("g").InfoContext(web.WithRequest(context.Background(), web.Request{ID: "req-1"}), "hello", "b", 2)
	if got := out.String(); !strings.Contains(got, "msg=hello g.b=2 g.requestId=req-1") {
		t.Errorf("log = %s", got)
	}
}

func TestLoggerRefusesOtherFormats(t *testing.T) {
	t.Parallel()
	if _, err := telemetry.NewLogger(&bytes.Buffer{}, "xml", slog.LevelInfo); err == nil {
		t.Error("NewLogger(xml) = nil error")
	}
}

func parse(t *testing.T, line string) map[string]any {
	t.Helper()
	var record map[string]any
	if err := json.Unmarshal([]byte(line), &record); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return record
}
