package sqlstore

import (
	"context"
	"database/sql"
	"strings"
	"sync/atomic"

	gosqlite "github.com/glebarez/go-sqlite"

	"gatehouse/errors"
)

// commitSize is how many statements share a commit at most.
const commitSize = 64

// committer is the writer of SQLite. It commits the statements of callers that
// wait at the same time together, for the disk is what they wait for: each is
// answered when all are on it. A statement that breaks a constraint fails alone.
type committer struct {
	*sql.DB
	queue chan *write
	quit  chan struct{} // closed by Close
	over  chan struct{} // closed when run has returned
}

// write is a statement that waits for its group.
type write struct {
	query   string
	args    []any
	claimed atomic.Bool // by the committer, or by a caller who waits no longer
	done    chan struct{}
	res     sql.Result
	err     error
}

func newCommitter(db *sql.DB) *committer {
	c := &committer{
		DB:    db,
		queue: make(chan *write),
		quit:  make(chan struct{}),
		over:  make(chan struct{}),
	}
	go c.run()
	return c
}

// Close closes the database once the last group is committed.
func (c *committer) Close() error {
	close(c.quit)
	<-c.over
	return c.DB.Close()
}

// ExecContext runs a statement in a transaction that it may share.
func (c *committer) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	w := &write{query: query, args: args, done: make(chan struct{})}
	select {
	case c.queue <- w:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.quit:
		return nil, sql.ErrConnDone
	}
	select {
	case <-w.done:
	case <-ctx.Done():
		if w.claimed.CompareAndSwap(false, true) {
			return nil, ctx.Err()
		}
		<-w.done
	}
	return w.res, w.err
}

// run commits group after group.
func (c *committer) run() {
	defer close(c.over)
	for {
		select {
		case first := <-c.queue:
			c.commit(c.gather(first))
		case <-c.quit:
			return
		}
	}
}

// gather returns the statements that wait.
func (c *committer) gather(first *write) []*write {
	gathered := []*write{first}
	for len(gathered) < commitSize {
		select {
		case next := <-c.queue:
			gathered = append(gathered, next)
		default:
			return gathered
		}
	}
	return gathered
}

// commit runs the statements and answers each. One alone needs no transaction.
// Callers that give up while another transaction holds the writer are left out.
func (c *committer) commit(writes []*write) {
	ctx := context.Background() // no caller may interrupt the others
	if len(writes) == 1 {
		c.commitOne(ctx, writes[0])
		return
	}
	tx, err := c.BeginTx(ctx, nil)
	if err == nil {
		if err = c.runAll(ctx, tx, writes); err == nil {
			err = tx.Commit()
		} else {
			err = errors.Join(err, tx.Rollback())
		}
	}
	for _, w := range writes {
		if w.err == nil {
			w.err = err
		}
		close(w.done)
	}
}

// commitOne runs a statement by itself.
func (c *committer) commitOne(ctx context.Context, w *write) {
	defer close(w.done)
	db, err := c.Conn(ctx)
	if err != nil {
		w.err = err
		return
	}
	defer db.Close()
	if w.claimed.CompareAndSwap(false, true) {
		w.run(ctx, db)
	}
}

// then separates statements that are one write: all of them or none.
const then = ";\n"

// execer is a connection, or a transaction on it.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// run runs the statement, or its several in a transaction within the one there is.
func (w *write) run(ctx context.Context, on execer) {
	if !strings.Contains(w.query, then) {
		w.res, w.err = on.ExecContext(ctx, w.query, w.args...)
		return
	}
	if _, w.err = on.ExecContext(ctx, "SAVEPOINT write"); w.err != nil {
		return
	}
	if w.res, w.err = on.ExecContext(ctx, w.query, w.args...); w.err != nil {
		if _, err := on.ExecContext(ctx, "ROLLBACK TO write"); err != nil {
			w.err = errors.Join(w.err, err)
		}
	}
	if _, err := on.ExecContext(ctx, "RELEASE write"); err != nil {
		w.err = errors.Join(w.err, err)
	}
}

// runAll runs the statements one after the other. It returns the error of one
// that may have undone those before it.
func (c *committer) runAll(ctx context.Context, tx *sql.Tx, writes []*write) error {
	for _, w := range writes {
		if !w.claimed.CompareAndSwap(false, true) {
			continue
		}
		w.run(ctx, tx)
		if w.err != nil && !harmless(w.err) {
			return w.err
		}
	}
	return nil
}

// harmless says whether a statement that failed left its transaction as it was.
func harmless(err error) bool {
	var fault *gosqlite.Error
	return errors.As(err, &fault) && fault.Code()&0xff == sqliteConstraint
}
