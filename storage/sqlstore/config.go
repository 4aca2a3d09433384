package sqlstore

import (
	"context"
	"log/slog"
	"time"
)

// Config says where the database is and who looks on.
type Config struct {
	// DSN is "sqlite:" and a path, or a PostgreSQL URL. It may hold a password.
	DSN string
	// MaxConns is how many connections to PostgreSQL are open at most, besides
	// the one of Watch, or how many readers of SQLite; 0 means 16 and 4.
	MaxConns int
	// Log gets what no caller is there to be told; nil means nobody.
	Log *slog.Logger
	// Observe is told of each statement when it has run; it may be nil.
	Observe func(ctx context.Context, s Statement)
}

// Statement is one round trip to the database.
type Statement struct {
	Kind     StatementKind
	SQL      string        // without the values; "" when it begins or ends a transaction
	Duration time.Duration // until the answer, or its first row, was there
	Err      error
}

// StatementKind says what a statement does.
type StatementKind string

// The kinds of statement.
const (
	Read    StatementKind = "read"
	Write   StatementKind = "write"
	Control StatementKind = "transaction" // begins or ends a transaction
)
