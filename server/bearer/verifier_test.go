package bearer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/bearer"
	"gatehouse/server/keys"
	"gatehouse/storage"
	"gatehouse/storage/storagetest"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{})
	user, app := n.userClaims(t), n.applicationClaims(t)
	tests := []struct {
		name   string
		claims bearer.Claims
		want   bearer.Token
	}{
		{"user", user, bearer.Token{
			ID: user.ID, Subject: n.user, ClientID: n.clientID, SessionID: n.session, Type: bearer.TypeUser,
			Scopes: []string{"openid", "groups"}, Audience: []string{n.clientID}, AMR: []string{"pwd"}, Authority: identity.AuthorityConsent, // for it does not say
			Groups: []string{"midaz-viewer-group"}, IssuedAt: start, ExpiresAt: start.Add(time.Hour), AuthTime: start,
			User: &identity.User{ID: n.user}, Application: &identity.Application{ID: n.app},
		}},
		{"application", app, bearer.Token{
			ID: app.ID, Subject: n.clientID, ClientID: n.clientID, Type: bearer.TypeApplication,
			Scopes: []string{"openid", "groups"}, Audience: []string{n.clientID},
			IssuedAt: start, ExpiresAt: start.Add(time.Hour),
			Application: &identity.Application{ID: n.app},
		}},
	}
	sameIDs := cmp.Options{
		cmp.Comparer(func(a, b identity.User) bool { return a.ID == b.ID }),
		cmp.Comparer(func(a, b identity.Application) bool { return a.ID == b.ID }),
	}
	for _, tt := range tests {
		for _, alg := range []string{keys.ES256, keys.RS256} {
			t.Run(tt.name+" "+alg, func(t *testing.T) {
				t.Parallel()
				token := n.sign(t, alg, keys.TypAccessToken, tt.claims)
				for _, time := range []string{"first", "second"} {
					got, err := n.Verify(t.Context(), token)
					if err != nil {
						t.Fatalf("Verify() the %s time = %v", time, err)
					}
					if diff := cmp.Diff(&tt.want, got, sameIDs); diff != "" {
						t.Errorf("Verify() the %s time (-want +got):\n%s", time, diff)
					}
				}
			})
		}
	}
}

func TestTokenHasScope(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{})
	token, err := n.Verify(t.Context(), n.userToken(t))
	check(t, err)
	if !token.HasScope("groups") || token.HasScope("group") || token.HasScope("") {
		t.Errorf("HasScope of %q: groups %v, group %v, empty %v, want true, false, false",
			token.Scopes, token.HasScope("groups"), token.HasScope("group"), token.HasScope(""))
	}
}

func TestVerifyRemembers(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{Remember: 2})
	a, b, c := n.userToken(t), n.userToken(t), n.applicationToken(t)
	for _, token := range []string{a, a, b, c, c, a} { // the last one was pushed out
		_, err := n.Verify(t.Context(), token)
		check(t, err)
	}
	if got, want := n.Stats(), (bearer.Stats{Hits: 2, Misses: 4, Entries: 2}); got != want {
		t.Errorf("Stats() = %+v, want %+v", got, want)
	}
	long := n.userToken(t, func(c *bearer.Claims) { c.Scope = strings.Repeat("scope ", 1200) }) // over 8 KiB
	for range 2 {
		_, err := n.Verify(t.Context(), long)
		check(t, err)
	}
	if got, want := n.Stats(), (bearer.Stats{Hits: 2, Misses: 6, Entries: 2}); got != want {
		t.Errorf("Stats() after a long token = %+v, want %+v", got, want)
	}
	n.wait(time.Hour)
	for _, token := range []string{a, c} {
		if _, err := n.Verify(t.Context(), token); !errors.Is(err, errors.TokenInvalid) {
			t.Errorf("Verify() of an expired token = %v, want %v", err, errors.TokenInvalid)
		}
	}
	if got := n.Stats().Entries; got != 0 {
		t.Errorf("%d expired tokens are remembered, want none", got)
	}
}

