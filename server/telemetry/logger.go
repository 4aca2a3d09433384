package telemetry

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"gatehouse/server/web"
)

// The formats that a log may have.
const (
	FormatJSON = "json"
	FormatText = "text"
)

// NewLogger returns a logger that writes one line per record in FormatJSON or
// FormatText; another format is an error. A record logged with a request's
// context carries its id as requestId, and its trace as traceId if there is one.
func NewLogger(w io.Writer, format string, level slog.Leveler) (*slog.Logger, error) {
	options := &slog.HandlerOptions{Level: level}
	switch format {
	case FormatJSON:
		return slog.New(requestHandler{slog.NewJSONHandler(w, options)}), nil
	case FormatText:
		return slog.New(requestHandler{slog.NewTextHandler(w, options)}), nil
	default:
		return nil, fmt.Errorf("log format %q is neither %s nor %s", format, FormatJSON, FormatText)
	}
}

// requestHandler adds to each record the request that its context belongs to.
type requestHandler struct{ slog.Handler }

func (h requestHandler) Handle(ctx context.Context, record slog.Record) error {
	id := web.RequestID(ctx)
	span := trace.SpanContextFromContext(ctx)
	if id == "" && !span.IsValid() {
		return h.Handler.Handle(ctx, record)
	}
	record = record.Clone()
	if id != "" {
		record.AddAttrs(slog.String("requestId", id))
	}
	if span.IsValid() {
		record.AddAttrs(slog.String("traceId", span.TraceID().String()))
	}
	return h.Handler.Handle(ctx, record)
}

func (h requestHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestHandler{h.Handler.WithAttrs(attrs)}
}

func (h requestHandler) WithGroup(name string) slog.Handler {
	return requestHandler{h.Handler.WithGroup(name)}
}
