package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/server/explain"
	"gatehouse/server/servertest"
)

// place is where a request comes from.
type place struct{ address, userAgent string }

var (
	home     = place{"203.0.113.9", "Mozilla/5.0 (home)"}
	stranger = place{"198.51.100.7", "curl/8.5.0"}
)

func (p place) from(r *http.Request) {
	r.Header.Set("X-Forwarded-For", p.address)
	r.Header.Set("User-Agent", p.userAgent)
}

// signIn signs in at the application whose credentials are shown, else at the built-in
// public one.
func (p place) signIn(t *testing.T, s *servertest.Server, with ...servertest.With) servertest.Answer {
	t.Helper()
	a := s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {s.Password}}, slices.Concat(with, []servertest.With{p.from})...)
	want(t, a, http.StatusOK, "")
	return a
}

// refresh shows a refresh token, without credentials as a public client.
func (p place) refresh(t *testing.T, s *servertest.Server, token string, with ...servertest.With) servertest.Answer {
	t.Helper()
	return s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}, slices.Concat(with, []servertest.With{p.from})...)
}

// Within the grace period a spent token of a public client is worth something only to
// who may be the client that spent it; with anybody else it ends the session.
func TestStolenSpentRefreshToken(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		home6 := place{"2001:db8:1:2::9", home.userAgent}
		for name, tt := range map[string]struct {
			spender, repeater place
			answered          bool
		}{
			"from elsewhere":                               {home, stranger, false},
			"from elsewhere, with the user agent":          {home, place{stranger.address, home.userAgent}, false},
			"from the same address":                        {home, place{home.address, stranger.userAgent}, true},
			"from a neighbour with the user agent":         {home, place{"203.0.200.1", home.userAgent}, true},
			"from a neighbour with another user agent":     {home, place{"203.0.200.1", stranger.userAgent}, false},
			"from a neighbour without a user agent":        {home, place{"203.0.200.1", ""}, false},
			"from a neighbour, neither with a user agent":  {place{home.address, ""}, place{"203.0.200.1", ""}, false},
			"from the next /16":                            {home, place{"203.1.113.9", home.userAgent}, false},
			"from the same /64":                            {home6, place{"2001:db8:1:2:ffff::1", stranger.userAgent}, true},
			"from the same /48 with the user agent":        {home6, place{"2001:db8:1:ffff::1", home.userAgent}, true},
			"from the same /48 with another user agent":    {home6, place{"2001:db8:1:ffff::1", stranger.userAgent}, false},
			"from the next /48":                            {home6, place{"2001:db8:2:2::9", home.userAgent}, false},
			"from IPv4 after IPv6":                         {home6, home, false},
			"spent elsewhere by a thief, then by the user": {stranger, home, false},
		} {
			t.Run(name, func(t *testing.T) {
				first := home.signIn(t, s)
				spent := tt.spender.refresh(t, s, first.Text("refresh_token"))
				want(t, spent, http.StatusOK, "")
				s.Clock.Advance(3 * time.Second)
				again := tt.repeater.refresh(t, s, first.Text("refresh_token"))
				if tt.answered {
					want(t, again, http.StatusOK, "")
					if again.Text("refresh_token") != spent.Text("refresh_token") {
						t.Error("the repetition got another successor")
					}
					want(t, tt.spender.refresh(t, s, spent.Text("refresh_token")), http.StatusOK, "")
					return
				}
				want(t, again, http.StatusBadRequest, "AUT-1005")
				reason{
					check: explain.RefreshSameClient, got: "from " + tt.repeater.address, want: "from " + tt.spender.address,
					passed: []string{"refresh.genuine", "refresh.not-spent"},
				}.of(t, again, s.Refusal(t, again))
				want(t, tt.spender.refresh(t, s, spent.Text("refresh_token")), http.StatusBadRequest, "AUT-1005")
				want(t, s.Get(t, "/v1/userinfo", servertest.Bearer(spent.Text("access_token"))), http.StatusUnauthorized, "AUT-1003")
			})
		}
		t.Run("a confidential client repeats from wherever it runs", func(t *testing.T) {
			first := signIn(t, s).Text("refresh_token")
			client := servertest.Basic(s.ClientID, s.ClientSecret)
			spent := home.refresh(t, s, first, client)
			want(t, spent, http.StatusOK, "")
			again := stranger.refresh(t, s, first, client)
			want(t, again, http.StatusOK, "")
			if again.Text("refresh_token") != spent.Text("refresh_token") {
				t.Error("the repetition got another successor")
			}
		})
		t.Run("where an earlier release spent it, the sign-in's address counts", func(t *testing.T) {
			for _, tt := range []struct {
				repeater place
				status   int
			}{{home, http.StatusOK}, {place{"203.0.1.1", home.userAgent}, http.StatusOK}, {place{"203.0.1.1", stranger.userAgent}, http.StatusBadRequest}, {stranger, http.StatusBadRequest}} {
				first := home.signIn(t, s).Text("refresh_token")
				want(t, home.refresh(t, s, first), http.StatusOK, "")
				s.Statement(t, "UPDATE sessions SET spent_address = NULL, spent_user_agent = NULL")
				if a := tt.repeater.refresh(t, s, first); a.Status != tt.status {
					t.Errorf("from %v: %d %s, want %d", tt.repeater, a.Status, a.Body, tt.status)
				}
			}
		})
	})
}