func TestVerifyTime(t *testing.T) {
	t.Parallel()
	const hour = int64(3600)
	now := start.Unix()
	tests := []struct {
		name          string
		config        bearer.Config
		exp, iat, nbf int64
		valid         bool
	}{
		{"a second left", bearer.Config{}, now + 1, now - hour, now - hour, true},
		{"over", bearer.Config{}, now, now - hour, now - hour, false},
		{"over, with leeway", bearer.Config{ExpiryLeeway: 10 * time.Second}, now - 9, now - hour, now - hour, true},
		{"long over, with leeway", bearer.Config{ExpiryLeeway: 10 * time.Second}, now - 10, now - hour, now - hour, false},
		{"issued by a node whose clock is ahead", bearer.Config{}, now + hour, now + 30, now + 30, true},
		{"iat in the future", bearer.Config{}, now + hour, now + 31, now, false},
		{"nbf in the future", bearer.Config{}, now + hour, now, now + 31, false},
		{"nbf in the future, with less leeway", bearer.Config{FutureLeeway: time.Second}, now + hour, now, now + 2, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := newNode(t, tt.config)
			_, err := n.Verify(t.Context(), n.userToken(t, func(c *bearer.Claims) {
				c.ExpiresAt, c.IssuedAt, c.NotBefore = tt.exp, tt.iat, tt.nbf
			}))
			if tt.valid && err != nil || !tt.valid && !errors.Is(err, errors.TokenInvalid) {
				t.Errorf("Verify() = %v, want valid: %v", err, tt.valid)
			}
		})
	}
}

func TestVerifyAudience(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{})
	tests := []struct {
		name     string
		audience []string
		valid    bool
	}{
		{"the client", []string{n.clientID}, true},
		{"the issuer", []string{issuer}, true},
		{"the client among others", []string{"https://ledger.example.com", n.clientID}, true},
		{"a resource", []string{"https://ledger.example.com"}, false},
		{"another client", []string{n.nothing}, false},
		{"nobody", []string{}, false},
		{"no list", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			token := n.userToken(t, func(c *bearer.Claims) { c.Audience = tt.audience })
			for range 2 {
				_, err := n.Verify(t.Context(), token)
				if tt.valid && err != nil || !tt.valid && !errors.Is(err, errors.TokenInvalid) {
					t.Errorf("Verify() = %v, want valid: %v", err, tt.valid)
				}
				if _, err := n.Inspect(t.Context(), token); err != nil {
					t.Errorf("Inspect() = %v", err)
				}
			}
		})
	}
}

// What was good when it was first seen is asked about each time.
func TestVerifyStanding(t *testing.T) {
	t.Parallel()
	until := start.Add(time.Hour)
	tests := []struct {
		name   string
		change func(t *testing.T, n *node, token *bearer.Token) error
		undo   func(t *testing.T, n *node) error // nil: it cannot be undone
	}{
		{"token revoked", func(t *testing.T, n *node, token *bearer.Token) error {
			return n.store.RevokeToken(t.Context(), token.ID, until)
		}, nil},
		{"session ended", func(t *testing.T, n *node, token *bearer.Token) error {
			return n.store.Announce(t.Context(), storage.Change{Kind: storage.SessionEnded, Key: token.SessionID, Until: until})
		}, nil},
		{"user disabled", func(t *testing.T, n *node, _ *bearer.Token) error {
			return storagetest.DisableUser(t.Context(), n.store, n.user, true, n.now())
		}, func(t *testing.T, n *node) error {
			return storagetest.DisableUser(t.Context(), n.store, n.user, false, n.now())
		}},
		{"application disabled", func(t *testing.T, n *node, _ *bearer.Token) error {
			return storagetest.DisableApplication(t.Context(), n.store, n.app, true, n.now())
		}, nil},
		{"application disabled and enabled again", func(t *testing.T, n *node, _ *bearer.Token) error {
			if err := storagetest.DisableApplication(t.Context(), n.store, n.app, true, n.now()); err != nil {
				return err
			}
			return storagetest.DisableApplication(t.Context(), n.store, n.app, false, n.now())
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := newNode(t, bearer.Config{})
			raw := n.userToken(t)
			token, err := n.Verify(t.Context(), raw)
			check(t, err)
			check(t, tt.change(t, n, token))
			for range 2 {
				if _, err := n.Verify(t.Context(), raw); !errors.Is(err, errors.TokenRevoked) {
					t.Errorf("Verify() = %v, want %v", err, errors.TokenRevoked)
				}
			}
			if tt.undo == nil {
				return
			}
			check(t, tt.undo(t, n))
			if _, err := n.Verify(t.Context(), raw); err != nil {
				t.Errorf("Verify() afterwards = %v", err)
			}
		})
	}
}

