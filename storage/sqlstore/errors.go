package sqlstore

import (
	"context"
	"database/sql/driver"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	gosqlite "github.com/glebarez/go-sqlite"
	"github.com/jackc/pgx/v5/pgconn"

	"gatehouse/errors"
)

// retryAfter is when a caller may hope that the database is back.
const retryAfter = time.Second

// errForeignKey: a row refers to one that is not there.
var errForeignKey = errors.New("foreign key violated")

// taken says which unique value was there already.
type taken struct {
	index string // "users_username" or "users.username_key"
	cause error
}

func (t taken) Error() string { return "already taken: " + t.cause.Error() }

func (t taken) Unwrap() error { return t.cause }

// conflict names the field that is taken, if that is what err says. The keys of
// fields are what the databases call its index.
func conflict(err error, fields map[string]string) error {
	var t taken
	if !errors.As(err, &t) {
		return err
	}
	field, ok := fields[t.index]
	if !ok {
		return err
	}
	return errors.Conflict.On(map[string]string{field: inUse}).Because(err)
}

// inUse is what is wrong with a value that has to be unique.
const inUse = "is already in use"

// unavailable says that the database cannot be asked at the moment.
func unavailable(err error) error { return errors.Unavailable.After(retryAfter).Because(err) }

// SQLite's result codes (https://www.sqlite.org/rescode.html); extended ones
// hold a plain one in their low byte.
const (
	sqliteBusy       = 5
	sqliteLocked     = 6
	sqliteInterrupt  = 9
	sqliteIOErr      = 10
	sqliteFull       = 13
	sqliteCantOpen   = 14
	sqliteConstraint = 19
	sqliteForeignKey = 787
	sqlitePrimaryKey = 1555
	sqliteUnique     = 2067
)

func sqliteFault(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return ended(ctx, err)
	}
	var fault *gosqlite.Error
	if !errors.As(err, &fault) {
		return err
	}
	switch fault.Code() {
	case sqliteUnique, sqlitePrimaryKey:
		_, index, _ := strings.Cut(fault.Error(), "constraint failed: UNIQUE constraint failed: ")
		index, _, _ = strings.Cut(index, " ")
		return taken{index: index, cause: err}
	case sqliteForeignKey:
		return errors.Join(errForeignKey, err)
	}
	switch fault.Code() & 0xff {
	case sqliteBusy, sqliteLocked, sqliteInterrupt, sqliteIOErr, sqliteFull, sqliteCantOpen:
		return unavailable(err)
	}
	return err
}

// awayCodes are PostgreSQL's error codes, and classes of them, that say: not now,
// or not here (appendix A of its manual).
var awayCodes = []string{
	"08",    // connection exceptions
	"53",    // insufficient resources
	"57",    // operator intervention: shutting down, starting up, cancelled
	"25006", // read-only: this server is a standby now
	"25P03", // idle in a transaction for too long
	"40001", // serialization failure
	"40P01", // deadlock
	"55P03", // lock not available
}

func postgresFault(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return ended(ctx, err)
	}
	var fault *pgconn.PgError
	if errors.As(err, &fault) {
		switch {
		case fault.Code == "23505":
			return taken{index: fault.ConstraintName, cause: err}
		case fault.Code == "23503":
			return errors.Join(errForeignKey, err)
		case slices.ContainsFunc(awayCodes, func(code string) bool { return strings.HasPrefix(fault.Code, code) }):
			return unavailable(err)
		}
		return err
	}
	var network net.Error
	var refused *pgconn.ConnectError
	if errors.As(err, &network) || errors.As(err, &refused) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return unavailable(err)
	}
	return err
}

// ended gives the error of a statement whose context may have ended. One that
// waited too long is told to come back; one that went away is told nothing.
func ended(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded):
		return unavailable(err)
	case errors.Is(err, ctx.Err()):
		return err
	default: // the driver has its own words for it
		return errors.Join(ctx.Err(), err)
	}
}
