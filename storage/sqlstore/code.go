package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

// OnceOnly implements storage.Codes.
func (s *Store) OnceOnly(ctx context.Context, text string, until time.Time) (bool, error) {
	n, err := s.exec(ctx, `INSERT INTO once_only (digest, expires_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING`,
		digest(text), stamp(until))
	if err != nil {
		return false, fmt.Errorf("see a text once only: %w", err)
	}
	return n == 1, nil
}

// insertCode is followed by where the values of a code come from, which are the
// eight arguments.
const insertCode = `INSERT INTO codes (kind, hash, session_id, payload, expires_at, spent_at, user_id, client_id) `

// errNobodys is why a code cannot be made.
var errNobodys = errors.New("the user or the application is gone, or the user is disabled")

// CreateCode implements storage.Codes.
func (s *Store) CreateCode(ctx context.Context, code storage.Code) error {
	if !storable(code.UserID) || !storable(code.ClientID) {
		return errors.InvalidAuthorizationCode.Because(errNobodys)
	}
	insert := insertCode + `VALUES (` + marks(0, 8) + `)`
	if code.UserID != "" {
		insert = insertCode + `SELECT ` + marks(0, 8) + ` FROM users WHERE users.id = $7 AND NOT users.disabled`
	}
	n, err := s.exec(ctx, insert, code.Kind, code.Hash, code.SessionID, blob(code.Payload), stamp(code.ExpiresAt), stamp(code.SpentAt),
		optional(code.UserID), optional(code.ClientID))
	if errors.Is(err, errForeignKey) || err == nil && n == 0 {
		return errors.InvalidAuthorizationCode.Because(errors.Join(errNobodys, err))
	}
	if err != nil {
		return fmt.Errorf("create code: %w", err)
	}
	return nil
}

// Code implements storage.Codes.
func (s *Store) Code(ctx context.Context, kind string, hash []byte) (storage.Code, error) {
	code := storage.Code{Kind: kind, Hash: hash}
	var expiresAt, spentAt stamp
	err := s.one(ctx, []any{&code.SessionID, &code.Payload, &expiresAt, &spentAt, null(&code.UserID), null(&code.ClientID)},
		`SELECT session_id, payload, expires_at, spent_at, user_id, client_id FROM codes WHERE kind = $1 AND hash = $2`, kind, hash)
	if errors.Is(err, sql.ErrNoRows) {
		return storage.Code{}, errors.InvalidAuthorizationCode
	}
	if err != nil {
		return storage.Code{}, fmt.Errorf("read code: %w", err)
	}
	code.ExpiresAt, code.SpentAt = time.Time(expiresAt), time.Time(spentAt)
	return code, nil
}

// DeleteCode implements storage.Codes.
func (s *Store) DeleteCode(ctx context.Context, kind string, hash []byte) error {
	if _, err := s.exec(ctx, `DELETE FROM codes WHERE kind = $1 AND hash = $2`, kind, hash); err != nil {
		return fmt.Errorf("delete code: %w", err)
	}
	return nil
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
