package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"gatehouse/server/audit"
)

// auditStdout is what audit.log says for the standard output.
const auditStdout = "stdout"

// auditLog opens what audit.log names: nil for nothing. A file is appended to,
// and made, readable by its owner alone, when it is missing. close writes what
// waits.
func auditLog(path string, stdout io.Writer, log *slog.Logger) (events *audit.Log, closeLog func(), err error) {
	switch path {
	case "":
		return nil, func() {}, nil
	case auditStdout:
		events = audit.New(stdout, log)
		return events, func() { closeAudit(events, log) }, nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("audit.log: %w", err)
	}
	events = audit.New(file, log)
	return events, func() {
		closeAudit(events, log)
		_ = file.Close() // what was written is with the system
	}, nil
}

// closeAudit writes what waits, for a few seconds at most.
func closeAudit(events *audit.Log, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := events.Close(ctx); err != nil {
		log.ErrorContext(ctx, "the last audit events are in the database alone", slog.Any("error", err))
	}
}
