package oauth2

import (
	"net/url"
	"strings"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/explain"
)

// challengeLength is that of a SHA-256 in base64url.
const challengeLength = 43

// checkPKCE holds an authorization request to RFC 7636 with S256 as its only
// method (RFC 9700 §2.1.1): public clients have to use it, others may.
func checkPKCE(t *explain.Trail, app *identity.Application, params url.Values) error {
	challenge, method := params.Get("code_challenge"), params.Get("code_challenge_method")
	wrong := func(field, reason string) error {
		t.Fail(explain.Challenge, field+" "+reason, "")
		return errors.Malformed.On(map[string]string{field: reason})
	}
	switch {
	case challenge == "" && method != "":
		return wrong("code_challenge", "is required with a code_challenge_method")
	case challenge == "" && app.Public:
		return wrong("code_challenge", "is required, for the application is public")
	case challenge == "":
		return nil
	case method != "S256":
		return wrong("code_challenge_method", "must be S256")
	case !isChallenge(challenge):
		return wrong("code_challenge", "must be a SHA-256 in base64url")
	}
	t.Pass(explain.Challenge)
	return nil
}

func isChallenge(text string) bool {
	return len(text) == challengeLength && strings.Trim(text, base64url) == ""
}

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
