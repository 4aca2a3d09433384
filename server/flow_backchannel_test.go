package server_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server"
	"gatehouse/server/servertest"
	"gatehouse/storage"
)

// TestBackchannelLogout goes through all that ends sessions.
func TestBackchannelLogout(t *testing.T) {
	t.Parallel()
	eachNear(t, func(t *testing.T, s *servertest.Server) {
		r := newReceiver(t)
		admin := s.Admin(t)
		p := newParty(t, s, told(r), func(a *identity.Application) { a.Trusted = false })
		for _, tt := range []struct {
			name string
			end  func(t *testing.T, b *servertest.Browser, userID string, tokens servertest.Answer)
			stay bool // the user is signed in in the browser still
		}{
			{"at the request of the application", func(t *testing.T, b *servertest.Browser, _ string, tokens servertest.Answer) {
				farewell(t, b.Get(t, leaving("id_token_hint", tokens.Text("id_token"))))
			}, false},
			{"with a token", func(t *testing.T, _ *servertest.Browser, _ string, tokens servertest.Answer) {
				want(t, s.Form(t, "/v1/logout", url.Values{"id_token_hint": {tokens.Text("access_token")}}), http.StatusNoContent, "")
			}, false},
			{"by the user", func(t *testing.T, _ *servertest.Browser, _ string, tokens servertest.Answer) {
				own := servertest.Bearer(tokens.Text("access_token"))
				want(t, s.JSON(t, http.MethodDelete, "/v1/sessions/"+sid(t, tokens), nil, own), http.StatusNoContent, "")
			}, true},
			{"by revocation", func(t *testing.T, _ *servertest.Browser, _ string, tokens servertest.Answer) {
				a := s.Form(t, "/oauth2/revoke", url.Values{"token": {tokens.Text("refresh_token")}}, servertest.Basic(p.id, p.secret))
				want(t, a, http.StatusOK, "")
			}, true},
			{"by a stolen refresh token", func(t *testing.T, _ *servertest.Browser, _ string, tokens servertest.Answer) {
				form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tokens.Text("refresh_token")}}
				want(t, s.Form(t, tokenPath, form, servertest.Basic(p.id, p.secret)), http.StatusOK, "")
				s.Clock.Advance(5 * time.Minute)
				want(t, s.Form(t, tokenPath, form, servertest.Basic(p.id, p.secret)), http.StatusBadRequest, "AUT-1005")
			}, true},
			{"by withdrawing the consent", func(t *testing.T, _ *servertest.Browser, _ string, tokens servertest.Answer) {
				own := servertest.Bearer(tokens.Text("access_token"))
				want(t, s.JSON(t, http.MethodDelete, "/v1/consents/"+p.id, nil, own), http.StatusNoContent, "")
			}, true},
			{"by an administrator", func(t *testing.T, _ *servertest.Browser, userID string, tokens servertest.Answer) {
				want(t, s.JSON(t, http.MethodDelete, "/v1/users/"+userID+"/sessions/"+sid(t, tokens), nil, admin), http.StatusNoContent, "")
			}, true},
			{"all, by an administrator", func(t *testing.T, _ *servertest.Browser, userID string, _ servertest.Answer) {
				want(t, s.JSON(t, http.MethodDelete, "/v1/users/"+userID+"/sessions", nil, admin), http.StatusNoContent, "")
			}, false},
			{"by a new password", func(t *testing.T, _ *servertest.Browser, userID string, _ servertest.Answer) {
				body := map[string]string{"newPassword": servertest.NewPassword + "-2"}
				want(t, s.JSON(t, http.MethodPatch, "/v1/users/"+userID+"/reset-password", body, admin), http.StatusNoContent, "")
			}, false},
			{"by disabling the user", func(t *testing.T, _ *servertest.Browser, userID string, _ servertest.Answer) {
				for _, disabled := range []bool{true, false} {
					a := s.JSON(t, http.MethodPatch, "/v1/users/"+userID, map[string]bool{"disabled": disabled}, admin)
					want(t, a, http.StatusOK, "")
				}
			}, false},
			{"by deleting the user", func(t *testing.T, _ *servertest.Browser, userID string, _ servertest.Answer) {
				want(t, s.JSON(t, http.MethodDelete, "/v1/users/"+userID, nil, admin), http.StatusNoContent, "")
			}, false},
		} {
			t.Run(tt.name, func(t *testing.T) {
				userID := s.NewUser(t, admin, "user-"+strings.ReplaceAll(strings.ReplaceAll(tt.name, " ", "-"), ",", ""), identity.AdminGroup)
				if err := s.Store.AddConsent(t.Context(), userID, p.application(t), []string{"openid", "profile"}, s.Clock.Now()); err != nil {
					t.Fatal(err)
				}
				b := s.NewBrowser(t)
				b.SignInAs(t, userID, s.Clock.Now())
				tokens := p.tokens(t, b)
				tt.end(t, b, userID, tokens)
				if p.alive(t, tokens) {
					t.Error("the session has not ended")
				}
				r.told(t, s, p, sid(t, tokens))
				if got := p.isSignedIn(t, b, userID); got != tt.stay {
					t.Errorf("signed in in the browser: %t, want %t", got, tt.stay)
				}
			})
		}
		nothingLeft(t, s)
	})
}

