package sqlstore

import (
	"context"
	"database/sql"
	"strings"
	"time"
)

// conn is what every statement goes through, GORM's as well: the connections of
// a database, or one transaction on it.
type conn struct {
	db      *sql.DB // begins transactions
	writer  runner
	reader  runner                                     // takes what begins with SELECT
	bind    func(args []any) []any                     // makes arguments what the driver takes; nil: they are
	fault   func(ctx context.Context, err error) error // gives errors of the driver their meaning
	observe func(ctx context.Context, s Statement)
	close   func() error // of the connections
}

// runner is a *sql.DB, a *sql.Tx or a *committer.
type runner interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// ExecContext implements gorm.ConnPool.
func (c *conn) ExecContext(ctx context.Context, query string, args ...any) (res sql.Result, err error) {
	err = c.run(ctx, Write, query, func() (err error) {
		res, err = c.writer.ExecContext(ctx, query, c.args(args)...)
		return err
	})
	return res, err
}

// QueryContext implements gorm.ConnPool.
func (c *conn) QueryContext(ctx context.Context, query string, args ...any) (rows *sql.Rows, err error) {
	kind, on := Write, c.writer
	if strings.HasPrefix(query, "SELECT") {
		kind, on = Read, c.reader
	}
	err = c.run(ctx, kind, query, func() (err error) {
		rows, err = on.QueryContext(ctx, query, c.args(args)...) //nolint:sqlclosecheck // the caller closes them
		return err
	})
	return rows, err
}

// QueryRowContext implements gorm.ConnPool. GORM calls it while it opens, and
// never with a statement of ours.
func (c *conn) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return c.writer.QueryRowContext(ctx, query, args...)
}

// PrepareContext implements gorm.ConnPool. GORM calls it for prepared
// statements alone, which are off.
func (c *conn) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return c.writer.PrepareContext(ctx, query)
}

func (c *conn) args(args []any) []any {
	if c.bind == nil {
		return args
	}
	return c.bind(args)
}

// run runs a statement, reports it, and gives its error a meaning.
func (c *conn) run(ctx context.Context, kind StatementKind, query string, f func() error) error {
	start := time.Now()
	err := f()
	if err != nil {
		err = c.fault(ctx, err)
	}
	c.observe(ctx, Statement{Kind: kind, SQL: query, Duration: time.Since(start), Err: err})
	return err
}

// begin starts a transaction. It holds the one writer of SQLite until it ends.
func (c *conn) begin(ctx context.Context) (*conn, *sql.Tx, error) {
	var tx *sql.Tx
	err := c.run(ctx, Control, "", func() (err error) {
		tx, err = c.db.BeginTx(ctx, nil)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	inside := *c
	inside.writer, inside.reader = tx, tx
	return &inside, tx, nil
}
