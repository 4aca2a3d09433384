package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"gatehouse/storage"
)

// insertDeliveries adds deliveries for sessions that ended at $1, if their
// applications want to know: those that got an id token, which names the session.
// A delivery has the id of its session, which ends once.
const insertDeliveries = `INSERT INTO logout_deliveries (session_id, user_id, subject, client_id, uri, created_at, attempts, due_at)
	SELECT ended.id, ended.user_id, coalesce(ended.subject, ended.user_id), ended.client_id,
		applications.backchannel_logout_uri, $1, 0, $1
	FROM ended JOIN applications ON applications.client_id = ended.client_id
	WHERE applications.backchannel_logout_uri <> '' AND NOT applications.disabled
		AND (ended.browser_id IS NOT NULL OR ended.scopes LIKE '%"openid"%')`

// TakeDeliveries implements storage.Deliveries. What it takes is due again at
// until, so that it is not lost with who has taken it. The news for applications
// that are disabled or gone it drops.
func (s *Store) TakeDeliveries(ctx context.Context, now, until time.Time, limit int, except ...string) ([]storage.Delivery, error) {
	var taken []storage.Delivery
	var dropped [][]any
	others, args := "", []any{stamp(now), stamp(until), limit}
	if len(except) > 0 {
		clients := make([][]any, len(except))
		for i, id := range except {
			clients[i] = []any{legible(id)}
		}
		others, args = ` AND NOT client_id `+fmt.Sprintf(s.dialect.amongFew, 4), append(args, jsonRows(clients))
	}
	err := s.each(ctx, func(rows *sql.Rows) error {
		var d storage.Delivery
		var createdAt, dueAt stamp
		var wanted bool
		err := rows.Scan(&d.ID, &d.UserID, &d.Subject, &d.ClientID, &d.URI, &createdAt, &d.Attempts, &dueAt, &wanted)
		d.SessionID, d.CreatedAt, d.DueAt = d.ID, time.Time(createdAt), time.Time(dueAt)
		if wanted {
			taken = append(taken, d)
		} else {
			dropped = append(dropped, []any{d.ID})
		}
		return err
	}, `WITH due AS MATERIALIZED (
			SELECT session_id FROM logout_deliveries WHERE due_at <= $1`+others+` ORDER BY due_at LIMIT $3`+s.dialect.skip+`)
		UPDATE logout_deliveries SET due_at = $2 WHERE session_id IN (SELECT session_id FROM due)
		RETURNING session_id, user_id, subject, client_id, uri, created_at, attempts, due_at,
			EXISTS (SELECT 1 FROM applications WHERE applications.client_id = logout_deliveries.client_id AND NOT applications.disabled)`,
		args...)
	if err == nil && len(dropped) > 0 {
		_, err = s.exec(ctx, `DELETE FROM logout_deliveries WHERE session_id `+fmt.Sprintf(s.dialect.amongFew, 1), jsonRows(dropped))
	}
	if err != nil {
		return nil, fmt.Errorf("take logout deliveries: %w", err)
	}
	slices.SortFunc(taken, func(a, b storage.Delivery) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return taken, nil
}

// EndDelivery implements storage.Deliveries.
func (s *Store) EndDelivery(ctx context.Context, id string) error {
	if _, err := s.exec(ctx, `DELETE FROM logout_deliveries WHERE session_id = $1`, legible(id)); err != nil {
		return fmt.Errorf("end logout delivery: %w", err)
	}
	return nil
}

// RetryDelivery implements storage.Deliveries.
func (s *Store) RetryDelivery(ctx context.Context, id string, at time.Time) error {
	_, err := s.exec(ctx, `UPDATE logout_deliveries SET attempts = attempts + 1, due_at = $2 WHERE session_id = $1`,
		legible(id), stamp(at))
	if err != nil {
		return fmt.Errorf("retry logout delivery: %w", err)
	}
	return nil
}
