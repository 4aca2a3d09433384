// Package audit tells others of audit events: Event is what one looks like in
// the API and in the log, and Log writes one line of JSON for each to a file or
// the standard output, beside the database, where they are stored with the
// change that they are about (see package registry).
package audit
