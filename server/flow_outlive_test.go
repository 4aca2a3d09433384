package server_test

import (
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// TestNothingOutlives: no code, session or consent is left of a user or an application
// that is gone, and no code or session works of one that was disabled, not even once
// it is enabled again.
func TestNothingOutlives(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		admin := s.Admin(t)
		patch := func(t *testing.T, path string, disabled bool) {
			t.Helper()
			want(t, s.JSON(t, http.MethodPatch, path, map[string]bool{"disabled": disabled}, admin), http.StatusOK, "")
		}
		user := func(userID, _ string) string { return "/v1/users/" + userID }
		application := func(_, applicationID string) string { return "/v1/applications/" + applicationID }
		for name, tt := range map[string]struct {
			of       func(userID, applicationID string) (path string)
			disabled bool // and enabled again, instead of deleted
			signedIn bool // the user still is
		}{
			"deleted user":         {of: user},
			"disabled user":        {of: user, disabled: true},
			"deleted application":  {of: application, signedIn: true},
			"disabled application": {of: application, disabled: true, signedIn: true},
		} {
			t.Run(name, func(t *testing.T) {
				p, other := newParty(t, s, func(a *identity.Application) { a.Trusted = false }), newParty(t, s)
				userID := s.NewUser(t, admin, p.id, identity.AdminGroup) // a name as good as any
				app := p.application(t)
				if err := s.Store.AddConsent(t.Context(), userID, app, []string{"openid", "profile"}, s.Clock.Now()); err != nil {
					t.Fatal(err)
				}
				b := s.NewBrowser(t)
				b.SignInAs(t, userID, s.Clock.Now())
				tokens := p.tokens(t, b)
				code := b.Get(t, address(p.request())).Given.Get("code")

				s.Clock.Advance(time.Second)
				path := tt.of(userID, app.ID)
				if tt.disabled {
					patch(t, path, true)
					if a := p.exchange(t, code); a.Status < 400 {
						t.Errorf("the code works: %s", a.Body)
					}
					patch(t, path, false)
				} else {
					want(t, s.JSON(t, http.MethodDelete, path, nil, admin), http.StatusNoContent, "")
				}

				if a := p.exchange(t, code); a.Status < 400 {
					t.Errorf("the code works: %s", a.Body)
				}
				a := s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.Text("refresh_token")}}, servertest.Basic(p.id, p.secret))
				if a.Status < 400 {
					t.Errorf("the session works: %s", a.Body)
				}
				if a := s.Get(t, "/oauth2/userinfo", servertest.Bearer(tokens.Text("access_token"))); a.Status != http.StatusUnauthorized {
					t.Errorf("userinfo: %d %s", a.Status, a.Body)
				}
				if sessions, err := s.Store.SessionsOfUser(t.Context(), userID, s.Clock.Now()); err != nil || len(sessions) > 0 {
					t.Errorf("sessions: %+v, %v", sessions, err)
				}
				consents, err := s.Store.ConsentsOfUser(t.Context(), userID)
				if left := len(consents) > 0; err != nil || left != tt.disabled {
					t.Errorf("consents: %+v, %v", consents, err)
				}
				if got := other.isSignedIn(t, b, userID); got != tt.signedIn {
					t.Errorf("signed in in the browser: %t", got)
				}
			})
		}
	})
}

// TestNothingIsBegunMeanwhile deletes users while they sign in.
func TestNothingIsBegunMeanwhile(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p, admin := newParty(t, s), s.Admin(t)
		for range 10 {
			userID := s.NewUser(t, admin, "user", identity.AdminGroup)
			b := s.NewBrowser(t)
			b.SignInAs(t, userID, s.Clock.Now())
			code := b.Get(t, address(p.request())).Given.Get("code")
			var group sync.WaitGroup
			var tokens servertest.Answer
			group.Go(func() { tokens = p.exchange(t, code) })
			group.Go(func() { _ = b.Get(t, address(p.request())) })
			group.Go(func() {
				want(t, s.JSON(t, http.MethodDelete, "/v1/users/"+userID, nil, admin), http.StatusNoContent, "")
			})
			group.Wait()
			if sessions, err := s.Store.SessionsOfUser(t.Context(), userID, s.Clock.Now()); err != nil || len(sessions) > 0 {
				t.Fatalf("sessions: %+v, %v", sessions, err)
			}
			if tokens.Status == http.StatusOK && p.alive(t, tokens) {
				t.Fatal("tokens outlive their user")
			}
		}
	})
}
