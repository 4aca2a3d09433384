// Package bootstrap makes a database what a YAML file says: products, groups with
// their permissions, applications, and first users.
//
// Read tells everything that is wrong with a file at once, each mistake with its
// line. Plan compares the file with the database; Apply makes the changes, by the
// rules of package registry, all of them or none. Applied again, a file changes
// nothing. docs/bootstrap.md says what may be written.
package bootstrap
