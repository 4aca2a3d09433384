package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"gatehouse/errors"
)

// PairwiseSubject implements storage.Subjects.
func (s *Store) PairwiseSubject(ctx context.Context, userID, sector, fresh string) (string, error) {
	const read = `SELECT subject FROM pairwise_subjects WHERE user_id = $1 AND sector = $2`
	var subject string
	err := s.one(ctx, []any{&subject}, read, legible(userID), legible(sector))
	if errors.Is(err, sql.ErrNoRows) {
		_, err = s.exec(ctx, `INSERT INTO pairwise_subjects (user_id, sector, subject) VALUES ($1, $2, $3) ON CONFLICT (user_id, sector) DO NOTHING`,
			legible(userID), legible(sector), fresh)
		if err == nil { // somebody else's, if they were faster
			err = s.one(ctx, []any{&subject}, read, legible(userID), legible(sector))
		}
	}
	switch {
	case errors.Is(err, errForeignKey), errors.Is(err, sql.ErrNoRows):
		return "", errors.UserNotFound
	case err != nil:
		return "", fmt.Errorf("read pairwise subject: %w", err)
	}
	return subject, nil
}

// UserOfSubject implements storage.Subjects.
func (s *Store) UserOfSubject(ctx context.Context, subject string) (string, error) {
	var userID string
	err := s.one(ctx, []any{&userID}, `SELECT user_id FROM pairwise_subjects WHERE subject = $1`, legible(subject))
	if errors.Is(err, sql.ErrNoRows) {
		return "", errors.UserNotFound
	}
	if err != nil {
		return "", fmt.Errorf("find user of a pairwise subject: %w", err)
	}
	return userID, nil
}
