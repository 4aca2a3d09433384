package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/errors"
	"gatehouse/identity/bootstrap"
	"gatehouse/server"
	"gatehouse/server/telemetry"
	"gatehouse/storage/sqlstore"
)

func newServe(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Runs the server until SIGTERM or SIGINT. Then requests under way finish, for at
most shutdown.grace, and new ones get 503; a second signal ends it at once.

It migrates the database first, and logs what that takes from whom. It refuses to start with a configuration that is
wrong or unsafe, and says what to set; "gatehouse config" shows what is set and
docs/configuration.md explains it.

With --bootstrap it then makes the database what a file declares, as "gatehouse
apply" does, and logs each change. It makes up no secret unless --dev is given.

With --dev it needs no configuration: SQLite and a master secret in the data
directory, plain http to this machine alone unless "listen" is set (--listen :4000
opens it to others), no rate limit, and at the first start an administrator and
an application, whose credentials it prints once and keeps in
dev-credentials.json.

Exit status: 0 stopped in order, 1 failed, or requests were cut off after the
grace, 2 the configuration is wrong or unsafe.`,
		Example: `  gatehouse serve --dev
  gatehouse serve --dev --listen 127.0.0.1:0 --data-dir /tmp/gatehouse
  GATEHOUSE_ISSUER=https://auth.example.com GATEHOUSE_MASTER_SECRET_FILE=/run/secrets/master gatehouse serve
  gatehouse serve --config gatehouse.yaml
  gatehouse serve --dev --bootstrap examples/midaz.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load(c.input(cmd, serveFlags))
			if !c.dev {
				err = cfg.fitToServe(err)
			}
			if err = cfg.readBrand(err); err != nil {
				return err
			}
			declared, err := c.bootstrapFile(cfg)
			if err != nil {
				return err
			}
			return c.serve(cmd.Context(), cfg, declared)
		},
	}
	c.configFlags(cmd, serveFlags)
	c.devFlag(cmd, "make up all that is needed to try it on this machine")
	return cmd
}

// serve runs the server until ctx ends, on a database that it makes what is declared.
func (c *cli) serve(ctx context.Context, cfg *loaded, declared *bootstrap.File) (err error) {
	release := buildVersion().Version
	log, err := telemetry.NewLogger(c.stderr, cfg.LogFormat, cfg.LogLevel)
	if err != nil {
		return err
	}
	warn(ctx, log, cfg)
	metrics := telemetry.NewMetrics(release)
	cfg.Tracing.Version = release
	tracing, err := telemetry.NewTracing(ctx, cfg.Tracing, log)
	if err != nil {
		return err
	}
	defer flush(log, tracing)

	if c.dev {
		if err := cfg.generateMasterSecret(); err != nil {
			return err
		}
	}
	d, err := openDatabase(ctx, cfg, log, func(_ context.Context, s sqlstore.Statement) { metrics.Statement(string(s.Kind)) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.store.Close()) }()
	if err := d.migrate(ctx, warnOf(ctx, log)); err != nil {
		return err
	}

	events, closeEvents, err := auditLog(cfg.AuditLog, c.stdout, log)
	if err != nil {
		return err
	}
	defer closeEvents()
	listener, err := listen(ctx, "listen", cfg.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	cfg.followPort(listener.Addr())
	first, err := d.populate(ctx, c.dev)
	if err != nil {
		return err
	}
	master, err := d.master()
	if err != nil {
		return err
	}
	if err := c.bootstrap(ctx, d, d.bootstrapper(d.registryWith(events), master), declared); err != nil {
		return err
	}

	cfg.PasswordRules = cfg.Policy
	app, err := server.New(ctx, cfg.Config, server.Deps{
		Store:   d.store,
		Master:  master,
		Metrics: metrics,
		Tracing: tracing,
		Audit:   events,
		Log:     log,
		Now:     time.Now,
		Sleep:   sleep,
		NodeID:  nodeID(),
		Version: release,
	})
	if err != nil {
		return err
	}
	f, err := newFront(ctx, cfg, app, metrics, listener, log)
	if err != nil {
		return err
	}
	return f.run(ctx, func() error {
		if err := c.greet(cfg, first); err != nil {
			return err
		}
		log.InfoContext(ctx, "ready", slog.String("listen", listener.Addr().String()),
			slog.String("issuer", cfg.Tokens.Issuer), slog.String("version", release))
		return nil
	})
}

// populate creates what every server has and, for --dev, what a first start makes up.
func (d *database) populate(ctx context.Context, dev bool) (first *credentials, err error) {
	if dev {
		if first, err = d.firstStart(ctx, d.cfg.Tokens.Issuer); err != nil {
			return nil, fmt.Errorf("first start: %w", err)
		}
	}
	if err := d.createBuiltIn(ctx); err != nil {
		return nil, fmt.Errorf("create the first-party application: %w", err)
	}
	return first, nil
}

// warn logs the settings in force that weaken security.
func warn(ctx context.Context, log *slog.Logger, cfg *loaded) {
	weak := cfg.warnings()
	for _, key := range slices.Sorted(maps.Keys(weak)) {
		log.WarnContext(ctx, "a setting weakens security", slog.String("setting", key), slog.String("how", weak[key]))
	}
}

// listen opens a listener on the address that a setting names.
func listen(ctx context.Context, key, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return listener, nil
}

// followPort makes an issuer that follows from listen name the port that was
// chosen, where listen leaves the choice to the system.
func (l *loaded) followPort(chosen net.Addr) {
	host, _, err := net.SplitHostPort(l.Listen)
	address, ok := chosen.(*net.TCPAddr)
	if err != nil || !ok || l.sources["issuer"].kind != "dev" {
		return
	}
	l.Tokens.Issuer = devIssuer(net.JoinHostPort(host, fmt.Sprint(address.Port)))
}

// nodeID tells this process from all others, and an operator which it is.
func nodeID() string {
	host, err := os.Hostname()
	if err != nil {
		host = "node"
	}
	return host + "-" + randomHex(4)
}

// sleep waits, or returns the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// flush sends the traces that were not sent yet, for a moment at most.
func flush(log *slog.Logger, tracing *telemetry.Tracing) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := tracing.Shutdown(ctx); err != nil {
		log.WarnContext(ctx, "the last traces are lost", slog.Any("error", err))
	}
}
