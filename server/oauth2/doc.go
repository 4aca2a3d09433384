// Package oauth2 issues, explains and revokes tokens. It owns
//
//	GET|POST /oauth2/authorize            RFC 6749 §4.1.1, OpenID Connect Core §3.1.2
//	POST /oauth2/par                      RFC 9126, form
//	POST /oauth2/token                    RFC 6749 §3.2, form
//	POST /v1/login/oauth/access_token     the same, in the /v1 dialect, JSON or form
//	POST /v1/login/oauth/refresh_token    its refresh_token grant alone
//	POST /oauth2/introspect               RFC 7662
//	POST /oauth2/revoke                   RFC 7009
//
// Every token request, whatever its dialect, becomes one grant and goes through
// one pipeline (issue.go): our checks come first, then fosite decides, then our
// policy grants scopes and audience, and fosite's handlers issue. fosite appears
// in this package alone; what it cannot do is done here: client authentication
// in equal time (client.go), the refresh_token grant with its grace period and
// reuse detection (refresh.go), and error codes (errors.go).
//
// An authorization request is read and checked here first (authorization.go), and
// then by fosite. What comes next of it is decided in one place (next.go): a code,
// an error, or a step for a person, for which the request waits while the pages of
// another package are shown. A code is one row with everything that fosite keeps
// in several (code.go), and leads to one session (exchange.go).
package oauth2
