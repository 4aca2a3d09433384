package sqlstore

import (
	"context"
	"database/sql"
	"sync/atomic"

	"gatehouse/errors"
)

// groupSize is how many statements share a commit at most.
const groupSize = 64

// group is the writer of SQLite. It commits the statements of callers that
// wait at the same time together, for the disk is what they wait for: each is
// answered when all are on it. A statement that breaks a constraint fails alone.
type group struct {
	*sql.DB
	fault func(ctx context.Context, err error) error
	queue chan *write
	quit  chan struct{} // closed by Close
	over  chan struct{} // closed when run has returned
}

// write is a statement that waits for its group.
type write struct {
	query   string
	args    []any
	claimed atomic.Bool // by the group, or by a caller who waits no longer
	done    chan struct{}
	res     sql.Result
	err     error
}

func newGroup(db *sql.DB, fault func(ctx context.Context, err error) error) *group {
	g := &group{
		DB:    db,
		fault: fault,
		queue: make(chan *write),
		quit:  make(chan struct{}),
		over:  make(chan struct{}),
	}
	go g.run()
	return g
}

// Close closes the database once the last group is committed.
func (g *group) Close() error {
	close(g.quit)
	<-g.over
	return g.DB.Close()
}

// ExecContext runs a statement in a transaction that it may share.
func (g *group) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	w := &write{query: query, args: args, done: make(chan struct{})}
	select {
	case g.queue <- w:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-g.quit:
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
func (g *group) run() {
	defer close(g.over)
	for {
		select {
		case first := <-g.queue:
			g.commit(g.gather(first))
		case <-g.quit:
			return
		}
	}
}

// gather returns the statements that wait.
func (g *group) gather(first *write) []*write {
	gathered := []*write{first}
	for len(gathered) < groupSize {
		select {
		case next := <-g.queue:
			gathered = append(gathered, next)
		default:
			return gathered
		}
	}
	return gathered
}

// commit runs the statements and answers each. One alone needs no transaction.
// Callers that give up while another transaction holds the writer are left out.
func (g *group) commit(writes []*write) {
	ctx := context.Background() // no caller may interrupt the others
	if len(writes) == 1 {
		g.commitOne(ctx, writes[0])
		return
	}
	tx, err := g.BeginTx(ctx, nil)
	if err == nil {
		if err = g.runAll(ctx, tx, writes); err == nil {
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
func (g *group) commitOne(ctx context.Context, w *write) {
	defer close(w.done)
	db, err := g.Conn(ctx)
	if err != nil {
		w.err = err
		return
	}
	defer db.Close()
	if w.claimed.CompareAndSwap(false, true) {
		w.res, w.err = db.ExecContext(ctx, w.query, w.args...)
	}
}

// runAll runs the statements one after the other. It returns the error of one
// that may have undone those before it.
func (g *group) runAll(ctx context.Context, tx *sql.Tx, writes []*write) error {
	for _, w := range writes {
		if !w.claimed.CompareAndSwap(false, true) {
			continue
		}
		w.res, w.err = tx.ExecContext(ctx, w.query, w.args...)
		if w.err != nil && !harmless(g.fault(ctx, w.err)) {
			return w.err
		}
	}
	return nil
}

// harmless says whether a statement that failed left its transaction as it was.
func harmless(err error) bool {
	return errors.As(err, new(taken)) || errors.Is(err, errForeignKey)
}
