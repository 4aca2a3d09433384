package sqlstore

import (
	"context"
	"database/sql"

	"gatehouse/storage"
)

// tx is a transaction that a context carries.
type tx struct {
	*conn
	raw     *sql.Tx
	changes []storage.Change // announced, to be appended before the commit
	ranks   ranks            // to be applied before that
	failed  error            // a statement or a nested InTx failed: it cannot commit
}

// txKey finds the transaction on one store in a context.
type txKey struct{ *Store }

func (s *Store) tx(ctx context.Context) *tx {
	t, _ := ctx.Value(txKey{s}).(*tx)
	return t
}

func (s *Store) conn(ctx context.Context) *conn {
	if t := s.tx(ctx); t != nil {
		return t.conn
	}
	return s.pool
}

// InTx implements storage.Store. Called with the context of a transaction, it
// takes part in that one. Once a part has failed the whole fails, even if
// f forgives it: on PostgreSQL nothing else would be possible. It must not
// outlast f, and f must not use the store without its context: SQLite has one
// writer.
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	if t := s.tx(ctx); t != nil {
		return t.fail(f(ctx))
	}
	t, err := s.begin(ctx)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // f panicked, or it failed
			t.rollback(ctx)
		}
	}()
	inside := context.WithValue(ctx, txKey{s}, t)
	if err := t.fail(f(inside)); err != nil {
		return err
	}
	if t.failed != nil {
		return t.failed
	}
	if err := s.applyRanks(inside, &t.ranks); err != nil {
		return err
	}
	changes, err := s.append(inside, t.changes)
	if err != nil {
		return err
	}
	done = true
	if err := t.run(ctx, Control, "", t.raw.Commit); err != nil {
		return err
	}
	s.tell(changes)
	return nil
}

func (s *Store) begin(ctx context.Context) (*tx, error) {
	inside, raw, err := s.pool.begin(ctx)
	if err != nil {
		return nil, err
	}
	t := &tx{conn: inside, raw: raw}
	fault := inside.fault
	inside.fault = func(ctx context.Context, err error) error { return t.fail(fault(ctx, err)) }
	return t, nil
}

// fail remembers the first error of a transaction and returns err.
func (t *tx) fail(err error) error {
	if err != nil && t.failed == nil {
		t.failed = err
	}
	return err
}

func (t *tx) rollback(ctx context.Context) {
	// What it returns says nothing that the reason for it has not said.
	_ = t.run(ctx, Control, "", t.raw.Rollback)
}
