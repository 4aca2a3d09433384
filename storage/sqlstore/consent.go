package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

// Consent implements storage.Consents.
func (s *Store) Consent(ctx context.Context, userID, applicationID string) ([]string, error) {
	var scopes []string
	err := s.each(ctx, func(rows *sql.Rows) error {
		var scope string
		err := rows.Scan(&scope)
		scopes = append(scopes, scope)
		return err
	}, `SELECT scope FROM consents WHERE user_id = $1 AND application_id = $2 ORDER BY scope`,
		legible(userID), legible(applicationID))
	if err != nil {
		return nil, fmt.Errorf("read consent: %w", err)
	}
	return scopes, nil
}

// AddConsent implements storage.Consents. The rows are in order, so that two
// statements cannot wait for each other.
func (s *Store) AddConsent(ctx context.Context, userID string, app identity.Application, scopes []string, at time.Time) error {
	const width = 4
	scopes = slices.Compact(slices.Sorted(slices.Values(scopes)))
	if len(scopes) == 0 {
		return nil
	}
	args := make([]any, 0, width*len(scopes))
	for _, scope := range scopes {
		args = append(args, legible(userID), legible(app.ID), legible(scope), stamp(at))
	}
	err := s.InTx(ctx, func(ctx context.Context) error {
		if err := s.unchanged(ctx, app); err != nil {
			return err
		}
		_, err := s.exec(ctx, `INSERT INTO consents (user_id, application_id, scope, granted_at) VALUES `+tuples(len(scopes), width)+`
			ON CONFLICT (user_id, application_id, scope) DO NOTHING`, args...)
		return err
	})
	if errors.Is(err, errForeignKey) {
		err = unavailable(err)
	}
	if err != nil {
		return fmt.Errorf("add consent: %w", err)
	}
	return nil
}

// unchanged returns errors.StaleVersion unless the application has the version still,
// which it keeps until the transaction ends.
func (s *Store) unchanged(ctx context.Context, app identity.Application) error {
	var version int64
	err := s.one(ctx, []any{&version}, `SELECT version FROM applications WHERE id = $1`+strings.TrimSuffix(s.dialect.share, " OF users"), legible(app.ID))
	if errors.Is(err, sql.ErrNoRows) || err == nil && version != app.Version {
		return errors.StaleVersion
	}
	return err
}

// DropConsents implements storage.Consents.
func (s *Store) DropConsents(ctx context.Context, applicationID string) error {
	if _, err := s.exec(ctx, `DELETE FROM consents WHERE application_id = $1`, legible(applicationID)); err != nil {
		return fmt.Errorf("drop consents: %w", err)
	}
	return nil
}

// ConsentsOfUser implements storage.Consents.
func (s *Store) ConsentsOfUser(ctx context.Context, userID string) ([]storage.Consent, error) {
	var consents []storage.Consent
	err := s.each(ctx, func(rows *sql.Rows) error {
		one := storage.Consent{UserID: userID}
		var scope string
		var grantedAt stamp
		if err := rows.Scan(&one.ApplicationID, &one.ClientID, &scope, &grantedAt); err != nil {
			return err
		}
		if n := len(consents); n == 0 || consents[n-1].ApplicationID != one.ApplicationID {
			one.GrantedAt, one.UpdatedAt = time.Time(grantedAt), time.Time(grantedAt)
			consents = append(consents, one)
		}
		last := &consents[len(consents)-1]
		last.Scopes = append(last.Scopes, scope)
		if t := time.Time(grantedAt); t.Before(last.GrantedAt) {
			last.GrantedAt = t
		} else if t.After(last.UpdatedAt) {
			last.UpdatedAt = t
		}
		return nil
	}, `SELECT consents.application_id, applications.client_id, consents.scope, consents.granted_at
		FROM consents JOIN applications ON applications.id = consents.application_id
		WHERE consents.user_id = $1 ORDER BY consents.application_id, consents.scope`, legible(userID))
	if err != nil {
		return nil, fmt.Errorf("list consents: %w", err)
	}
	slices.SortStableFunc(consents, func(a, b storage.Consent) int {
		return cmp.Or(a.GrantedAt.Compare(b.GrantedAt), cmp.Compare(a.ApplicationID, b.ApplicationID))
	})
	return consents, nil
}

// WithdrawConsent implements storage.Consents. Codes go before the sessions end:
// whoever redeems one meanwhile has stored the session by then, or never will.
func (s *Store) WithdrawConsent(ctx context.Context, userID, applicationID string, at, until time.Time) (bool, error) {
	if !storable(userID) || !storable(applicationID) {
		return false, nil
	}
	const client = `(SELECT client_id FROM applications WHERE applications.id = `
	withdrawn := false
	err := s.InTx(ctx, func(ctx context.Context) error {
		n, err := s.exec(ctx, `DELETE FROM consents WHERE user_id = $1 AND application_id = $2`, userID, applicationID)
		if err != nil || n == 0 {
			return err
		}
		withdrawn = true
		_, err = s.exec(ctx, `DELETE FROM codes WHERE user_id = $1 AND client_id = `+client+`$2) AND spent_at IS NULL`, userID, applicationID)
		if err != nil {
			return err
		}
		_, err = s.end(ctx, at, until, `user_id = $2 AND client_id = `+client+`$3)`, userID, applicationID)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("withdraw consent: %w", err)
	}
	return withdrawn, nil
}
