// Package admin is the identity API: the endpoints under /v1/users, /v1/groups,
// /v1/applications, /v1/products, /v1/audit-events and /v1/refusals. It says who
// may call which, reads requests strictly and writes answers. The rules for
// changes are the registry's, the JSON forms of identities are wire's, and errors
// are rendered by the server.
//
// Every endpoint is a line of one table with the permission that it needs, so
// that none can be reached without one.
package admin
