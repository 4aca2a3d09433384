package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

// copiedAtOnce is how many rows one statement copies.
const copiedAtOnce = 500

// PairwiseSubjectsAfter implements storage.Backups.
func (s *Store) PairwiseSubjectsAfter(ctx context.Context, after storage.PairwiseSubject, limit int) ([]storage.PairwiseSubject, error) {
	var subjects []storage.PairwiseSubject
	err := s.each(ctx, func(rows *sql.Rows) error {
		var one storage.PairwiseSubject
		err := rows.Scan(&one.UserID, &one.Sector, &one.Subject)
		subjects = append(subjects, one)
		return err
	}, `SELECT user_id, sector, subject FROM pairwise_subjects WHERE subject > $1 ORDER BY subject LIMIT $2`, after.Subject, limit)
	if err != nil {
		return nil, fmt.Errorf("read pairwise subjects: %w", err)
	}
	return subjects, nil
}

// CreatePairwiseSubjects implements storage.Backups.
func (s *Store) CreatePairwiseSubjects(ctx context.Context, subjects []storage.PairwiseSubject) error {
	return copyRows(ctx, s, `pairwise_subjects (user_id, sector, subject)`, subjects, func(one storage.PairwiseSubject) []any {
		return []any{legible(one.UserID), legible(one.Sector), legible(one.Subject)}
	})
}

// ConsentedScopesAfter implements storage.Backups.
func (s *Store) ConsentedScopesAfter(ctx context.Context, after storage.ConsentedScope, limit int) ([]storage.ConsentedScope, error) {
	var scopes []storage.ConsentedScope
	err := s.each(ctx, func(rows *sql.Rows) error {
		var one storage.ConsentedScope
		var grantedAt stamp
		err := rows.Scan(&one.UserID, &one.ApplicationID, &one.Scope, &grantedAt)
		one.GrantedAt = time.Time(grantedAt)
		scopes = append(scopes, one)
		return err
	}, `SELECT user_id, application_id, scope, granted_at FROM consents
		WHERE (user_id, application_id, scope) > ($1, $2, $3) ORDER BY user_id, application_id, scope LIMIT $4`,
		after.UserID, after.ApplicationID, after.Scope, limit)
	if err != nil {
		return nil, fmt.Errorf("read consents: %w", err)
	}
	return scopes, nil
}

// CreateConsentedScopes implements storage.Backups.
func (s *Store) CreateConsentedScopes(ctx context.Context, scopes []storage.ConsentedScope) error {
	return copyRows(ctx, s, `consents (user_id, application_id, scope, granted_at)`, scopes, func(one storage.ConsentedScope) []any {
		return []any{legible(one.UserID), legible(one.ApplicationID), legible(one.Scope), stamp(one.GrantedAt)}
	})
}

// copyRows inserts rows into a table with columns, some at once. Everything that they
// refer to has to be there.
func copyRows[T any](ctx context.Context, s *Store, into string, rows []T, values func(T) []any) error {
	for some := range slices.Chunk(rows, copiedAtOnce) {
		var args []any
		for _, row := range some {
			args = append(args, values(row)...)
		}
		_, err := s.exec(ctx, `INSERT INTO `+into+` VALUES `+tuples(len(some), len(args)/len(some)), args...)
		if errors.Is(err, errForeignKey) {
			err = unavailable(err)
		}
		if err != nil {
			return fmt.Errorf("copy to %s: %w", into, err)
		}
	}
	return nil
}
