package server_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/server"
)

// healthy is a server with nothing to complain about.
func healthy() server.HealthDeps {
	yes := func() bool { return true }
	return server.HealthDeps{
		Version: "1.2.3", Log: slog.New(slog.DiscardHandler),
		Now:  func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600)) },
		Ping: func(context.Context) error { return nil }, Fresh: yes, HasKeys: yes, Draining: func() bool { return false },
	}
}

func TestProbesOfLife(t *testing.T) {
	t.Parallel()
	g := server.NewGate(server.GateOptions{})
	g.AddHealth(healthy())
	answer := through(g, http.MethodGet, "/health", nil)
	if answer.Code != http.StatusOK || answer.Body.String() != "healthy" || !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("GET /health = %d %q, %s", answer.Code, answer.Body, answer.Header().Get("Content-Type"))
	}
}

func TestProbesForTheVersion(t *testing.T) {
	t.Parallel()
	g := server.NewGate(server.GateOptions{})
	g.AddHealth(healthy())
	if got, want := strings.TrimSpace(through(g, http.MethodGet, "/version", nil).Body.String()), `{"version":"1.2.3","requestDate":"2026-01-02T02:04:05Z"}`; got != want {
		t.Errorf("GET /version = %s, want %s", got, want)
	}
}

func TestProbesOfReadiness(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*server.HealthDeps)
		status int
		failed string
	}{
		{"all is well", func(*server.HealthDeps) {}, 200, ""},
		{"the database is away", func(d *server.HealthDeps) {
			d.Ping = func(context.Context) error { return errors.New("dial tcp 10.0.0.5:5432: refused") }
		}, 503, "database"},
		{"the database hangs", func(d *server.HealthDeps) {
			d.Ping = func(ctx context.Context) error {
				if _, bounded := ctx.Deadline(); bounded {
					return context.DeadlineExceeded
				}
				return nil
			}
		}, 503, "database"},
		{"changes of other nodes are late", func(d *server.HealthDeps) { d.Fresh = func() bool { return false } }, 503, "changes"},
		{"there are no keys", func(d *server.HealthDeps) { d.HasKeys = func() bool { return false } }, 503, "keys"},
		{"draining", func(d *server.HealthDeps) { d.Draining = func() bool { return true } }, 503, "draining"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var log strings.Builder
			deps := healthy()
			deps.Log = slog.New(slog.NewTextHandler(&log, nil))
			tt.change(&deps)
			g := server.NewGate(server.GateOptions{})
			g.AddHealth(deps)
			answer := through(g, http.MethodGet, "/readyz", nil)

			var got struct {
				Status string            `json:"status"`
				Checks map[string]string `json:"checks"`
			}
			if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			checks := map[string]string{"database": "ok", "changes": "ok", "keys": "ok", "draining": "ok"}
			status := "ready"
			if tt.failed != "" {
				checks[tt.failed], status = "failed", "unready"
			}
			if diff := cmp.Diff(checks, got.Checks); diff != "" || answer.Code != tt.status || got.Status != status {
				t.Errorf("GET /readyz = %d %s (-want +got):\n%s", answer.Code, answer.Body, diff)
			}
			if tt.failed != "" && !strings.Contains(log.String(), "check="+tt.failed) {
				t.Errorf("log = %s", log.String())
			}
		})
	}
}
