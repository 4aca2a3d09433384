package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/server/servertest"
	"gatehouse/storage"
)

// Addresses of people and of those who would be them.
const (
	athome    = "203.0.113.7"
	onthego   = "198.51.100.20"
	elsewhere = "192.0.2.66"
)

// from has a request come from an address.
func from(address string) servertest.With { return servertest.Header("X-Forwarded-For", address) }

// guesser sends passwords from an address, with more parameters.
func guesser(t *testing.T, s *servertest.Server, address string, more ...string) func(password string) servertest.Answer {
	t.Helper()
	return func(password string) servertest.Answer {
		form := url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {password}}
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return s.Form(t, tokenPath, form, from(address))
	}
}

// deviceToken signs a user in from an address and returns the token of the device.
func deviceToken(t *testing.T, s *servertest.Server, address, username, password string) string {
	t.Helper()
	a := s.Form(t, tokenPath, url.Values{
		"grant_type": {"password"}, "username": {username}, "password": {password}, "remember_device": {"true"},
	}, from(address))
	want(t, a, http.StatusOK, "")
	if a.Text("device_token") == "" {
		t.Fatalf("no device token: %s", a.Body)
	}
	return a.Text("device_token")
}

// fail sends so many wrong passwords.
func fail(t *testing.T, times int, guess func(password string) servertest.Answer) {
	t.Helper()
	for range times {
		want(t, guess("wrong"), http.StatusBadRequest, "AUT-1002")
	}
}

// newEve creates a user eve, whose password is servertest.NewPassword.
func newEve(t *testing.T, s *servertest.Server) (id string) {
	t.Helper()
	admin := s.Admin(t)
	s.NewGroup(t, admin, "readers", map[string][]string{"books": {"get"}})
	return s.NewUser(t, admin, "eve", "readers")
}

// browserAt is a browser at an address.
func browserAt(t *testing.T, s *servertest.Server, address string) *servertest.Browser {
	t.Helper()
	b := s.NewBrowser(t)
	b.Header.Set("X-Forwarded-For", address)
	return b
}

// Whoever knows a username can send wrong passwords for it, as many as they like
// and from anywhere. The user's own browser goes on, at an address where it has
// never been, and after its user has signed out.
func TestStrangersDoNotFreezeARememberedBrowser(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		b := browserAt(t, s, athome)
		if v := b.Through(t, address(p.request()), s.Ada()); v.Given.Get("code") == "" {
			t.Fatalf("at %s: no code", v.URL)
		}
		for i := range 12 {
			fail(t, 6, guesser(t, s, fmt.Sprintf("192.0.2.%d", i)))
		}
		b.Header.Set("X-Forwarded-For", onthego)
		fail(t, 6, guesser(t, s, onthego))
		if v := b.Through(t, address(p.request("prompt", "login")), s.Ada()); v.Given.Get("code") == "" {
			t.Errorf("the remembered browser was refused at %s: %s", v.URL, v.Body)
		}
		if v := browserAt(t, s, onthego).Through(t, address(p.request()), s.Ada()); v.Away {
			t.Error("another browser at the frozen address got through")
		}
	})
}

// Neighbours share an address, not a device: what they send is a stranger's, and
// what they have of their own devices is worth nothing for another user.
func TestNeighboursAreStrangers(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		newEve(t, s)
		ada := deviceToken(t, s, athome, s.Username, s.Password)
		eve := deviceToken(t, s, athome, "eve", servertest.NewPassword)
		for _, more := range [][]string{nil, {"device_token", eve}, {"device_token", ada[1:] + ada[:1]}, {"device_token", "x"}} {
			guess := guesser(t, s, athome, more...)
			want(t, guess("wrong"), http.StatusBadRequest, "AUT-1002")
		}
		neighbour := guesser(t, s, athome, "device_token", eve)
		fail(t, 1, neighbour)
		want(t, neighbour(s.Password), http.StatusBadRequest, "AUT-1002") // five were evaluated, no more
		want(t, guesser(t, s, athome, "device_token", ada)(s.Password), http.StatusOK, "")
		want(t, neighbour(s.Password), http.StatusBadRequest, "AUT-1002")
	})
}

// A device that fails freezes itself, and nothing else.
func TestADeviceFreezesItselfAlone(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		laptop, phone := deviceToken(t, s, athome, s.Username, s.Password), deviceToken(t, s, athome, s.Username, s.Password)
		stolen := guesser(t, s, elsewhere, "device_token", laptop)
		fail(t, 5, stolen)
		want(t, stolen(s.Password), http.StatusBadRequest, "AUT-1002")
		want(t, guesser(t, s, athome, "device_token", laptop)(s.Password), http.StatusBadRequest, "AUT-1002")
		want(t, guesser(t, s, athome, "device_token", phone)(s.Password), http.StatusOK, "")
		want(t, guesser(t, s, athome)(s.Password), http.StatusOK, "")
	})
}

