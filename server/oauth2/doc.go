// Package oauth2 issues, explains and revokes tokens. It owns
//
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
package oauth2
