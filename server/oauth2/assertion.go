package oauth2

import (
	"encoding/base64"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json" // case-sensitive, and refuses a member that is there twice

	"gatehouse/errors"
	"gatehouse/server/clientkeys"
	"gatehouse/server/web"
)

// assertionType is the one kind of assertion that clients authenticate with (RFC 7523 §2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// Limits of an assertion in bytes.
const (
	longestAssertion = 8 << 10
	longestID        = 255 // of iss, sub and jti
)

// Why an assertion is not read.
var (
	errAssertionType   = errors.New("another client_assertion_type than that of RFC 7523")
	errAssertionForm   = errors.New("the client_assertion is not three parts in base64url, of 8 KiB at most")
	errAssertionHeader = errors.New("the client_assertion's header is not that of a signed JWT, or has crit")
	errAssertionClaims = errors.New("the client_assertion's claims are not all there, or not in their form")
	errAssertionClient = errors.New("client_id, iss and sub of the client_assertion are not the same")
)

// assertion is what a client says of itself, and signs (RFC 7523 §3). Nothing in it
// is true before its signature was checked.
type assertion struct {
	clientID  string // iss and sub
	audience  []string
	id        string    // jti
	expiresAt time.Time // exp
	from      time.Time // the later one of nbf and iat; zero: it has neither
	signature clientkeys.Signature
}

// withAssertion takes a client's assertion out of a form, if there is one. It is
// refused beside a secret (RFC 6749 §2.3).
func withAssertion(r *http.Request, form url.Values, shown credentials) (credentials, error) {
	kind, text := form.Get("client_assertion_type"), form.Get("client_assertion")
	form.Del("client_assertion_type")
	form.Del("client_assertion")
	header, err := web.Authorization(r)
	if err != nil {
		return credentials{}, err
	}
	scheme, _, _ := strings.Cut(header, " ")
	switch {
	case kind == "" && text == "":
		return shown, nil
	case text == "":
		return credentials{}, errors.Malformed.On(map[string]string{"client_assertion": "is required with a client_assertion_type"})
	case kind == "":
		return credentials{}, errors.Malformed.On(map[string]string{"client_assertion_type": "is required with a client_assertion"})
	case shown.HasSecret || strings.EqualFold(scheme, "Basic"):
		return credentials{}, errors.Malformed.On(map[string]string{"client_assertion": "stands beside another way to authenticate"})
	case kind != assertionType:
		return credentials{}, errors.InvalidClient.Because(errAssertionType)
	}
	a, err := readAssertion(text)
	switch {
	case err != nil:
		return credentials{}, errors.InvalidClient.Because(err)
	case shown.ID != "" && shown.ID != a.clientID: // RFC 7521 §4.2
		return credentials{}, errors.InvalidClient.Because(errAssertionClient)
	}
	return credentials{ID: a.clientID, Assertion: a}, nil
}

// readAssertion reads an assertion and holds it to its form. It checks neither the
// signature nor whether it is the assertion's time.
func readAssertion(text string) (*assertion, error) {
	head, rest, _ := strings.Cut(text, ".")
	body, tail, _ := strings.Cut(rest, ".")
	headText, ok1 := decoded(head)
	bodyText, ok2 := decoded(body)
	signature, ok3 := decoded(tail)
	if !ok1 || !ok2 || !ok3 || len(text) > longestAssertion {
		return nil, errAssertionForm
	}
	header, err := readAssertionHeader(headText)
	if err != nil {
		return nil, err
	}
	a, err := readAssertionClaims(bodyText)
	if err != nil {
		return nil, err
	}
	a.signature = clientkeys.Signature{Algorithm: header.Algorithm, KeyID: header.KeyID, Input: text[:len(head)+1+len(body)], Bytes: signature}
	return a, nil
}

// decoded reads base64url without padding, and with no second way to write a text.
// The decoder skips line breaks, which have no place here.
func decoded(part string) ([]byte, bool) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(part)
	return text, err == nil && part != "" && !strings.ContainsAny(part, "\r\n")
}

// assertionHeader is what matters of an assertion's header. The keys and addresses
// of keys that it may bring along do not: keys are those that were registered.
type assertionHeader struct {
	Algorithm string          `json:"alg"`
	KeyID     string          `json:"kid"`
	Type      string          `json:"typ"`
	Critical  json.RawMessage `json:"crit"`
}

// readAssertionHeader refuses extensions (RFC 7515 §4.1.11) and JWTs that say that
// they are something else (RFC 8725 §3.11).
func readAssertionHeader(text []byte) (assertionHeader, error) {
	var header assertionHeader
	if err := json.Unmarshal(text, &header); err != nil || header.Critical != nil {
		return assertionHeader{}, errAssertionHeader
	}
	typ := strings.TrimPrefix(strings.ToLower(header.Type), "application/")
	if !slices.Contains([]string{"", "jwt", "client-authentication+jwt"}, typ) {
		return assertionHeader{}, errAssertionHeader
	}
	return header, nil
}

// assertionClaims are those that RFC 7523 §3 and OpenID Connect Core §9 speak of.
type assertionClaims struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  texts    `json:"aud"`
	ID        string   `json:"jti"`
	ExpiresAt *float64 `json:"exp"`
	NotBefore *float64 `json:"nbf"`
	IssuedAt  *float64 `json:"iat"`
}

func readAssertionClaims(text []byte) (*assertion, error) {
	var c assertionClaims
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, errAssertionClaims
	}
	expiresAt, ok1 := dateOf(c.ExpiresAt)
	notBefore, ok2 := dateOf(c.NotBefore)
	issuedAt, ok3 := dateOf(c.IssuedAt)
	switch {
	case !ok1 || !ok2 || !ok3 || c.ExpiresAt == nil || len(c.Audience) == 0,
		c.ID == "" || len(c.ID) > longestID, c.Issuer == "" || len(c.Issuer) > longestID:
		return nil, errAssertionClaims
	case c.Issuer != c.Subject:
		return nil, errAssertionClient
	}
	if issuedAt.After(notBefore) {
		notBefore = issuedAt
	}
	return &assertion{clientID: c.Issuer, audience: c.Audience, id: c.ID, expiresAt: expiresAt, from: notBefore}, nil
}

// dateOf reads a NumericDate (RFC 7519 §2), to the second; nil is the zero time.
func dateOf(seconds *float64) (time.Time, bool) {
	const year10000 = 253402300800
	if seconds == nil {
		return time.Time{}, true
	}
	return time.Unix(int64(math.Floor(*seconds)), 0), *seconds >= 0 && *seconds < year10000
}

// texts is a text or a list of some (RFC 7519 §4.1.3).
type texts []string

// UnmarshalJSON reads both.
func (t *texts) UnmarshalJSON(text []byte) error {
	var one string
	if err := json.Unmarshal(text, &one); err == nil {
		*t = texts{one}
		return nil
	}
	var several []string
	if err := json.Unmarshal(text, &several); err != nil {
		return err
	}
	*t = several
	return nil
}
