package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

// Interaction implements storage.Interactions.
func (s *Store) Interaction(ctx context.Context, hash []byte, now time.Time) (storage.Interaction, bool, error) {
	i := storage.Interaction{Hash: hash}
	var expiresAt stamp
	err := s.one(ctx, []any{&i.Browser, &i.Payload, &i.Version, &expiresAt},
		`SELECT browser, payload, version, expires_at FROM interactions WHERE hash = $1 AND expires_at > $2`, hash, stamp(now))
	if errors.Is(err, sql.ErrNoRows) {
		return storage.Interaction{}, false, nil
	}
	if err != nil {
		return storage.Interaction{}, false, fmt.Errorf("read interaction: %w", err)
	}
	i.ExpiresAt = time.Time(expiresAt)
	return i, true, nil
}

// SaveInteraction implements storage.Interactions.
func (s *Store) SaveInteraction(ctx context.Context, i storage.Interaction) (bool, error) {
	n, err := s.saveInteraction(ctx, i)
	if err != nil {
		return false, fmt.Errorf("save interaction: %w", err)
	}
	return n == 1, nil
}

func (s *Store) saveInteraction(ctx context.Context, i storage.Interaction) (int64, error) {
	if i.Version == 0 {
		return s.exec(ctx, `INSERT INTO interactions (hash, browser, payload, version, expires_at) VALUES ($1, $2, $3, 1, $4)
			ON CONFLICT (hash) DO NOTHING`, i.Hash, i.Browser, blob(i.Payload), stamp(i.ExpiresAt))
	}
	return s.exec(ctx, `UPDATE interactions SET browser = $1, payload = $2, version = version + 1
		WHERE hash = $3 AND version = $4`, i.Browser, blob(i.Payload), i.Hash, i.Version)
}

// DeleteInteraction implements storage.Interactions.
func (s *Store) DeleteInteraction(ctx context.Context, hash []byte, version int64) error {
	if _, err := s.exec(ctx, `DELETE FROM interactions WHERE hash = $1 AND version = $2`, hash, version); err != nil {
		return fmt.Errorf("delete interaction: %w", err)
	}
	return nil
}