func TestVerifyAfterTheApplicationWasDisabled(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{})
	n.wait(10500 * time.Millisecond)
	check(t, storagetest.DisableApplication(t.Context(), n.store, n.app, true, n.now()))
	check(t, storagetest.DisableApplication(t.Context(), n.store, n.app, false, n.now()))
	sameSecond := n.applicationToken(t)
	n.wait(500 * time.Millisecond)
	if _, err := n.Verify(t.Context(), sameSecond); !errors.Is(err, errors.TokenRevoked) {
		t.Errorf("Verify() of a token from the same second = %v, want %v", err, errors.TokenRevoked)
	}
	if _, err := n.Verify(t.Context(), n.applicationToken(t)); err != nil {
		t.Errorf("Verify() of a token from the next second = %v", err)
	}
}

func TestVerifyNobodysToken(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{})
	for name, token := range map[string]string{
		"deleted user":        n.userToken(t, func(c *bearer.Claims) { c.Subject = n.nobody }),
		"deleted application": n.userToken(t, func(c *bearer.Claims) { c.ClientID, c.Audience = n.nothing, []string{n.nothing} }),
	} {
		if _, err := n.Verify(t.Context(), token); !errors.Is(err, errors.TokenRevoked) {
			t.Errorf("Verify() of the token of a %s = %v, want %v", name, err, errors.TokenRevoked)
		}
	}
}

func TestVerifyWithAKeyThatWasTakenAway(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{})
	token := n.userToken(t)
	_, err := n.Verify(t.Context(), token)
	check(t, err)

	gone := n.stored[0]
	if gone.Algorithm != keys.ES256 {
		gone = n.stored[1]
	}
	gone.RetiredAt, gone.ExpiresAt = start, start
	if ok, err := n.store.ReplaceKeys(t.Context(), []string{n.stored[0].ID, n.stored[1].ID}, nil, []storage.Key{gone}); !ok {
		t.Fatal(err)
	}
	check(t, n.ring.Reload(t.Context()))
	for range 2 {
		if _, err := n.Verify(t.Context(), token); !errors.Is(err, errors.TokenInvalid) {
			t.Errorf("Verify() = %v, want %v", err, errors.TokenInvalid)
		}
	}
	if got := n.Stats().Entries; got != 0 {
		t.Errorf("%d tokens of that key are remembered, want none", got)
	}
}

func TestVerifyWithoutADatabase(t *testing.T) {
	t.Parallel()
	n := newNode(t, bearer.Config{})
	token := n.userToken(t)
	_, err := n.Verify(t.Context(), token)
	check(t, err)
	check(t, n.close())
	if _, err := n.Verify(t.Context(), token); err != nil {
		t.Errorf("Verify() from memory = %v", err)
	}
	n.wait(2 * time.Second) // now the feed is lost
	_, err = n.Verify(t.Context(), token)
	if err == nil || errors.Is(err, errors.TokenInvalid) || errors.Is(err, errors.TokenRevoked) {
		t.Errorf("Verify() = %v, want the database's error", err)
	}
}

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	if err := (bearer.Config{}).Validate(); err != nil {
		t.Errorf("Validate() of the zero value = %v", err)
	}
	for _, c := range []bearer.Config{{Remember: -1}, {ExpiryLeeway: -1}, {FutureLeeway: -1}} {
		if c.Validate() == nil {
			t.Errorf("Validate(%+v) = nil", c)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, alg := range []string{keys.ES256, keys.RS256} {
		b.Run(alg+"/seen", func(b *testing.B) {
			n := newNode(b, bearer.Config{})
			token := n.sign(b, alg, keys.TypAccessToken, n.userClaims(b))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := n.Verify(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(alg+"/first", func(b *testing.B) {
			n := newNode(b, bearer.Config{Remember: 1}) // each pushes the other out
			tokens := [2]string{
				n.sign(b, alg, keys.TypAccessToken, n.userClaims(b)),
				n.sign(b, alg, keys.TypAccessToken, n.userClaims(b)),
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := n.Verify(b.Context(), tokens[i%2]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
