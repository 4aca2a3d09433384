package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"gatehouse/storage"
)

// Changes implements storage.Changes. Whoever has read a number has read all
// lines below it, for lines become visible in the order of their numbers.
func (s *Store) Changes(ctx context.Context, after int64, limit int) ([]storage.Change, error) {
	changes, err := s.changes(ctx, `SELECT seq, kind, key, kept_till FROM changes
		WHERE seq > $1 ORDER BY seq LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read changes: %w", err)
	}
	return changes, nil
}

// Announce implements storage.Changes. In a transaction the lines are appended
// just before the commit, so that the lock on their order is held briefly and
// always taken last.
func (s *Store) Announce(ctx context.Context, changes ...storage.Change) error {
	if t := s.tx(ctx); t != nil {
		t.changes = append(t.changes, changes...)
		return nil
	}
	if len(changes) > appendAtOnce {
		return s.InTx(ctx, func(ctx context.Context) error { return s.Announce(ctx, changes...) })
	}
	appended, err := s.append(ctx, changes)
	if err != nil {
		return err
	}
	s.tell(appended)
	return nil
}

// RevokeToken implements storage.Changes.
func (s *Store) RevokeToken(ctx context.Context, jti string, until time.Time) error {
	return s.Announce(ctx, storage.Change{Kind: storage.TokenRevoked, Key: jti, Until: until})
}

// Revoked implements storage.Changes.
func (s *Store) Revoked(ctx context.Context, sessionID, jti string) (bool, error) {
	var revoked bool
	err := s.one(ctx, []any{&revoked}, `SELECT
		EXISTS (SELECT 1 FROM sessions WHERE id = $1 AND ended_at IS NOT NULL)
		OR EXISTS (SELECT 1 FROM changes WHERE kind IN ('session', 'token')
			AND (key, kind) IN (($1, 'session'), ($2, 'token')))`,
		legible(sessionID), legible(jti))
	if err != nil {
		return false, fmt.Errorf("read revocations: %w", err)
	}
	return revoked, nil
}

// OnAnnounce implements storage.Changes.
func (s *Store) OnAnnounce(f func([]storage.Change)) { s.announce = f }

// appendAtOnce is how many changes one statement appends.
const appendAtOnce = 500

// append stores changes and returns them with their numbers: those that
// a revocation announced before has, where it did.
func (s *Store) append(ctx context.Context, changes []storage.Change) ([]storage.Change, error) {
	var appended []storage.Change
	for some := range slices.Chunk(distinct(changes), appendAtOnce) {
		args := make([]any, 0, 3*len(some))
		for _, c := range some {
			args = append(args, string(c.Kind), legible(c.Key), stamp(c.Until))
		}
		numbered, err := s.changes(ctx, `INSERT INTO changes (kind, key, kept_till) VALUES `+tuples(len(some), 3)+`
			ON CONFLICT (key, kind) WHERE kind IN ('session', 'token') DO UPDATE SET kept_till = changes.kept_till
			RETURNING seq, kind, key, kept_till`, args...)
		if err != nil {
			return nil, fmt.Errorf("announce changes: %w", err)
		}
		appended = append(appended, numbered...)
	}
	return appended, nil
}

// tell calls back whoever follows this process's own changes.
func (s *Store) tell(changes []storage.Change) {
	if len(changes) > 0 {
		s.announce(changes)
	}
}

func (s *Store) changes(ctx context.Context, query string, args ...any) ([]storage.Change, error) {
	var changes []storage.Change
	err := s.each(ctx, func(rows *sql.Rows) error {
		var change storage.Change
		var until stamp
		if err := rows.Scan(&change.Seq, &change.Kind, &change.Key, &until); err != nil {
			return err
		}
		change.Until = time.Time(until)
		changes = append(changes, change)
		return nil
	}, query, args...)
	return changes, err
}

// distinct drops changes that say the same of the same thing but the first: one
// statement cannot insert a revocation and find it.
func distinct(changes []storage.Change) []storage.Change {
	type about struct {
		kind storage.ChangeKind
		key  string
	}
	seen := make(map[about]bool, len(changes))
	return slices.DeleteFunc(slices.Clone(changes), func(c storage.Change) bool {
		key := about{c.Kind, c.Key}
		defer func() { seen[key] = true }()
		return seen[key]
	})
}
