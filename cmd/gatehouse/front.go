package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/errors"
	"gatehouse/server"
	"gatehouse/server/telemetry"
)

// front is where requests come in: the API on its listener and, where they are
// wanted, the identity API and the metrics on theirs.
type front struct {
	app   *server.Server
	grace time.Duration
	log   *slog.Logger

	apis    []*http.Server
	parts   []part       // those, and what else there is
	closed  atomic.Bool  // requests that come now do not count as under way
	working atomic.Int64 // requests that came before, and are not done
}

// listenIPv6 opens [::1] beside 127.0.0.1 where listen names localhost: programs try
// either. It is nil where there is no IPv6, which is no reason not to start.
func listenIPv6(ctx context.Context, address string, opened net.Addr, log *slog.Logger) net.Listener {
	host, _, err := net.SplitHostPort(address)
	ipv4, ok := opened.(*net.TCPAddr)
	if err != nil || !ok || !strings.EqualFold(host, "localhost") || ipv4.IP.To4() == nil {
		return nil
	}
	l, err := listen(ctx, "listen", net.JoinHostPort("::1", strconv.Itoa(ipv4.Port)))
	if err != nil {
		log.InfoContext(ctx, "localhost answers by IPv4 alone", slog.Any("error", err))
		return nil
	}
	return l
}

// part is an HTTP server and where it listens.
type part struct {
	server   *http.Server
	listener net.Listener
}

func newFront(ctx context.Context, cfg *loaded, app *server.Server, metrics *telemetry.Metrics, listener net.Listener, log *slog.Logger) (*front, error) {
	f := &front{app: app, grace: cfg.ShutdownGrace, log: log}
	f.serveAPI(newHTTP(cfg, f.count(app.Handler()), log), listener)
	if l := listenIPv6(ctx, cfg.Listen, listener.Addr(), log); l != nil {
		f.serveAPI(newHTTP(cfg, f.count(app.Handler()), log), l)
	}
	if cfg.IdentityListen != "" {
		l, err := listen(ctx, "identity.listen", cfg.IdentityListen)
		if err != nil {
			return nil, err
		}
		log.InfoContext(ctx, "the identity API listens", slog.String("listen", l.Addr().String()))
		f.serveAPI(newHTTP(cfg, f.count(app.IdentityHandler()), log), l)
	}
	if cfg.MetricsListen != "" {
		l, err := listen(ctx, "metrics.listen", cfg.MetricsListen)
		if err != nil {
			return nil, err
		}
		f.parts = append(f.parts, part{newHTTP(cfg, metrics.Handler(), log), l})
	}
	return f, nil
}

// serveAPI adds a listener whose requests are waited for when the server stops.
func (f *front) serveAPI(api *http.Server, listener net.Listener) {
	f.apis = append(f.apis, api)
	f.parts = append(f.parts, part{api, listener})
}

func newHTTP(cfg *loaded, handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: cfg.ReadHeaderTimeout,
		ReadTimeout:       cfg.ReadTimeout,
		WriteTimeout:      cfg.WriteTimeout,
		IdleTimeout:       cfg.IdleTimeout,
		MaxHeaderBytes:    cfg.HeaderLimit,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// count counts the requests that came in before the drain began. The ones after
// are refused, and nobody waits for them, however many there are.
func (f *front) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !f.closed.Load() {
			f.working.Add(1)
			defer f.working.Add(-1)
		}
		next.ServeHTTP(w, r)
	})
}

// run answers requests until ctx ends, and stops in order. It calls ready once
// it does.
func (f *front) run(ctx context.Context, ready func() error) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	group, failed := errgroup.WithContext(background)
	group.Go(func() error { return f.app.Run(failed) })
	for _, p := range f.parts {
		group.Go(func() error { return p.serve() })
	}
	err := ready()
	if err == nil {
		select {
		case <-ctx.Done():
		case <-failed.Done():
		}
	}
	err = errors.Join(err, f.drain())
	for _, p := range f.parts {
		_ = p.server.Close() // those that are left answer nobody
	}
	stop()
	return errors.Join(err, group.Wait())
}

func (p part) serve() error {
	if err := p.server.Serve(p.listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// drain lets the requests under way finish. New ones are told to go elsewhere
// for as long as there are any, then the listener closes.
func (f *front) drain() error {
	ctx, cancel := context.WithTimeout(context.Background(), f.grace)
	defer cancel()
	f.log.InfoContext(ctx, "stopping", slog.Int64("underWay", f.working.Load()))
	f.app.Drain()
	f.closed.Store(true) // after Drain: whatever gets past the gate is counted
	for f.working.Load() > 0 && ctx.Err() == nil {
		_ = sleep(ctx, 5*time.Millisecond)
	}
	for _, api := range f.apis {
		_ = api.Shutdown(ctx) // connections that hang on are cut by Close
	}
	if left := f.working.Load(); left > 0 {
		return fmt.Errorf("%d requests were cut off: they were not done after %s", left, f.grace)
	}
	return nil
}