// application is what is registered.
func (p party) application(t *testing.T) identity.Application {
	t.Helper()
	app, err := p.s.Store.ApplicationByClientID(t.Context(), p.id)
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// nothingLeft checks that there is nobody to tell any more.
func nothingLeft(t *testing.T, s *servertest.Server) {
	t.Helper()
	within(t, 5*time.Second, "somebody is to be told still", func() bool {
		now := s.Clock.Now().Add(24 * time.Hour)
		left, err := s.Store.TakeDeliveries(t.Context(), now, now, 1000)
		return err == nil && len(left) == 0
	})
}

func TestLogoutToken(t *testing.T) {
	t.Parallel()
	eachNear(t, func(t *testing.T, s *servertest.Server) {
		for _, alg := range []string{"RS256", "ES256"} {
			r := newReceiver(t)
			p := newParty(t, s, told(r), func(a *identity.Application) { a.IDTokenSignedResponseAlg = alg })
			b := s.NewBrowser(t)
			b.SignInAs(t, s.UserID, s.Clock.Now())
			tokens := p.tokens(t, b)
			farewell(t, b.Get(t, leaving("id_token_hint", tokens.Text("id_token"))))
			token := r.wait(t, s, 1)[0]
			claims := logoutClaims(t, s, token)
			now := float64(s.Clock.Now().Unix())
			for name, want := range map[string]any{
				"iss": s.Issuer, "aud": p.id, "sub": s.UserID, "sid": sid(t, tokens), "iat": now, "exp": now + 120,
			} {
				if claims[name] != want {
					t.Errorf("%s = %v, want %v", name, claims[name], want)
				}
			}
			events, _ := claims["events"].(map[string]any)
			event, ok := events["http://schemas.openid.net/event/backchannel-logout"].(map[string]any)
			if !ok || len(event) != 0 || len(events) != 1 || claims["jti"] == "" || len(claims) != 8 {
				t.Errorf("claims: %v", claims)
			}
			// Whoever steals it gets nowhere.
			want(t, s.Get(t, "/oauth2/userinfo", servertest.Bearer(token)), http.StatusUnauthorized, "AUT-0007")
			want(t, s.Form(t, "/v1/logout", url.Values{"id_token_hint": {token}}), http.StatusUnauthorized, "AUT-0007")
			b.SignInAs(t, s.UserID, s.Clock.Now())
			asked(t, b.Get(t, leaving("id_token_hint", token)), "Ada Lovelace")
			if strings.Contains(s.Log.String(), token[len(token)-20:]) {
				t.Error("the token is in the log")
			}
		}
	})
}

// TestLogoutTokenIsSentAgain until the application takes it, and an address that
// sends it elsewhere does not.
func TestLogoutTokenIsSentAgain(t *testing.T) {
	t.Parallel()
	eachNear(t, func(t *testing.T, s *servertest.Server) {
		r := newReceiver(t, http.StatusInternalServerError, http.StatusBadRequest, http.StatusTemporaryRedirect, http.StatusCreated, http.StatusOK)
		p := newParty(t, s, told(r))
		b := s.NewBrowser(t)
		b.SignInAs(t, s.UserID, s.Clock.Now())
		tokens := p.tokens(t, b)
		farewell(t, b.Get(t, leaving("id_token_hint", tokens.Text("id_token"))))
		for i, pause := range []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 0} {
			got := r.wait(t, s, i+1)
			if len(got) != i+1 {
				t.Fatalf("%d attempts, want %d", len(got), i+1)
			}
			claims := logoutClaims(t, s, got[i])
			if claims["sid"] != sid(t, tokens) || claims["jti"] != logoutClaims(t, s, got[0])["jti"] || claims["iat"] != float64(s.Clock.Now().Unix()) {
				t.Errorf("attempt %d: %v", i, claims)
			}
			if pause > 0 {
				within(t, 5*time.Second, "it is not to be tried again", func() bool { return strings.Count(s.Log.String(), "to be tried again") == i+1 })
				s.Clock.Advance(pause)
			}
		}
		nothingLeft(t, s)
		if log := s.Log.String(); !strings.Contains(log, "the answer has status 500") || strings.Contains(log, "logout_token") {
			t.Errorf("log: %s", log)
		}
	})
}

