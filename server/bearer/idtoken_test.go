package bearer_test

import (
	"testing"

	"gatehouse/errors"
	"gatehouse/server/bearer"
	"gatehouse/server/keys"
)

func TestIDToken(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{})
	claims := func(changes ...string) map[string]string {
		c := map[string]string{"iss": n.Issuer, "sub": n.user, "aud": n.clientID, "sid": n.session}
		for i := 0; i < len(changes); i += 2 {
			c[changes[i]] = changes[i+1]
		}
		return c
	}
	good := n.sign(t, keys.RS256, keys.TypIDToken, claims())
	want := bearer.IDToken{Subject: n.user, ClientID: n.clientID, SessionID: n.session}
	if got, err := n.IDToken(good); err != nil || got != want {
		t.Errorf("IDToken() = %+v, %v", got, err)
	}
	for name, token := range map[string]string{
		"an access token":          n.sign(t, keys.ES256, keys.TypAccessToken, n.userClaims(t)),
		"from another issuer":      n.sign(t, keys.ES256, keys.TypIDToken, claims("iss", "https://evil.example")),
		"without a subject":        n.sign(t, keys.ES256, keys.TypIDToken, claims("sub", "")),
		"without an audience":      n.sign(t, keys.ES256, keys.TypIDToken, claims("aud", "")),
		"with a changed signature": good[:len(good)-4] + "AAAA",
		"unsigned":                 "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
		"nothing":                  "",
	} {
		if got, err := n.IDToken(token); !errors.Is(err, errors.TokenInvalid) {
			t.Errorf("%s: IDToken() = %+v, %v", name, got, err)
		}
	}
}