// Of a thief and the user who show one token at the same time, one at most goes on.
func TestRefreshRaceWithAThief(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		for range 5 {
			first := home.signIn(t, s).Text("refresh_token")
			answers := make([]servertest.Answer, 8)
			var group sync.WaitGroup
			for i := range answers {
				group.Go(func() { answers[i] = []place{home, stranger}[i%2].refresh(t, s, first) })
			}
			group.Wait()
			var got [2][]string
			for i, a := range answers {
				if token := a.Text("refresh_token"); token != "" {
					got[i%2] = append(got[i%2], token)
				}
			}
			if len(got[0]) > 0 && len(got[1]) > 0 || len(got[0])+len(got[1]) == 0 {
				t.Errorf("the user got %d successors and the thief %d, want only one of them some", len(got[0]), len(got[1]))
			}
			for _, token := range slices.Concat(got[0], got[1]) {
				want(t, home.refresh(t, s, token), http.StatusBadRequest, "AUT-1005")
			}
		}
	})
}

// What is shown twice from two addresses is in the audit trail, with both of them.
func TestRefreshRepeatsAreAudited(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		w := newWorld(t, s)
		confidential := signIn(t, s).Text("refresh_token")
		client := servertest.Basic(s.ClientID, s.ClientSecret)
		for _, p := range []place{home, home, stranger} {
			want(t, p.refresh(t, s, confidential, client), http.StatusOK, "")
		}
		stolen := home.signIn(t, s).Text("refresh_token")
		want(t, home.refresh(t, s, stolen), http.StatusOK, "")
		for range 3 {
			want(t, stranger.refresh(t, s, stolen, servertest.Header("X-Request-Id", "stolen-1")), http.StatusBadRequest, "AUT-1005")
		}
		late := home.signIn(t, s).Text("refresh_token")
		want(t, home.refresh(t, s, late), http.StatusOK, "")
		s.Clock.Advance(time.Minute)
		want(t, home.refresh(t, s, late), http.StatusBadRequest, "AUT-1005")

		events, _ := auditPage(t, w, "?action=session.&limit=100")
		var got []string
		for _, e := range events {
			text := func(name string) string { v, _ := e.After[name].(string); return v }
			got = append(got, strings.Join([]string{e.Action, e.Actor.Type, e.Subject.Type, e.Subject.Name, e.Address, text("address"), text("spentFrom")}, " "))
			if text("session") == "" || text("application") != e.Actor.ID || e.Subject.ID != s.UserID {
				t.Errorf("event %+v", e)
			}
		}
		if wanted := []string{
			"session.refresh-reuse application user ada 203.0.113.9 203.0.113.9 203.0.113.9",
			"session.refresh-reuse application user ada 198.51.100.7 198.51.100.7 203.0.113.9",
			"session.refresh-repeat application user ada 198.51.100.7 198.51.100.7 203.0.113.9",
		}; !slices.Equal(got, wanted) {
			t.Errorf("events:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(wanted, "\n"))
		}
	})
}
