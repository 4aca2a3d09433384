package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/pressly/goose/v3"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/storage"
)

var (
	_ storage.Store  = (*Store)(nil)
	_ identity.Store = (*Store)(nil)
)

// Store implements storage.Store and identity.Store.
type Store struct {
	dialect  dialect
	log      *slog.Logger
	pool     *conn
	gorm     *gorm.DB
	listen   func(ctx context.Context, wake func()) error // nil: the database cannot tell
	announce func([]storage.Change)
	block    int // see rankBlock

	sweeping sync.Mutex
	cursor   cursor
}

// dialect is what the two databases are to each other.
type dialect struct {
	name         string
	goose        goose.Dialect
	migrations   string                                                // folder
	alone        func(ctx context.Context, migrate func() error) error // keeps other nodes from migrating
	array        string                                                // aggregates values to a JSON array
	set          string                                                // aggregates values to what can be told apart from others quickly
	setArray     string                                                // a JSON array of such an aggregate, which is %s
	counts       string                                                // makes rows of counters of the JSON object $1, expiring at $2
	lockKeys     string                                                // keeps others from writing signing keys until the commit; "" where nobody could
	useProducts  string                                                // keeps others from registering or deleting products until the commit; "" where nobody could
	lockProducts string                                                // useProducts for one who will do so, which keeps them from using products, too
	share        string                                                // ends a SELECT that keeps others from changing its rows until the commit; "" where nobody could
	shareAccount string                                                // follows share where rows of browser_accounts are not to be deleted until the commit; "" where nobody could
	skip         string                                                // ends a SELECT of rows that will be changed: those that others are changing are passed over; "" where nobody could
	lockRanks    string                                                // keeps others from writing ranks until the commit; "" where nobody could
	patience     string                                                // lets the transaction that holds the lock on ranks take its time; "" where none is ended for that
	grown        string                                                // finds tables of identities that are twice as large as when they were last analyzed; "" where none has to be
	repeatable   bool                                                  // a transaction sees one moment only if it asks for that
	hold         string                                                // share for one who will change the rows, but no key that others refer to
	elements     string                                                // makes rows of one "value" each of the JSON array that is argument %d
	amongFew     string                                                // compares with the elements of argument %d, expecting it to find few rows
	termUser     string                                                // the user's id in the entry of a term, which is %[1]s
	keep         string                                                // share for one whose rows will refer to the rows: nobody deletes them
	writesInWith bool                                                  // WITH may hold statements that write
}

// Open connects to a database. It changes nothing there: see Migrate.
func Open(ctx context.Context, config Config) (*Store, error) {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Observe == nil {
		config.Observe = func(context.Context, Statement) {}
	}
	scheme, rest, _ := strings.Cut(config.DSN, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, rest, config)
	case "postgres", "postgresql":
		return openPostgres(ctx, config)
	default:
		return nil, errors.New(`a database address begins with "sqlite:" or "postgres://"`)
	}
}

func newStore(d dialect, dialector gorm.Dialector, pool *conn, config Config) (*Store, error) {
	db, err := gorm.Open(dialector, &gorm.Config{
		ConnPool:               pool,
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", d.name, err), pool.close())
	}
	return &Store{
		dialect:  d,
		log:      config.Log,
		pool:     pool,
		gorm:     db,
		announce: func([]storage.Change) {},
		block:    rankBlock,
	}, nil
}

// Close closes all connections.
func (s *Store) Close() error { return s.pool.close() }

// Ping implements storage.Store.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.one(ctx, []any{&one}, "SELECT 1")
}

// db is GORM, in the context's transaction if there is one.
func (s *Store) db(ctx context.Context) *gorm.DB {
	db := s.gorm.WithContext(ctx)
	db.Statement.ConnPool = s.conn(ctx)
	return db
}

// exec runs fixed SQL and says how many rows it changed.
func (s *Store) exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := s.conn(ctx).ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// each runs fixed SQL and calls row for each row it returns.
func (s *Store) each(ctx context.Context, row func(*sql.Rows) error, query string, args ...any) error {
	rows, err := s.conn(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return s.conn(ctx).fault(ctx, rows.Err())
}

// one reads the only row that fixed SQL returns, or says sql.ErrNoRows.
func (s *Store) one(ctx context.Context, dest []any, query string, args ...any) error {
	found := false
	err := s.each(ctx, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(dest...)
	}, query, args...)
	if err == nil && !found {
		return sql.ErrNoRows
	}
	return err
}

// marks is "$3, $4" for two arguments that follow two others.
func marks(after, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", after+i+1)
	}
	return b.String()
}

// tuples is "($1, $2), ($3, $4)" for two rows of two values.
func tuples(rows, width int) string {
	tuples := make([]string, rows)
	for i := range tuples {
		tuples[i] = "(" + marks(i*width, width) + ")"
	}
	return strings.Join(tuples, ", ")
}
