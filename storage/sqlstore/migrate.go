package sqlstore

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/pressly/goose/v3"
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

// Migrate applies the pending migrations, each in a transaction of its own, so
// that it can go on where it was interrupted, and lists users that an earlier
// release created. Several nodes may do so at once.
func (s *Store) Migrate(ctx context.Context) error {
	provider, err := s.goose()
	if err != nil {
		return err
	}
	err = s.dialect.alone(ctx, func() error {
		if _, err := provider.Up(ctx); err != nil {
			return err
		}
		return s.listEarlier(ctx)
	})
	if err != nil {
		return fmt.Errorf("migrate: %w", s.pool.fault(ctx, err))
	}
	return nil
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
	provider, err := goose.NewProvider(s.dialect.goose, s.pool.db, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return provider, nil
}
