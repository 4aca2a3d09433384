package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// TestConsentWithdrawnMeanwhile: what somebody has said on the page counts for nothing
// once they have taken it back.
func TestConsentWithdrawnMeanwhile(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p, token := newParty(t, s, untrusted), s.Admin(t)
		b := s.NewBrowser(t)
		b.SignInAs(t, s.UserID, s.Clock.Now())
		for _, pairs := range [][]string{nil, {"prompt", "consent"}} {
			page := b.Get(t, address(p.request(pairs...)))
			b.Stays = true
			b.Submit(t, page, map[string]string{"decision": "allow"})
			b.Stays = false
			want(t, s.JSON(t, http.MethodDelete, "/v1/consents/"+p.id, nil, token), http.StatusNoContent, "")
			if v := b.Get(t, authorizeAt+"?interaction="+page.Form["interaction"]); v.URL.Path != "/consent" {
				t.Errorf("%v: at %s, given %v", pairs, v.URL, v.Given)
			}
		}
	})
}

func TestConsents(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		asks := func(a *identity.Application) { a.Trusted, a.DisplayName = false, "Acme Portal" }
		p, other, trusted := newParty(t, s, asks), newParty(t, s, func(a *identity.Application) { a.Trusted = false }), newParty(t, s)
		token := s.Admin(t)
		list := func() []map[string]any {
			t.Helper()
			a := s.Get(t, "/v1/consents", token)
			want(t, a, http.StatusOK, "")
			var consents []map[string]any
			if err := json.Unmarshal(a.Body, &consents); err != nil || consents == nil {
				t.Fatalf("%v: %s", err, a.Body)
			}
			return consents
		}
		if got := list(); len(got) > 0 {
			t.Fatalf("consents: %v", got)
		}
		b, began := s.NewBrowser(t), s.Clock.Now().Format(time.RFC3339)
		allow := func(p party, pairs ...string) {
			t.Helper()
			if v := b.Through(t, address(p.request(pairs...)), s.Ada()); v.Given.Get("code") == "" {
				t.Fatalf("at %s: %d %s", v.URL, v.Status, v.Body)
			}
		}
		allow(p)
		s.Clock.Advance(time.Minute)
		later := s.Clock.Now().Format(time.RFC3339)
		allow(p, "scope", "openid email")
		allow(other, "scope", "openid")
		allow(trusted)
		diff := cmp.Diff([]map[string]any{
			{"application": p.id, "name": "Acme Portal", "audiences": []any{}, "claims": []any{}, "scopes": []any{"email", "openid", "profile"}, "grantedAt": began, "updatedAt": later},
			{"application": other.id, "name": "party", "audiences": []any{}, "claims": []any{}, "scopes": []any{"openid"}, "grantedAt": later, "updatedAt": later},
		}, list())
		if diff != "" {
			t.Errorf("consents (-want +got):\n%s", diff)
		}

		tokens, elsewhere := p.tokens(t, b), other.tokens(t, b, "scope", "openid")
		withdraw := func(clientID string, with ...servertest.With) servertest.Answer {
			t.Helper()
			return s.JSON(t, http.MethodDelete, "/v1/consents/"+clientID, nil, with...)
		}
		for _, id := range []string{"nobody", trusted.id, strings.Repeat("x", 5000), "a%2Fb", "%00"} {
			want(t, withdraw(id, token), http.StatusNotFound, "AUT-2029")
		}
		want(t, withdraw(p.id), http.StatusUnauthorized, "AUT-0006")
		want(t, s.Get(t, "/v1/consents"), http.StatusUnauthorized, "AUT-0006")
		machine := s.ActAsApplication(t, s.MachineID, s.MachineSecret)
		want(t, s.Get(t, "/v1/consents", machine), http.StatusForbidden, "AUT-2002")
		want(t, withdraw(p.id, machine), http.StatusForbidden, "AUT-2002")
		bob := s.NewUser(t, token, "bob", identity.AdminGroup)
		want(t, withdraw(p.id, s.ActAs(t, "bob", servertest.NewPassword)), http.StatusNotFound, "AUT-2029")
		if !p.alive(t, tokens) || len(list()) != 2 || bob == "" {
			t.Error("a refused request has withdrawn something")
		}

		want(t, withdraw(p.id, token), http.StatusNoContent, "")
		want(t, withdraw(p.id, token), http.StatusNotFound, "AUT-2029")
		if got := list(); len(got) != 1 || got[0]["application"] != other.id {
			t.Errorf("consents: %v", got)
		}
		if p.alive(t, tokens) || !other.alive(t, elsewhere) {
			t.Error("the wrong sessions have ended")
		}
		v := b.Get(t, address(p.request()))
		if v.URL.Path != "/consent" {
			t.Errorf("at %s: not asked again", v.URL)
		}
	})
}
