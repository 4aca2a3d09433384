package sqlstore

import (
	"context"
	"fmt"
	"time"

	"gatehouse/errors"
	"gatehouse/storage"
)

// Redeem implements storage.Codes.
func (s *Store) Redeem(ctx context.Context, kind string, hash []byte, session storage.Session, at time.Time) (bool, error) {
	if !storable(session.UserID) {
		session.UserID = "" // which nobody has
	}
	redeem := s.redeemTwice
	if s.dialect.writesInWith {
		redeem = s.redeemOnce
	}
	spent, stored, err := redeem(ctx, kind, hash, session, at)
	switch {
	case err != nil:
		return false, fmt.Errorf("redeem code: %w", err)
	case spent && !stored:
		return false, errors.InvalidAuthorizationCode.Because(errSignedOut)
	}
	return spent, nil
}

// redeemOnce is one statement. It locks the user before the code, as one who
// deletes the user does.
func (s *Store) redeemOnce(ctx context.Context, kind string, hash []byte, session storage.Session, at time.Time) (spent, stored bool, err error) {
	from, args := s.dialect.allowing(session, sessionValues(session))
	n := len(args)
	err = s.one(ctx, []any{&spent, &stored}, fmt.Sprintf(`WITH allowed AS MATERIALIZED (SELECT users.id%s),
		spent AS (UPDATE codes SET session_id = $1, spent_at = $%d
			WHERE (SELECT count(*) FROM allowed) >= 0 AND kind = $%d AND hash = $%d AND spent_at IS NULL RETURNING kind),
		stored AS (%sSELECT %s FROM spent, allowed RETURNING id)
		SELECT EXISTS (SELECT 1 FROM spent), EXISTS (SELECT 1 FROM stored)`,
		from, n+1, n+2, n+3, insertSession, marks(0, sessionWidth)), append(args, stamp(at), kind, hash)...)
	return spent, stored, err
}

// redeemTwice is two statements, for where a round trip is a function call.
func (s *Store) redeemTwice(ctx context.Context, kind string, hash []byte, session storage.Session, at time.Time) (spent, stored bool, err error) {
	err = s.InTx(ctx, func(ctx context.Context) error {
		if spent, err = s.SpendCode(ctx, kind, hash, session.ID, at); err != nil || !spent {
			return err
		}
		from, args := s.dialect.allowing(session, sessionValues(session))
		n, err := s.exec(ctx, insertSession+"SELECT "+marks(0, sessionWidth)+from, args...)
		stored = n == 1
		return err
	})
	return spent, stored, err
}
