package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/glebarez/sqlite"
	"github.com/pressly/goose/v3"

	"gatehouse/errors"
)

// sqliteReaders is how many readers there are unless the configuration says so.
const sqliteReaders = 4

func openSQLite(ctx context.Context, path string, config Config) (*Store, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, errors.New("a database address of SQLite names a file: a database in memory loses what it acknowledged")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the database file: %w", err)
	}
	if err := createPrivate(path); err != nil {
		return nil, fmt.Errorf("open the database file: %w", err)
	}
	// The writer comes first: it is who makes the file a WAL database.
	writer, err := sqlitePool(ctx, path, 1)
	if err != nil {
		return nil, err
	}
	readers := config.MaxConns
	if readers == 0 {
		readers = sqliteReaders
	}
	reader, err := sqlitePool(ctx, path, readers, "query_only(TRUE)")
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	commits := newCommitter(writer)
	pool := &conn{
		db: writer, writer: commits, reader: reader,
		bind: bindStamps, fault: sqliteFault, observe: config.Observe,
		close: sync.OnceValue(func() error { return errors.Join(reader.Close(), commits.Close()) }),
	}
	return newStore(dialect{
		name:       "sqlite",
		goose:      goose.DialectSQLite3,
		alone:      again,
		migrations: "migrations/sqlite",
		array:      "json_group_array",
		set:        "json_group_array",
		setArray:   "%s",
		elements:   "json_each($%d)",
		amongFew:   "IN (SELECT value ->> 0 FROM json_each($%d))",
		termUser:   "substr(%[1]s, instr(%[1]s, char(1)) + 1)",
		counts:     "SELECT unhex(key), value, $2 FROM json_each($1) WHERE TRUE",
	}, &sqlite.Dialector{Conn: pool}, pool, config)
}

// createPrivate makes the file, if it is not there, for this user alone. The
// files that SQLite puts beside it take after it.
func createPrivate(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// sqlitePool opens up to max connections. With synchronous FULL a commit is on
// the disk before it is acknowledged; a transaction asks for the write lock when
// it begins, so that it cannot fail half way for want of it.
func sqlitePool(ctx context.Context, path string, max int, pragmas ...string) (*sql.DB, error) {
	pragmas = append([]string{
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(TRUE)", "temp_store(MEMORY)",
	}, pragmas...)
	query := url.Values{"_txlock": {"immediate"}, "_pragma": pragmas}
	address := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: query.Encode()}
	db, err := sql.Open(sqlite.DriverName, address.String())
	if err != nil {
		return nil, fmt.Errorf("open sqlite: %w", err)
	}
	db.SetMaxOpenConns(max)
	db.SetMaxIdleConns(max)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open sqlite: %w", err), db.Close())
	}
	return db, nil
}

// again is how processes that migrate at once get along: the slower fails at the
// version that the faster has recorded, and looks again.
func again(_ context.Context, migrate func() error) error {
	var err error
	for range 3 {
		if err = migrate(); err == nil {
			return nil
		}
	}
	return err
}
