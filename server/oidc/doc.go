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
//	GET  /v1/consents, DELETE /v1/consents/{id}   what that user lets applications have
//	GET  /oauth2/logout, POST                     RP-Initiated Logout 1.0, Front-Channel Logout 1.0
//	GET  /logout, POST                            the page that asks, and what is answered on it
//
// Tokens are issued by package oauth2 and verified by package bearer.
package oidc
