package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"gatehouse/errors"
	"gatehouse/storage"
)

var _ storage.Backups = (*Store)(nil)

// Snapshot implements storage.Backups. Readers of SQLite see the moment of their
// first statement, as PostgreSQL's do who read repeatably.
func (s *Store) Snapshot(ctx context.Context, f func(ctx context.Context) error) error {
	db, ok := s.pool.reader.(*sql.DB)
	if !ok || s.tx(ctx) != nil {
		return errors.New("a snapshot is taken inside of a transaction")
	}
	level := sql.LevelDefault
	if s.dialect.repeatable {
		level = sql.LevelRepeatableRead
	}
	var raw *sql.Tx
	err := s.pool.run(ctx, Control, "", func() (err error) {
		raw, err = db.BeginTx(ctx, &sql.TxOptions{Isolation: level, ReadOnly: true})
		return err
	})
	if err != nil {
		return fmt.Errorf("begin a snapshot: %w", err)
	}
	inside := *s.pool
	inside.writer, inside.reader = raw, raw
	t := &tx{conn: &inside, raw: raw}
	defer t.rollback(ctx) // there is nothing to commit
	return f(context.WithValue(ctx, txKey{s}, t))
}

// Counts implements storage.Backups.
func (s *Store) Counts(ctx context.Context) (c storage.Counts, err error) {
	err = s.one(ctx, []any{&c.Products, &c.Groups, &c.Users, &c.Subjects, &c.Applications, &c.Consents, &c.Keys}, `SELECT
		(SELECT count(*) FROM products), (SELECT count(*) FROM groups), (SELECT count(*) FROM users),
		(SELECT count(*) FROM pairwise_subjects), (SELECT count(*) FROM applications), (SELECT count(*) FROM consents),
		(SELECT count(*) FROM signing_keys)`)
	if err != nil {
		return c, fmt.Errorf("count: %w", err)
	}
	return c, nil
}

// Clear implements storage.Backups.
func (s *Store) Clear(ctx context.Context) (bool, error) {
	if s.dialect.lockKeys != "" {
		if _, err := s.exec(ctx, s.dialect.lockKeys); err != nil {
			return false, fmt.Errorf("lock signing keys: %w", err)
		}
	}
	var content bool
	err := s.one(ctx, []any{&content}, `SELECT EXISTS (SELECT 1 FROM users)
		OR EXISTS (SELECT 1 FROM groups WHERE NOT built_in) OR EXISTS (SELECT 1 FROM products WHERE NOT built_in)
		OR EXISTS (SELECT 1 FROM applications WHERE NOT built_in)`)
	if err != nil {
		return false, fmt.Errorf("look for content: %w", err)
	}
	if content {
		return false, nil
	}
	for _, table := range []string{"applications", "groups", "products", "signing_keys", "ranks", "user_terms"} {
		if _, err := s.exec(ctx, `DELETE FROM `+table); err != nil {
			return false, fmt.Errorf("clear %s: %w", table, err)
		}
	}
	return true, nil
}

// Settle implements storage.Backups.
func (s *Store) Settle(ctx context.Context) error {
	t := s.tx(ctx)
	if t == nil {
		return errors.New("there is no transaction to settle")
	}
	if err := s.applyRanks(ctx, &t.ranks); err != nil {
		return err
	}
	t.ranks = ranks{}
	if err := s.Analyze(ctx); err != nil {
		return err
	}
	if s.dialect.patience == "" {
		return nil
	}
	_, err := s.exec(ctx, s.dialect.patience)
	return err
}
