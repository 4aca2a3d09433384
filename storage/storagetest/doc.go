// Package storagetest is the conformance suite that every database passes, and
// the databases to run it on: SQLite in a temporary directory, and PostgreSQL
// where it is installed or TEST_POSTGRES_DSN names one.
//
// A test that is to run on each writes
//
//	for _, database := range storagetest.Databases() {
//		t.Run(database.Name, func(t *testing.T) {
//			store := database.Open(t)
package storagetest
