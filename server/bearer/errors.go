package bearer

import "gatehouse/errors"

// Why a token was refused, for logs. None of them shows any of its text.
var (
	errShape     = errors.New("not three base64url parts of a reasonable length")
	errHeader    = errors.New("its header is not one of this server's")
	errKey       = errors.New("its key is unknown or gone")
	errSignature = errors.New("its signature is wrong")
	errType      = errors.New("it is a token of another kind")
	errClaims    = errors.New("its claims are not those of such a token")
	errIssuer    = errors.New("it is from another issuer")
	errExpired   = errors.New("it has expired")
	errFuture    = errors.New("it is from the future")
	errAudience  = errors.New("it is for another audience")

	errRevoked             = errors.New("it was revoked, or its session has ended")
	errUserGone            = errors.New("its user is gone")
	errUserDisabled        = errors.New("its user is disabled")
	errApplicationGone     = errors.New("its application is gone")
	errApplicationDisabled = errors.New("its application is or was disabled")
)
