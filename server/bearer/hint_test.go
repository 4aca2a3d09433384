package bearer_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/server/bearer"
	"gatehouse/server/keys"
)

func TestReadHint(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{})
	user, app := n.userClaims(t), n.applicationClaims(t)
	idToken := func(audience any, party string) map[string]any {
		claims := map[string]any{
			"iss": issuer, "aud": audience, "exp": start.Add(time.Minute).Unix(), "iat": start.Unix(),
			"sub": n.user, "sid": n.session, "nonce": "n",
		}
		if party != "" {
			claims["azp"] = party
		}
		return claims
	}
	fromIDToken := bearer.Hint{
		Kind: bearer.HintIDToken, SessionID: n.session, Subject: n.user, ClientID: n.clientID,
		ExpiresAt: start.Add(time.Minute),
	}
	withoutClient := fromIDToken
	withoutClient.ClientID = ""
	fromUser := bearer.Hint{
		Kind: bearer.HintAccessToken, SessionID: n.session, Subject: n.user, ClientID: n.clientID, TokenID: user.ID,
		ExpiresAt: start.Add(time.Hour),
	}
	fromApp := bearer.Hint{
		Kind: bearer.HintAccessToken, Subject: n.clientID, ClientID: n.clientID, TokenID: app.ID,
		ExpiresAt: start.Add(time.Hour),
	}
	tests := []struct {
		name, hint string
		want       bearer.Hint
	}{
		{"id token", n.sign(t, keys.RS256, keys.TypIDToken, idToken(n.clientID, "")), fromIDToken},
		{"id token under the other key", n.sign(t, keys.ES256, keys.TypIDToken, idToken(n.clientID, "")), fromIDToken},
		{"id token with a list of one", n.sign(t, keys.RS256, keys.TypIDToken, idToken([]string{n.clientID}, "")), fromIDToken},
		{"id token for two parties", n.sign(t, keys.RS256, keys.TypIDToken, idToken([]string{"x", n.clientID}, n.clientID)), fromIDToken},
		{"id token for two, who knows whose", n.sign(t, keys.RS256, keys.TypIDToken, idToken([]string{"x", n.clientID}, "")), withoutClient},
		{"access token of a user", n.sign(t, keys.ES256, keys.TypAccessToken, user), fromUser},
		{"access token of an application", n.sign(t, keys.ES256, keys.TypAccessToken, app), fromApp},
		{"jti of a user's", user.ID, bearer.Hint{Kind: bearer.HintTokenID, SessionID: n.session, TokenID: user.ID}},
		{"jti of an application's", app.ID, bearer.Hint{Kind: bearer.HintTokenID, TokenID: app.ID}},
	}
	n.wait(2 * time.Hour) // all have expired
	check(t, n.store.RevokeToken(t.Context(), user.ID, n.now().Add(time.Hour)))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := n.ReadHint(t.Context(), tt.hint)
			if err != nil {
				t.Fatalf("ReadHint() = %v", err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ReadHint() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadHintRefuses(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{})
	claims := n.userClaims(t)
	elsewhere := claims
	elsewhere.Issuer = "https://auth.example.org"
	nobody := claims
	nobody.Subject = ""
	good := n.sign(t, keys.RS256, keys.TypIDToken, claims)
	for name, hint := range map[string]string{
		"nothing":           "",
		"a word":            "hint",
		"a session":         n.session,
		"changed signature": good[:len(good)-8] + "AAAAAAAA",
		"another issuer":    n.sign(t, keys.RS256, keys.TypIDToken, elsewhere),
		"another kind":      n.sign(t, keys.RS256, "logout+jwt", claims),
		"no kind":           n.sign(t, keys.RS256, "", claims),
		"no subject":        n.sign(t, keys.RS256, keys.TypIDToken, nobody),
		"aud is a number":   n.sign(t, keys.RS256, keys.TypIDToken, map[string]any{"iss": issuer, "sub": n.user, "aud": 1}),
		"no claims":         n.sign(t, keys.RS256, keys.TypIDToken, "claims"),
	} {
		if got, err := n.ReadHint(t.Context(), hint); !errors.Is(err, errors.TokenInvalid) || got != (bearer.Hint{}) {
			t.Errorf("ReadHint() of %s = %+v, %v, want %v", name, got, err, errors.TokenInvalid)
		}
	}
}
