package server_test

import (
	"net/http"
	"testing"
	"time"

	"pgregory.net/rapid"

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
	dead    bool
}

func begin(t *testing.T, s *servertest.Server) *family {
	a := signIn(t, s)
	return &family{s: s, tokens: []string{a.Text("refresh_token")}, access: a.Text("access_token"), started: s.Clock.Now(), used: s.Clock.Now()}
}

func (f *family) live() string { return f.tokens[len(f.tokens)-1] }

// expired says whether time alone has ended the family.
func (f *family) expired() bool {
	now := f.s.Clock.Now()
	return !now.Before(f.used.Add(idleLife)) || !now.Before(f.started.Add(absoluteLife))
}

// TestRefreshModel runs any interleaving of use, repeat, reuse, revocation,
// logout and time against the model, on every database.
func TestRefreshModel(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		rapid.Check(t, func(rt *rapid.T) {
			f := begin(t, s)
			rt.Repeat(map[string]func(*rapid.T){
				"use": func(*rapid.T) {
					a := refresh(t, s, f.live())
					if f.dead || f.expired() {
						want(t, a, http.StatusBadRequest, "AUT-1005")
						return
					}
					want(t, a, http.StatusOK, "")
					f.tokens, f.access = append(f.tokens, a.Text("refresh_token")), a.Text("access_token")
					f.used, f.spentAt = s.Clock.Now(), s.Clock.Now()
				},
				"repeat": func(rt *rapid.T) {
					if len(f.tokens) < 2 {
						rt.Skip("nothing spent yet")
					}
					a := refresh(t, s, f.tokens[len(f.tokens)-2])
					switch {
					case f.dead || f.expired():
						want(t, a, http.StatusBadRequest, "AUT-1005")
						f.dead = f.dead || !s.Clock.Now().Before(f.spentAt.Add(grace)) && s.Clock.Now().Before(f.started.Add(absoluteLife))
					case s.Clock.Now().Before(f.spentAt.Add(grace)):
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
					want(t, refresh(t, s, old), http.StatusBadRequest, "AUT-1005")
					f.dead = true
				},
				"revoke": func(rt *rapid.T) {
					revoke(t, s, rapid.SampledFrom(f.tokens).Draw(rt, "token"))
					f.dead = true
				},
				"time": func(rt *rapid.T) {
					s.Clock.Advance(rapid.SampledFrom([]time.Duration{
						time.Second, grace - time.Second, grace, time.Hour, 13 * time.Hour, 20 * time.Hour,
					}).Draw(rt, "d"))
				},
				"": func(rt *rapid.T) {
					if got, alive := active(t, s, f.live()), !f.dead && !f.expired(); got != alive {
						rt.Fatalf("introspection of the live refresh token says %v, want %v", got, alive)
					}
					if f.dead && active(t, s, f.access) {
						rt.Fatal("an access token outlives its session")
					}
				},
			})
		})
	})
}
