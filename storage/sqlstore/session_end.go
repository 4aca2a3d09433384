package sqlstore

import (
	"context"
	"fmt"
	"time"

	"gatehouse/storage"
)

// EndSession implements storage.Sessions.
func (s *Store) EndSession(ctx context.Context, id string, at, until time.Time) (bool, error) {
	if !storable(id) {
		return false, nil
	}
	ended, err := s.end(ctx, at, until, `id = $2`, id)
	if err != nil {
		return false, fmt.Errorf("end session: %w", err)
	}
	return len(ended) == 1, nil
}

// EndUserSessions implements storage.Sessions.
func (s *Store) EndUserSessions(ctx context.Context, userID, except string, at, until time.Time) error {
	if !storable(userID) || !storable(except) {
		return nil
	}
	if _, err := s.end(ctx, at, until, `user_id = $2 AND id <> $3`, userID, except); err != nil {
		return fmt.Errorf("end sessions of user: %w", err)
	}
	return nil
}

// end ends the sessions that the condition finds and that have not ended, has
// their applications told, and announces each. The arguments of the condition
// begin with the second.
func (s *Store) end(ctx context.Context, at, until time.Time, condition string, args ...any) (ended []storage.Session, err error) {
	err = s.InTx(ctx, func(ctx context.Context) error {
		if ended, err = s.endAndDeliver(ctx, at, condition, args); err != nil {
			return err
		}
		changes := make([]storage.Change, len(ended))
		for i, session := range ended {
			changes[i] = storage.Change{Kind: storage.SessionEnded, Key: session.ID, Until: until}
		}
		return s.Announce(ctx, changes...)
	})
	return ended, err
}

// endAndDeliver is what end does in one statement, or in two where one cannot
// hold both and a round trip is a function call.
func (s *Store) endAndDeliver(ctx context.Context, at time.Time, condition string, args []any) ([]storage.Session, error) {
	args = append([]any{stamp(at)}, args...)
	update := `UPDATE sessions SET ended_at = $1 WHERE ` + condition + ` AND ended_at IS NULL RETURNING ` + sessionColumns
	if s.dialect.writesInWith {
		return s.sessions(ctx, `WITH ended AS (`+update+`), told AS (`+insertDeliveries+`) SELECT `+sessionColumns+` FROM ended`, args...)
	}
	ended, err := s.sessions(ctx, update, args...)
	if err != nil || len(ended) == 0 {
		return nil, err
	}
	ids := make([][]any, len(ended))
	for i, session := range ended {
		ids[i] = []any{session.ID}
	}
	among := ` AND ended.id ` + fmt.Sprintf(s.dialect.amongFew, 2)
	_, err = s.exec(ctx, `WITH ended AS (SELECT * FROM sessions) `+insertDeliveries+among, stamp(at), jsonRows(ids))
	return ended, err
}
