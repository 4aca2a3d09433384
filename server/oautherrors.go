package server

import (
	"net/http"

	"gatehouse/errors"
)

// tokenMissing stands for the one refusal that has no name on the wire: a
// request without a token is told nothing but that it needs one (RFC 6750 §3.1).
const tokenMissing = "(none)"

// rfcFault returns the name and the status that the RFCs give to a code: RFC
// 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 8707 §2, OpenID Connect Core
// §3.1.2.6. A code without an entry of its own gets its kind's.
func rfcFault(code errors.Code) (name string, status int) {
	switch code {
	case errors.UnknownGrant:
		return "unsupported_grant_type", http.StatusBadRequest
	case errors.GrantNotAllowed:
		return "unauthorized_client", http.StatusBadRequest
	case errors.InvalidCredentials, errors.InvalidRefreshToken, errors.InvalidAuthorizationCode, errors.ForeignToken:
		return "invalid_grant", http.StatusBadRequest
	case errors.InvalidClient:
		return "invalid_client", http.StatusUnauthorized
	case errors.InvalidScope:
		return "invalid_scope", http.StatusBadRequest
	case errors.InvalidTarget:
		return "invalid_target", http.StatusBadRequest
	case errors.TokenMissing, errors.IdentityTokenMissing:
		return tokenMissing, http.StatusUnauthorized
	case errors.TokenInvalid, errors.TokenRevoked, errors.IdentityTokenInvalid:
		return "invalid_token", http.StatusUnauthorized
	case errors.AccessDenied:
		return "insufficient_scope", http.StatusForbidden
	case errors.LoginRequired, errors.AnotherAccount:
		return "login_required", http.StatusBadRequest
	case errors.ConsentRequired:
		return "consent_required", http.StatusBadRequest
	case errors.AccountRequired:
		return "account_selection_required", http.StatusBadRequest
	case errors.UnsupportedResponseType:
		return "unsupported_response_type", http.StatusBadRequest
	case errors.RequestNotSupported:
		return "request_not_supported", http.StatusBadRequest
	case errors.RequestURINotSupported:
		return "request_uri_not_supported", http.StatusBadRequest
	case errors.InvalidRequestURI:
		return "invalid_request_uri", http.StatusBadRequest
	case errors.UnmetAuthentication:
		return "unmet_authentication_requirements", http.StatusBadRequest
	default:
		return rfcKind(code.Kind), statusOf(code.Kind)
	}
}

// rfcKind names what has no name of its own. Too many requests are
// temporarily_unavailable, with 429 for a status: slow_down exists, but tells a
// device to poll less often from now on (RFC 8628 §3.5), which is another thing.
func rfcKind(kind errors.Kind) string {
	switch kind {
	case errors.KindTooMany, errors.KindUnavailable:
		return "temporarily_unavailable"
	case errors.KindInternal:
		return "server_error"
	case errors.KindDenied:
		return "access_denied"
	default:
		return "invalid_request"
	}
}
