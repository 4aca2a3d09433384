// Package apidocs says how to use the server. It owns
//
//	GET /openapi.yaml  what every endpoint under /v1 takes and answers (OpenAPI 3.1)
//	GET /docs          the same as a page for people
//
// The description is written by hand and comes first: tests hold each route and
// each answer to it. Where it says x-codes, an operation lists all codes that it
// can refuse with; x-permissions are those of which the caller needs each.
package apidocs
