package sqlstore

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/pressly/goose/v3"

	"gatehouse/errors"
)

//go:embed migrations
var migrations embed.FS

// Migration is a step of the schema.
type Migration struct {
	Version   int64
	Name      string    // "0001_identity.sql"
	AppliedAt time.Time // zero: pending
	SQL       string
}

// migrateLock is the advisory lock of PostgreSQL under which migrations run.
const migrateLock = 7161746569

// Migrate applies the pending migrations, each in a transaction of its own, so
// that it can go on where it was interrupted. Nodes that start at once on
// PostgreSQL wait for each other. On SQLite the slower process fails at the
// version that the faster has recorded, and looks again.
func (s *Store) Migrate(ctx context.Context) error {
	provider, err := s.goose()
	if err != nil {
		return err
	}
	if s.dialect.name == "postgres" {
		return s.migrateAlone(ctx, provider)
	}
	for range 3 {
		if _, err = provider.Up(ctx); err == nil {
			return nil
		}
	}
	return fmt.Errorf("migrate: %w", s.pool.fault(ctx, err))
}

// migrateAlone holds the lock on a connection of its own.
func (s *Store) migrateAlone(ctx context.Context, provider *goose.Provider) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("migrate: %w", s.pool.fault(ctx, err))
		}
	}()
	lock, err := s.pool.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer lock.Close()
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrateLock); err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	_, unlock := lock.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrateLock)
	return errors.Join(err, unlock)
}

// Migrations returns all migrations, oldest first.
func (s *Store) Migrations(ctx context.Context) ([]Migration, error) {
	provider, err := s.goose()
	if err != nil {
		return nil, err
	}
	states, err := provider.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", s.pool.fault(ctx, err))
	}
	all := make([]Migration, len(states))
	for i, state := range states {
		text, err := fs.ReadFile(migrations, path.Join(s.dialect.migrations, state.Source.Path))
		if err != nil {
			return nil, fmt.Errorf("read migrations: %w", err)
		}
		all[i] = Migration{Version: state.Source.Version, Name: state.Source.Path, AppliedAt: state.AppliedAt, SQL: string(text)}
	}
	return all, nil
}

func (s *Store) goose() (*goose.Provider, error) {
	folder, err := fs.Sub(migrations, s.dialect.migrations)
	if err != nil {
		return nil, fmt.Errorf("find migrations: %w", err)
	}
	dialect := goose.DialectSQLite3
	if s.dialect.name == "postgres" {
		dialect = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(dialect, s.pool.db, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return provider, nil
}
