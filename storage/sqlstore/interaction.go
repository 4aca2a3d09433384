package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

// CreateInteraction implements storage.Interactions.
func (s *Store) CreateInteraction(ctx context.Context, i storage.Interaction) error {
	_, err := s.exec(ctx, `INSERT INTO interactions (hash, browser, payload, version, expires_at) VALUES ($1, $2, $3, 1, $4)`,
		i.Hash, i.Browser, blob(i.Payload), stamp(i.ExpiresAt))
	if err != nil {
		return fmt.Errorf("create interaction: %w", err)
	}
	return nil
}

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
	n, err := s.exec(ctx, `UPDATE interactions SET browser = $1, payload = $2, version = version + 1
		WHERE hash = $3 AND version = $4`, i.Browser, blob(i.Payload), i.Hash, i.Version)
	if err != nil {
		return false, fmt.Errorf("save interaction: %w", err)
	}
	return n == 1, nil
}

// DeleteInteraction implements storage.Interactions.
func (s *Store) DeleteInteraction(ctx context.Context, hash []byte) error {
	if _, err := s.exec(ctx, `DELETE FROM interactions WHERE hash = $1`, hash); err != nil {
		return fmt.Errorf("delete interaction: %w", err)
	}
	return nil
}
