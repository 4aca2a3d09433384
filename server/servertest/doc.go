// Package servertest runs a whole server in this process for tests: the same
// server.New that users run, on a database of its own, with a clock that stands
// still, a user and two applications. Ask sends it requests over loopback HTTP.
package servertest
