// Package sqlstore keeps what packages storage and identity promise, on SQLite
// and on PostgreSQL. It owns the tables and their migrations.
//
// Statements go through one conn, which sends reads of SQLite to readers of
// their own, reports each statement to Config.Observe and says
// errors.Unavailable when the database is away. What a token request waits for
// is fixed SQL; the rest is GORM on the same conn. GORM prepares nothing: pgx
// does that for each connection by itself, and the SQLite driver cannot.
//
// A page of users is found in lists of which ranks are kept (migration 0004):
// how many keys each block of a list has. Whoever changes what a user is listed
// by says so to the transaction's ranks, which are written just before the
// commit, by one transaction at a time.
//
// A commit is on the disk before it is acknowledged. On SQLite that is what
// writers wait for, so those who wait at the same time share one.
//
// Text that may come from outside never fails a look-up for its bytes: keys of
// any content are stored as hashes, and ids that PostgreSQL could not store are
// not found.
package sqlstore
