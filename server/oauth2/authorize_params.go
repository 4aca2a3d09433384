package oauth2

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/web"
)

// authorizationParameters are those of an authorization request that mean
// something here: RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2, RFC 9101 §5,
// OpenID Connect Core §3.1.2.1 and §5.5, OAuth 2.0 Multiple Response Types §2.1.
// All others are ignored.
var authorizationParameters = []string{
	"client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "resource", "audience",
	"code_challenge", "code_challenge_method", "nonce", "display", "prompt", "max_age", "ui_locales",
	"id_token_hint", "login_hint", "acr_values", "claims", "request", "request_uri",
}

// longestAuthorization is the most bytes that an authorization request may have in
// the address of a browser, where one that was posted or pushed may come to stand too.
const longestAuthorization = 12 << 10

// readAuthorization reads the parameters of an authorization request: of GET from
// the query, of POST from the body alone. Those without a value are as good as
// left out (RFC 6749 §3.1).
func readAuthorization(c echo.Context) (url.Values, error) {
	r := c.Request()
	if r.Method == http.MethodPost {
		form, err := web.Form(c, web.AuthCodes(), repeatable...)
		if err != nil {
			return nil, err
		}
		return form, checkLength(form)
	}
	if len(r.URL.RawQuery) > longestAuthorization {
		return nil, errTooLong
	}
	return web.ParseForm([]byte(r.URL.RawQuery), web.AuthCodes(), repeatable...)
}

var errTooLong = errors.Malformed.On(map[string]string{"request": "is too long"})

func checkLength(form url.Values) error {
	if len(form.Encode()) > longestAuthorization {
		return errTooLong
	}
	return nil
}

// knownParameters is the part of a form that is an authorization request.
func knownParameters(form url.Values) url.Values {
	known := make(url.Values, len(form))
	for name, values := range form {
		values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
		if len(values) > 0 && slices.Contains(authorizationParameters, name) {
			known[name] = values
		}
	}
	return known
}
