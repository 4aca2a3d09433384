package storage

import (
	"context"
	"time"
)

// Imports keeps how far imports have come, so that one that was interrupted goes
// on where it stopped.
type Imports interface {
	// Import returns how far an import has come; the zero value for one that has
	// not begun.
	Import(ctx context.Context, id string) (Import, error)
	// SaveImport stores how far an import has come, in the context's transaction,
	// if it has come as far as lines until now (0: it has not begun). false means
	// that it has not: somebody else imports the same.
	SaveImport(ctx context.Context, i Import, lines int) (bool, error)
	// DeleteImport forgets an import that is done.
	DeleteImport(ctx context.Context, id string) error
}

// Import is how far an import has come.
type Import struct {
	ID                                          string // of the file and how it is imported
	Lines, Created, Updated, Unchanged, Refused int    // so far
	ReportBytes                                 int64  // of the report that tells of these lines
	ExpiresAt                                   time.Time
}
