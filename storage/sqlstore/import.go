package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

// Import implements storage.Imports.
func (s *Store) Import(ctx context.Context, id string) (storage.Import, error) {
	i := storage.Import{ID: id}
	var expiresAt stamp
	err := s.one(ctx, []any{&i.Lines, &i.Created, &i.Updated, &i.Unchanged, &i.Refused, &i.ReportBytes, &expiresAt},
		`SELECT lines, created, updated, unchanged, refused, report_bytes, expires_at FROM imports WHERE id = $1`, legible(id))
	if errors.Is(err, sql.ErrNoRows) {
		return storage.Import{}, nil
	}
	if err != nil {
		return storage.Import{}, fmt.Errorf("read import: %w", err)
	}
	i.ExpiresAt = time.Time(expiresAt)
	return i, nil
}

// SaveImport implements storage.Imports.
func (s *Store) SaveImport(ctx context.Context, i storage.Import, lines int) (bool, error) {
	query := `INSERT INTO imports (id, lines, created, updated, unchanged, refused, report_bytes, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`
	args := []any{legible(i.ID), i.Lines, i.Created, i.Updated, i.Unchanged, i.Refused, i.ReportBytes, stamp(i.ExpiresAt)}
	if lines > 0 {
		query = `UPDATE imports SET lines = $2, created = $3, updated = $4, unchanged = $5, refused = $6, report_bytes = $7,
			expires_at = $8 WHERE id = $1 AND lines = $9`
		args = append(args, lines)
	}
	n, err := s.exec(ctx, query, args...)
	if err != nil {
		return false, fmt.Errorf("save import: %w", err)
	}
	return n == 1, nil
}

// DeleteImport implements storage.Imports.
func (s *Store) DeleteImport(ctx context.Context, id string) error {
	if _, err := s.exec(ctx, `DELETE FROM imports WHERE id = $1`, legible(id)); err != nil {
		return fmt.Errorf("delete import: %w", err)
	}
	return nil
}
