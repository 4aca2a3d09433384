package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gatehouse/storage"
)

// EndSession implements storage.Sessions.
func (s *Store) EndSession(ctx context.Context, id string, at, until time.Time) (bool, error) {
	if !storable(id) {
		return false, nil
	}
	n, err := s.end(ctx, until, `UPDATE sessions SET ended_at = $1
		WHERE id = $2 AND ended_at IS NULL RETURNING id`, stamp(at), id)
	if err != nil {
		return false, fmt.Errorf("end session: %w", err)
	}
	return n == 1, nil
}

// EndUserSessions implements storage.Sessions.
func (s *Store) EndUserSessions(ctx context.Context, userID, except string, at, until time.Time) error {
	if !storable(userID) || !storable(except) {
		return nil
	}
	_, err := s.end(ctx, until, `UPDATE sessions SET ended_at = $1
		WHERE user_id = $2 AND id <> $3 AND ended_at IS NULL RETURNING id`, stamp(at), userID, except)
	if err != nil {
		return fmt.Errorf("end sessions of user: %w", err)
	}
	return nil
}

// end ends the sessions that the statement returns, and announces each.
func (s *Store) end(ctx context.Context, until time.Time, update string, args ...any) (int, error) {
	var ended []storage.Change
	err := s.InTx(ctx, func(ctx context.Context) error {
		err := s.each(ctx, func(rows *sql.Rows) error {
			change := storage.Change{Kind: storage.SessionEnded, Until: until}
			if err := rows.Scan(&change.Key); err != nil {
				return err
			}
			ended = append(ended, change)
			return nil
		}, update, args...)
		if err != nil {
			return err
		}
		return s.Announce(ctx, ended...)
	})
	return len(ended), err
}
