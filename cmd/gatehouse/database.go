package main

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/errors"
	"gatehouse/server/keys"
	"gatehouse/server/telemetry"
	"gatehouse/storage/sqlstore"
)

// database is what a command works on that administers what is stored.
type database struct {
	cfg   *loaded
	store *sqlstore.Store
	log   *slog.Logger
}

// now is the time, as the database keeps it.
func (d *database) now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// storeFlags gives a command the flags that withStore reads.
func (c *cli) storeFlags(cmd *cobra.Command) {
	c.configFlags(cmd, dataFlags)
	c.jsonFlag(cmd)
}

// withStore makes a command of work on the database, which must be there and up
// to date. It works beside a running server.
func (c *cli) withStore(work func(ctx context.Context, d *database, args []string) error) func(*cobra.Command, []string) error {
	return c.withDatabase(false, func(ctx context.Context, d *database, args []string) error {
		pending, err := d.pending(ctx)
		if err != nil {
			return err
		}
		if len(pending) > 0 {
			return errors.New("the database is not up to date: run gatehouse migrate up, or start the server")
		}
		return work(ctx, d, args)
	})
}

// withDatabase makes a command of work on the database, whatever its state. Only
// if it may, it makes a SQLite database that is not there.
func (c *cli) withDatabase(mayMake bool, work func(ctx context.Context, d *database, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) (err error) {
		in := c.input(cmd, dataFlags)
		in.beside = true
		cfg, err := load(in)
		if err != nil {
			return err
		}
		if path := cfg.sqlitePath(); path != "" && !mayMake {
			if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				return misused("there is no database %s: --data-dir or GATEHOUSE_DATABASE_DSN says where it is, gatehouse migrate up makes one", path)
			}
		}
		log, err := telemetry.NewLogger(c.stderr, cfg.LogFormat, max(cfg.LogLevel, slog.LevelWarn))
		if err != nil {
			return err
		}
		d, err := openDatabase(cmd.Context(), cfg, log, nil)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, d.store.Close()) }()
		return work(cmd.Context(), d, args)
	}
}

// openDatabase opens the database, which SQLite makes when there is none.
// observe, if it is not nil, is told of each statement.
func openDatabase(ctx context.Context, cfg *loaded, log *slog.Logger, observe func(context.Context, sqlstore.Statement)) (*database, error) {
	if path := cfg.sqlitePath(); path != "" {
		if err := makePrivateDir(filepath.Dir(path)); err != nil {
			return nil, err
		}
	}
	store, err := sqlstore.Open(ctx, sqlstore.Config{DSN: cfg.DSN.Reveal(), MaxConns: cfg.MaxConnections, Log: log, Observe: observe})
	if err != nil {
		return nil, err
	}
	return &database{cfg, store, log}, nil
}

// master is the master secret, or a mistake when there is none.
func (d *database) master() (*keys.Master, error) {
	if len(d.cfg.MasterSecret) == 0 {
		return nil, mistakes{{key: "master_secret", problem: "is not set; set GATEHOUSE_MASTER_SECRET_FILE to what the server uses"}}
	}
	secrets := make([]string, len(d.cfg.MasterSecret))
	for i, secret := range d.cfg.MasterSecret {
		secrets[i] = secret.Reveal()
	}
	return keys.NewMaster(secrets...)
}
