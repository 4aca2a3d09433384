package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gatehouse/storage"
)

// mostRefusals is how many records of one request id are returned.
const mostRefusals = 20

// AddRefusals implements storage.Refusals.
func (s *Store) AddRefusals(ctx context.Context, refusals []storage.Refusal) error {
	const width = 5
	if len(refusals) == 0 {
		return nil
	}
	args := make([]any, 0, width*len(refusals))
	for _, r := range refusals {
		args = append(args, brief(r.RequestID), r.ID, stamp(r.At), r.Record, stamp(r.ExpiresAt))
	}
	_, err := s.exec(ctx, `INSERT INTO refusals (request_id, id, at, record, expires_at) VALUES `+tuples(len(refusals), width), args...)
	if err != nil {
		return fmt.Errorf("add refusals: %w", err)
	}
	return nil
}

// DeleteRefusals implements storage.Refusals.
func (s *Store) DeleteRefusals(ctx context.Context, refusals []storage.Refusal) error {
	const width = 2
	if len(refusals) == 0 {
		return nil
	}
	args := make([]any, 0, width*len(refusals))
	for _, r := range refusals {
		args = append(args, brief(r.RequestID), r.ID)
	}
	_, err := s.exec(ctx, `DELETE FROM refusals WHERE (request_id, id) IN (VALUES `+tuples(len(refusals), width)+`)`, args...)
	if err != nil {
		return fmt.Errorf("delete refusals: %w", err)
	}
	return nil
}

// Refusals implements storage.Refusals.
func (s *Store) Refusals(ctx context.Context, requestID string) ([]storage.Refusal, error) {
	var refusals []storage.Refusal
	err := s.each(ctx, func(rows *sql.Rows) error {
		var r storage.Refusal
		var at, expiresAt stamp
		err := rows.Scan(&r.RequestID, &r.ID, &at, &r.Record, &expiresAt)
		r.At, r.ExpiresAt = time.Time(at), time.Time(expiresAt)
		refusals = append(refusals, r)
		return err
	}, `SELECT request_id, id, at, record, expires_at FROM refusals WHERE request_id = $1
		ORDER BY id DESC LIMIT $2`, brief(requestID), mostRefusals)
	if err != nil {
		return nil, fmt.Errorf("read refusals: %w", err)
	}
	return refusals, nil
}
