package server

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
)

// healthDeps is what probes ask.
type healthDeps struct {
	Version  string
	Now      func() time.Time
	Log      *slog.Logger
	Ping     func(ctx context.Context) error // the database
	Fresh    func() bool                     // what other nodes changed is known here
	HasKeys  func() bool                     // there is a key to sign with
	Draining func() bool
}

// health answers probes.
type health struct {
	healthDeps
	checks []check
}

// check is one thing that must be in order before this node may be sent
// requests. It says what is wrong with it, for the log.
type check struct {
	name string
	run  func(ctx context.Context) error
}

func newHealth(d healthDeps) *health {
	return &health{d, []check{
		{"database", d.Ping},
		{"changes", expect(true, d.Fresh, "the change feed was not read within the last second")},
		{"keys", expect(true, d.HasKeys, "no signing keys")},
		{"draining", expect(false, d.Draining, "this node is about to stop")},
	}}
}

// expect makes a check of a question with one good answer.
func expect(want bool, ask func() bool, otherwise string) func(context.Context) error {
	return func(context.Context) error {
		if ask() != want {
			return errors.New(otherwise)
		}
		return nil
	}
}

// checkTime is how long all checks together may take.
const checkTime = 2 * time.Second

// live handles GET /health: the process runs.
func (h *health) live(c echo.Context) error { return c.String(http.StatusOK, "healthy") }

// ready handles GET /readyz: this node may be sent requests, or which check
// says that it may not. Why is logged, not told.
func (h *health) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), checkTime)
	defer cancel()
	answer := readiness{Status: "ready", Checks: make(map[string]string, len(h.checks))}
	status := http.StatusOK
	for _, check := range h.checks {
		answer.Checks[check.name] = "ok"
		if err := check.run(ctx); err != nil {
			h.Log.WarnContext(ctx, "not ready", slog.String("check", check.name), slog.Any("error", err))
			answer.Checks[check.name] = "failed"
			answer.Status, status = "unready", http.StatusServiceUnavailable
		}
	}
	return c.JSON(status, answer)
}

type readiness struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks"`
}

// release handles GET /version.
func (h *health) release(c echo.Context) error {
	return c.JSON(http.StatusOK, release{Version: h.Version, RequestDate: h.Now().UTC().Format(time.RFC3339)})
}

type release struct {
	Version     string `json:"version"`
	RequestDate string `json:"requestDate"`
}