// deaf is a database of which a node hears of nobody to tell.
type deaf struct{ server.Store }

func (deaf) TakeDeliveries(context.Context, time.Time, time.Time, int, ...string) ([]storage.Delivery, error) {
	return nil, nil
}

// TestLogoutOutlivesTheNode: what one node has not told before it stopped, another
// one tells.
func TestLogoutOutlivesTheNode(t *testing.T) {
	t.Parallel()
	eachNear(t, func(t *testing.T, s *servertest.Server) {
		r := newReceiver(t)
		first := s.Another(t, servertest.Options{Config: near, Store: func(store server.Store) server.Store { return deaf{store} }})
		p := newParty(t, first, told(r))
		b := first.NewBrowser(t)
		b.SignInAs(t, first.UserID, first.Clock.Now())
		tokens := p.tokens(t, b)
		farewell(t, b.Get(t, leaving("id_token_hint", tokens.Text("id_token"))))
		r.wait(t, s, 1)
		nothingLeft(t, s)
	})
}

// TestNodesTellOnce: several nodes tell each application once.
func TestNodesTellOnce(t *testing.T) {
	t.Parallel()
	eachNear(t, func(t *testing.T, s *servertest.Server) {
		other := s.Another(t, servertest.Options{Config: func(c *server.Config) { near(c); c.Tokens.Issuer = s.Issuer }})
		r := newReceiver(t)
		p := newParty(t, s, told(r))
		var sids, told []string
		for range 20 {
			b := s.NewBrowser(t)
			b.SignInAs(t, s.UserID, s.Clock.Now())
			for range 2 {
				sids = append(sids, sid(t, p.tokens(t, b)))
			}
		}
		want(t, other.JSON(t, http.MethodDelete, "/v1/users/"+s.UserID+"/sessions", nil, other.Admin(t)), http.StatusNoContent, "")
		r.wait(t, s, len(sids))
		nothingLeft(t, s)
		for _, token := range r.got() {
			told = append(told, decode(t, token)["sid"].(string))
		}
		slices.Sort(sids)
		slices.Sort(told)
		if !slices.Equal(sids, told) {
			t.Errorf("told of %d sessions, want each of %d once", len(told), len(sids))
		}
	})
}

// TestLogoutReachesNoPrivateAddress where nobody has allowed it.
func TestLogoutReachesNoPrivateAddress(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	r := newReceiver(t)
	p := newParty(t, s, told(r))
	b := s.NewBrowser(t)
	b.SignInAs(t, s.UserID, s.Clock.Now())
	farewell(t, b.Get(t, leaving("id_token_hint", p.tokens(t, b).Text("id_token"))))
	within(t, 5*time.Second, "no attempt was made", func() bool {
		return strings.Contains(s.Log.String(), "127.0.0.1: not an address of the public internet")
	})
	if got := r.got(); len(got) > 0 {
		t.Errorf("%d tokens have arrived", len(got))
	}
}
