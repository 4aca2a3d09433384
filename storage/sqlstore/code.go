package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

// CreateCode implements storage.Codes.
func (s *Store) CreateCode(ctx context.Context, code storage.Code) error {
	_, err := s.exec(ctx, `INSERT INTO codes (kind, hash, session_id, payload, expires_at, spent_at)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		code.Kind, code.Hash, code.SessionID, blob(code.Payload), stamp(code.ExpiresAt), stamp(code.SpentAt))
	if err != nil {
		return fmt.Errorf("create code: %w", err)
	}
	return nil
}

// Code implements storage.Codes.
func (s *Store) Code(ctx context.Context, kind string, hash []byte) (storage.Code, error) {
	code := storage.Code{Kind: kind, Hash: hash}
	var expiresAt, spentAt stamp
	err := s.one(ctx, []any{&code.SessionID, &code.Payload, &expiresAt, &spentAt},
		`SELECT session_id, payload, expires_at, spent_at FROM codes WHERE kind = $1 AND hash = $2`, kind, hash)
	if errors.Is(err, sql.ErrNoRows) {
		return storage.Code{}, errors.InvalidAuthorizationCode
	}
	if err != nil {
		return storage.Code{}, fmt.Errorf("read code: %w", err)
	}
	code.ExpiresAt, code.SpentAt = time.Time(expiresAt), time.Time(spentAt)
	return code, nil
}

// SpendCode implements storage.Codes.
func (s *Store) SpendCode(ctx context.Context, kind string, hash []byte, sessionID string, at time.Time) (bool, error) {
	n, err := s.exec(ctx, `UPDATE codes SET spent_at = $1, session_id = $2
		WHERE kind = $3 AND hash = $4 AND spent_at IS NULL`, stamp(at), sessionID, kind, hash)
	if err != nil {
		return false, fmt.Errorf("spend code: %w", err)
	}
	return n == 1, nil
}
