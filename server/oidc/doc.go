// Package oidc tells applications what they need to know about the server, and
// users about themselves. It owns
//
//	GET  /.well-known/openid-configuration        OpenID Connect Discovery §4
//	GET  /.well-known/oauth-authorization-server  RFC 8414
//	GET  /oauth2/jwks                             RFC 7517 §5
//	GET  /oauth2/userinfo, POST                   OpenID Connect Core §5.3
//	GET  /v1/userinfo                             the same, in the /v1 dialect
//	POST /v1/logout                               ends the session of a token
//	GET  /v1/sessions, DELETE /v1/sessions/{id}   the sessions of the token's user
//
// Tokens are issued by package oauth2 and verified by package bearer.
package oidc
