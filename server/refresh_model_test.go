package server_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// The lifetimes of the test's application, by default.
const (
	idleLife     = 24 * time.Hour
	absoluteLife = 30 * 24 * time.Hour
	grace        = 10 * time.Second
)

// family is what a client, and a thief, should see of one session: a model of
// the refresh grant that a few lines can hold.
type family struct {
	s       *servertest.Server
	tokens  []string // every refresh token issued, oldest first; the last is live
	access  string   // the newest access token
	used    time.Time
	started time.Time
	spentAt time.Time
	spentBy place
	dead    bool
	client  []servertest.With // credentials; none: a public client's
}

// places are where requests come from; the second is a neighbour of the first, and
// the third has its user agent.
var places = []place{home, {"203.0.200.1", home.userAgent}, {"203.0.200.2", stranger.userAgent}, {stranger.address, home.userAgent}, stranger}

func anyPlace(rt *rapid.T) place { return rapid.SampledFrom(places).Draw(rt, "place") }

// same says whether two places may be one client's: the model's own words for the rule.
func (p place) same(q place) bool {
	return p.address == q.address || p.userAgent == q.userAgent && p.address[:6] == q.address[:6]
}

func begin(t *testing.T, s *servertest.Server, client []servertest.With) *family {
	a := home.signIn(t, s, client...)
	return &family{s: s, client: client, tokens: []string{a.Text("refresh_token")}, access: a.Text("access_token"), started: s.Clock.Now(), used: s.Clock.Now()}
}

// refresh shows a refresh token from a place.
func (f *family) refresh(t *testing.T, from place, token string) servertest.Answer {
	t.Helper()
	return from.refresh(t, f.s, token, f.client...)
}

// mayRepeat says whether a spent token is still worth its successor there.
func (f *family) mayRepeat(from place) bool {
	return f.s.Clock.Now().Before(f.spentAt.Add(grace)) && (f.client != nil || from.same(f.spentBy))
}

func (f *family) live() string { return f.tokens[len(f.tokens)-1] }

// expired says whether time alone has ended the family.
func (f *family) expired() bool {
	now := f.s.Clock.Now()
	return !now.Before(f.used.Add(idleLife)) || !now.Before(f.started.Add(absoluteLife))
}

// TestRefreshModel runs any interleaving of use, repeat, reuse, revocation,
// logout, place and time against the model, on every database.
func TestRefreshModel(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		t.Run("confidential", func(t *testing.T) {
			checkRefreshModel(t, s, []servertest.With{servertest.Basic(s.ClientID, s.ClientSecret)})
		})
		t.Run("public", func(t *testing.T) { checkRefreshModel(t, s, nil) })
	})
}

func checkRefreshModel(t *testing.T, s *servertest.Server, client []servertest.With) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) {
		f := begin(t, s, client)
		rt.Repeat(map[string]func(*rapid.T){
			"use": func(rt *rapid.T) {
				from := anyPlace(rt)
				a := f.refresh(t, from, f.live())
				if f.dead || f.expired() {
					want(t, a, http.StatusBadRequest, "AUT-1005")
					return
				}
				want(t, a, http.StatusOK, "")
				f.tokens, f.access = append(f.tokens, a.Text("refresh_token")), a.Text("access_token")
				f.used, f.spentAt, f.spentBy = s.Clock.Now(), s.Clock.Now(), from
			},
			"repeat": func(rt *rapid.T) {
				if len(f.tokens) < 2 {
					rt.Skip("nothing spent yet")
				}
				from := anyPlace(rt)
				a, repeatable := f.refresh(t, from, f.tokens[len(f.tokens)-2]), f.mayRepeat(from)
				switch {
				case f.dead || f.expired():
					want(t, a, http.StatusBadRequest, "AUT-1005")
					f.dead = f.dead || !repeatable && s.Clock.Now().Before(f.started.Add(absoluteLife))
				case repeatable:
					want(t, a, http.StatusOK, "")
					if a.Text("refresh_token") != f.live() {
						rt.Fatalf("another successor: %q, want %q", a.Text("refresh_token"), f.live())
					}
				default:
					want(t, a, http.StatusBadRequest, "AUT-1005")
					f.dead = true
				}
			},
			"reuse an older one": func(rt *rapid.T) {
				if len(f.tokens) < 3 {
					rt.Skip("too young")
				}
				old := rapid.SampledFrom(f.tokens[:len(f.tokens)-2]).Draw(rt, "token")
				want(t, f.refresh(t, anyPlace(rt), old), http.StatusBadRequest, "AUT-1005")
				f.dead = true
			},
			"revoke": func(rt *rapid.T) {
				form := url.Values{"token": {rapid.SampledFrom(f.tokens).Draw(rt, "token")}}
				if client == nil {
					form.Set("client_id", identity.FirstPartyClientID)
				}
				want(t, s.Form(t, "/oauth2/revoke", form, client...), http.StatusOK, "")
				f.dead = true
			},
			"time": func(rt *rapid.T) {
				s.Clock.Advance(rapid.SampledFrom([]time.Duration{
					time.Second, grace - time.Second, grace, time.Hour, 13 * time.Hour, 20 * time.Hour,
				}).Draw(rt, "d"))
			},
			"": func(rt *rapid.T) {
				if f.dead && s.Get(t, "/v1/userinfo", servertest.Bearer(f.access)).Status != http.StatusUnauthorized {
					rt.Fatal("an access token outlives its session")
				}
				if client == nil { // which may not introspect
					return
				}
				if got, alive := active(t, s, f.live()), !f.dead && !f.expired(); got != alive {
					rt.Fatalf("introspection of the live refresh token says %v, want %v", got, alive)
				}
			},
		})
	})
}
