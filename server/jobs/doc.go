// Package jobs does periodic work on one node at a time. A job belongs to the
// node that holds its lease in the database, which renews it at every run; when
// that node stops it lets go of the lease, and when it dies the lease runs out
// and another node goes on.
package jobs
