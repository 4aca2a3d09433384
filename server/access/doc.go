// Package access answers whether a subject may do something: POST /v1/authorize
// for one question and /v1/authorize/batch for many, GET /v1/permissions and
// /v1/permissions/{sub} for all that a subject may do, and the AuthZEN
// Authorization API 1.0 under /access/v1 for gateways that speak it.
//
// It finds out who asks and reads questions; whom a subject names, who may ask
// about whom, and the answer are decided by package permissions.
package access
