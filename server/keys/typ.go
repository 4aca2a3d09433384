package keys

// What the typ header of a token says it is (RFC 7515 §4.1.9).
const (
	TypAccessToken = "at+jwt"     // RFC 9068 §2.1
	TypIDToken     = "JWT"        // RFC 7519 §5.1
	TypLogoutToken = "logout+jwt" //nolint:gosec // G101: no credential; OpenID Connect Back-Channel Logout 1.0 §2.4
)
