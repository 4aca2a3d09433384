package bearer

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json" // case-sensitive, and refuses a key that is there twice

	"gatehouse/errors"
	"gatehouse/server/explain"
	"gatehouse/server/keys"
	"gatehouse/server/web"
)

// Caller returns whom the access token in a request's Authorization header
// speaks for. It returns what web.Authorization, FromHeader and Verify return.
func (v *Verifier) Caller(r *http.Request) (*Token, error) {
	ctx := r.Context()
	header, err := web.Authorization(r)
	if err != nil {
		web.Trail(ctx).Fail(explain.TokenShown, "several Authorization headers", "one")
		return nil, err
	}
	raw, err := FromHeader(header)
	if err != nil {
		web.Trail(ctx).Fail(explain.TokenShown, headerForm(header), "Bearer and a token, or the token alone")
		return nil, err
	}
	web.Trail(ctx).Pass(explain.TokenShown)
	return v.Verify(ctx, raw)
}

// headerForm is what can be said of an Authorization header that has no token.
func headerForm(header string) string {
	words := strings.Fields(header)
	switch {
	case len(words) == 0:
		return "no Authorization header"
	case strings.EqualFold(words[0], "Bearer"), strings.EqualFold(words[0], "Basic"):
		return fmt.Sprintf("%s and %d more words", words[0], len(words)-1)
	}
	return fmt.Sprintf("%d words", len(words))
}

// proven are the checks of a token by itself, in their order, each with the
// error that it fails with.
var proven = []struct {
	check explain.Check
	err   error
}{
	{explain.TokenForm, errShape},
	{explain.TokenHeader, errHeader},
	{explain.TokenKey, errKey},
	{explain.TokenSignature, errSignature},
	{explain.TokenType, errType},
	{explain.TokenClaims, errClaims},
	{explain.TokenIssuer, errIssuer},
	{explain.TokenNotExpired, errExpired},
	{explain.TokenStarted, errFuture},
}

// note notes what came out of proving a token.
func (v *Verifier) note(ctx context.Context, raw string, err error) {
	t := web.Trail(ctx)
	for _, p := range proven {
		if err != nil && errors.Is(err, p.err) {
			got, want := v.compared(raw, p.check)
			t.FailToken(p.check, raw, got, want)
			return
		}
		t.Pass(p.check)
	}
}

// compared is what a check that failed has compared. It reads the token once
// more, and believes it no more than before.
func (v *Verifier) compared(raw string, check explain.Check) (got, want string) {
	head, body, _, _ := partsOf(raw)
	var header struct {
		Alg string `json:"alg"`
		Kid string `json:"kid"`
		Typ string `json:"typ"`
	}
	unmarshal(head, &header)
	var claims hintClaims
	unmarshal(body, &claims)
	now := "now " + explain.At(v.Now())
	switch check {
	case explain.TokenForm:
		return fmt.Sprintf("%d bytes with %d dots", len(raw), strings.Count(raw, ".")), fmt.Sprintf("three parts in base64url, %d bytes at most", maxLength)
	case explain.TokenHeader:
		return fmt.Sprintf("alg %q, kid %q, typ %q", header.Alg, header.Kid, header.Typ), "these three and no more"
	case explain.TokenKey:
		return fmt.Sprintf("alg %q, kid %q", header.Alg, header.Kid), v.published()
	case explain.TokenSignature:
		return "", "one by kid " + header.Kid
	case explain.TokenType:
		return fmt.Sprintf("typ %q", header.Typ), keys.TypAccessToken
	case explain.TokenIssuer:
		return claims.Issuer, v.Issuer
	case explain.TokenNotExpired:
		return "expires " + explain.At(time.Unix(claims.ExpiresAt, 0)), now
	case explain.TokenStarted:
		return "from later than now", now
	}
	return "", ""
}

// unmarshal reads a part of a token as far as it can be read.
func unmarshal(part string, to any) {
	if text, err := encoding.DecodeString(part); err == nil {
		_ = json.Unmarshal(text, to)
	}
}

// published are the keys that tokens may be signed with.
func (v *Verifier) published() string {
	var known []string
	for _, k := range v.Keys.List() {
		known = append(known, k.Algorithm+" "+k.ID)
	}
	return explain.List(known)
}
