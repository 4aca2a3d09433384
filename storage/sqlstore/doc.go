// Package sqlstore keeps what packages storage and identity promise, on SQLite
// and on PostgreSQL. It owns the tables and their migrations.
//
// Statements go through one conn, which sends reads of SQLite to readers of
// their own, reports each statement to Config.Observe and says
// errors.Unavailable when the database is away. What a token request waits for
// is fixed SQL; the rest is GORM on the same conn. GORM prepares nothing: pgx
// does that for each connection by itself, and the SQLite driver cannot.
//
// A commit is on the disk before it is acknowledged. On SQLite that is what
// writers wait for, so those who wait at the same time share one.
//
// Text that may come from outside never fails a look-up for its bytes: keys of
// any content are stored as hashes, and ids that PostgreSQL could not store are
// not found.
package sqlstore