// A new password takes back every device, for whoever had the old one may have made
// theirs known.
func TestANewPasswordForgetsDevices(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		token := deviceToken(t, s, athome, s.Username, s.Password)
		const next = "An0ther-Engine-Entirely"
		a := s.JSON(t, http.MethodPatch, "/v1/users/"+s.UserID+"/reset-password", map[string]string{"newPassword": next}, s.Admin(t))
		want(t, a, http.StatusNoContent, "")
		s.Clock.Advance(time.Second) // failures until the reset do not count
		fail(t, 5, guesser(t, s, elsewhere))
		fail(t, 1, guesser(t, s, elsewhere, "device_token", token))
		want(t, guesser(t, s, elsewhere, "device_token", token)(next), http.StatusBadRequest, "AUT-1002")
		want(t, guesser(t, s, athome, "device_token", token)(next), http.StatusOK, "")
	})
}

// A console has one address for all its users. Those who mistype, or guess, freeze
// neither each other, nor a device, nor anybody else at the console's address.
func TestAConsoleFreezesNobodyElse(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		newEve(t, s)
		token := deviceToken(t, s, athome, s.Username, s.Password)
		console := func(username, password string) servertest.Answer {
			form := url.Values{"grant_type": {"password"}, "username": {username}, "password": {password}}
			return s.Form(t, tokenPath, form, from(elsewhere), servertest.Basic(s.ClientID, s.ClientSecret))
		}
		for i := range 60 { // more than freeze an address
			want(t, console(fmt.Sprintf("somebody-%d", i), "wrong"), http.StatusBadRequest, "AUT-1002")
		}
		fail(t, 5, func(password string) servertest.Answer { return console(s.Username, password) })
		want(t, console(s.Username, s.Password), http.StatusBadRequest, "AUT-1002")
		want(t, console("eve", servertest.NewPassword), http.StatusOK, "")
		want(t, guesser(t, s, elsewhere)(s.Password), http.StatusOK, "")
		want(t, guesser(t, s, athome, "device_token", token)(s.Password), http.StatusOK, "")
	})
}

// The owner of an IPv6 network has 65 536 subnets, and no more guesses for them than
// sixteen have; sent at once they are no more either.
func TestANetworkHasFewGuesses(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		for i := range 80 {
			fail(t, 1, guesser(t, s, fmt.Sprintf("2001:db8:7:%x::1", i*257)))
		}
		want(t, guesser(t, s, "2001:db8:7:ffff::1")(s.Password), http.StatusBadRequest, "AUT-1002")
		want(t, guesser(t, s, "2001:db8:8::1")(s.Password), http.StatusOK, "")

		var all sync.WaitGroup
		for range 40 {
			all.Go(func() { guesser(t, s, elsewhere)("wrong") })
		}
		all.Wait()
		want(t, guesser(t, s, elsewhere)(s.Password), http.StatusBadRequest, "AUT-1002")
	})
}

// Whoever has found a token can try to change the password with it. That gives them
// few guesses, and keeps its owner from nothing.
func TestATokenThiefGuessesLittle(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		change := func(token, old string) servertest.Answer {
			body := map[string]string{"oldPassword": old, "newPassword": "An0ther-Engine-Entirely"}
			return s.JSON(t, http.MethodPatch, "/v1/users/"+s.UserID+"/update-password", body, servertest.Bearer(token), from(elsewhere))
		}
		stolen, own := signIn(t, s).Text("access_token"), signIn(t, s).Text("access_token")
		for range 5 {
			want(t, change(stolen, "wrong"), http.StatusBadRequest, "IDE-2006")
		}
		want(t, change(stolen, s.Password), http.StatusBadRequest, "IDE-2006")
		want(t, guesser(t, s, elsewhere)(s.Password), http.StatusOK, "")
		want(t, change(own, s.Password), http.StatusNoContent, "")
	})
}

