package client_test

import (
	"errors"
	"testing"

	"gatehouse/client"
)

// TestAuthority: without an audience, a token that rests on a consent passes where the
// consent names the product, and one that does not say on what it rests counts as one.
func TestAuthority(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	c := is.client(t)
	set := func(pairs ...any) func(object) {
		return func(claims object) {
			for i := 0; i < len(pairs); i += 2 {
				claims[pairs[i].(string)] = pairs[i+1]
			}
		}
	}
	for name, tt := range map[string]struct {
		change      func(object)
		passes, own bool
	}{
		"the user's own":                  {set("authority", "own"), true, true},
		"a consent to openid":             {set("authority", "consent", "scope", "openid"), false, false},
		"it does not say":                 {func(claims object) { delete(claims, "authority") }, false, false},
		"something else":                  {set("authority", "Own"), false, false},
		"a consent to the product":        {set("authority", "consent", "scope", "openid product:midaz"), true, false},
		"a consent to the audience":       {set("authority", "consent", "aud", []string{"product:midaz"}), true, false},
		"a consent to another product":    {set("authority", "consent", "scope", "product:midaz-fees"), false, false},
		"a scope that reads like one":     {set("authority", "consent", "scope", "midaz midaz-editor-role"), false, false},
		"an application":                  {set("type", "application", "sub", "c1", "client_id", "c1", "authority", ""), true, true},
		"an application that claims less": {set("type", "application", "sub", "c1", "client_id", "c1", "authority", "consent"), true, true},
	} {
		token, err := c.Verify(t.Context(), is.token(t, tt.change))
		if passes := err == nil; passes != tt.passes {
			t.Errorf("%s: %v, want it to pass: %v", name, err, tt.passes)
		}
		switch {
		case err != nil && !errors.Is(err, client.ErrTokenInvalid):
			t.Errorf("%s: %v, want %v", name, err, client.ErrTokenInvalid)
		case err == nil && token.Own != tt.own:
			t.Errorf("%s: own %v, want %v", name, token.Own, tt.own)
		case err == nil && (!token.ActsIn("midaz") || token.ActsIn("") != tt.own):
			t.Errorf("%s: acts in midaz: %v, everywhere: %v", name, token.ActsIn("midaz"), token.ActsIn(""))
		}
	}
	own := is.client(t, func(c *client.Config) { c.AnyAudience, c.Audience = false, []string{"midaz-app"} })
	if _, err := own.Verify(t.Context(), is.token(t, set("authority", "consent", "aud", []string{"midaz-app"}))); err != nil {
		t.Errorf("for this audience: %v", err)
	}
}