// An administrator unlocks who was frozen, by a call of its own or with a new password.
func TestUnlocking(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		admin := s.Admin(t)
		id := newEve(t, s)
		guess := func(password string) servertest.Answer {
			return s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {"eve"}, "password": {password}}, from(elsewhere))
		}
		shown := func() string { return s.JSON(t, http.MethodGet, "/v1/users/"+id, nil, admin).Text("frozenUntil") }
		frozen := func() bool {
			return strings.Contains(string(s.JSON(t, http.MethodGet, "/v1/users?frozen=true", nil, admin).Body), id)
		}
		fail(t, 5, guess)
		if until := s.Clock.Now().Add(15 * time.Minute).UTC().Format(time.RFC3339); !strings.HasPrefix(shown(), until[:16]) || !frozen() {
			t.Errorf("frozen until %q, listed: %t, want %s", shown(), frozen(), until)
		}
		want(t, guess(servertest.NewPassword), http.StatusBadRequest, "AUT-1002")
		s.Clock.Advance(time.Second)
		want(t, s.JSON(t, http.MethodPost, "/v1/users/"+id+"/unlock", nil, admin), http.StatusNoContent, "")
		if shown() != "" || frozen() {
			t.Errorf("frozen until %q, listed: %t, after the unlock", shown(), frozen())
		}
		s.Clock.Advance(time.Second)
		want(t, guess(servertest.NewPassword), http.StatusOK, "")

		fail(t, 5, guess)
		s.Clock.Advance(time.Second)
		const next = "An0ther-Engine-Entirely"
		want(t, s.JSON(t, http.MethodPatch, "/v1/users/"+id+"/reset-password", map[string]string{"newPassword": next}, admin), http.StatusNoContent, "")
		s.Clock.Advance(time.Second)
		want(t, guess(next), http.StatusOK, "")

		trail := string(s.JSON(t, http.MethodGet, "/v1/audit-events?subject="+id, nil, admin).Body)
		for _, action := range []string{`"user.unlock"`, `"user.reset-password"`, `"user.sign-in"`} {
			if !strings.Contains(trail, action) {
				t.Errorf("no %s in the audit trail: %s", action, trail)
			}
		}
		if a := s.JSON(t, http.MethodPost, "/v1/users/"+id+"/unlock", nil, s.ActAs(t, "eve", next)); a.Status != http.StatusForbidden {
			t.Errorf("eve unlocks herself: %d, want 403", a.Status)
		}
	})
}

// An application can ask for anybody. Whoever signs in as themselves then is told
// so, is not signed in, and has guessed nothing.
func TestAnotherAccountThanAskedForIsNoFailure(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		newEve(t, s)
		b := browserAt(t, s, athome)
		b.Through(t, address(p.request()), s.Ada())
		hint := p.exchange(t, b.Get(t, address(p.request())).Given.Get("code")).Text("id_token")
		for name, tt := range map[string]struct {
			parameter, value, says string
		}{
			"nobody, by claims":        {"claims", `{"id_token":{"sub":{"value":"nobody-at-all"}}}`, "Sign in with the account that was asked for."},
			"somebody, by an id token": {"id_token_hint", hint, "Sign in as"},
		} {
			other := browserAt(t, s, onthego)
			for range 7 {
				v := other.Get(t, address(p.request(tt.parameter, tt.value, "prompt", "login")))
				v = other.Submit(t, v, map[string]string{"username": "eve", "password": servertest.NewPassword})
				if v.Away || v.Status != http.StatusBadRequest || !strings.Contains(string(v.Body), tt.says) {
					t.Fatalf("%s: %d %s, want a page that says %q", name, v.Status, v.Body, tt.says)
				}
			}
			want(t, s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {"eve"}, "password": {servertest.NewPassword}}, from(onthego)), http.StatusOK, "")
			v := other.Get(t, address(p.request(tt.parameter, tt.value, "prompt", "login")))
			fail(t, 5, func(password string) servertest.Answer {
				return s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {"eve"}, "password": {password}}, from(onthego))
			})
			v = other.Submit(t, v, map[string]string{"username": "eve", "password": servertest.NewPassword})
			if strings.Contains(string(v.Body), tt.says) {
				t.Errorf("%s: a frozen guess was told that the password is right", name)
			}
			s.Clock.Advance(time.Hour)
		}
	})
}

// A right password that was sent for another account tells that somebody knows it: it is
// in the audit trail, and forgives no failures.
func TestAnotherAccountThanAskedForLeavesATrace(t *testing.T) {
	t.Parallel()
	eachConfigured(t, trustLoopback, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		eve := newEve(t, s)
		b := browserAt(t, s, onthego)
		asked := address(p.request("claims", `{"id_token":{"sub":{"value":"nobody-at-all"}}}`))
		guess := func(password string) servertest.Answer {
			return s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {"eve"}, "password": {password}}, from(onthego))
		}
		fail(t, 4, guess)
		v := b.Submit(t, b.Get(t, asked), map[string]string{"username": "eve", "password": servertest.NewPassword})
		if v.Away || v.Status != http.StatusBadRequest {
			t.Fatalf("another account: %d %s", v.Status, v.Body)
		}
		fail(t, 1, guess)
		want(t, guess(servertest.NewPassword), http.StatusBadRequest, "AUT-1002")

		events, err := s.Store.AuditEvents(t.Context(), storage.AuditQuery{Subject: eve, Action: "user.sign-in", Limit: 10})
		if err != nil || len(events) != 1 {
			t.Fatalf("events = %+v, %v, want one", events, err)
		}
		if e := events[0]; e.Code != "AUT-2039" || e.ActorType != "user" || e.ActorID != eve || e.Address != onthego || e.RequestID == "" {
			t.Errorf("event = %+v", e)
		}
	})
}
