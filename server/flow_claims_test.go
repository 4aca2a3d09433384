package server_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// tokensOf signs ada in at an application, on the pages that there are, and returns
// the answer of the token endpoint.
func (p party) tokensOf(t *testing.T, b *servertest.Browser, pairs ...string) servertest.Answer {
	t.Helper()
	v := b.Through(t, address(p.request(pairs...)), p.s.Ada())
	if !v.Away || v.Given.Get("code") == "" {
		t.Fatalf("no code: %d %s %v", v.Status, v.URL, v.Given)
	}
	a := p.exchange(t, v.Given.Get("code"))
	want(t, a, http.StatusOK, "")
	return a
}

// userinfoOf is what the userinfo endpoint says of an access token.
func (p party) userinfoOf(t *testing.T, accessToken string) map[string]any {
	t.Helper()
	a := p.s.Get(t, "/oauth2/userinfo", servertest.Bearer(accessToken))
	want(t, a, http.StatusOK, "")
	return a.JSON
}

// has says whether claims are there under names, and no others of some kinds.
func has(t *testing.T, where string, claims map[string]any, names ...string) {
	t.Helper()
	for _, name := range names {
		if claims[name] == nil {
			t.Errorf("%s: %s is not among %v", where, name, slices.Sorted(maps.Keys(claims)))
		}
	}
}

func lacks(t *testing.T, where string, claims map[string]any, names ...string) {
	t.Helper()
	for _, name := range names {
		if value, there := claims[name]; there {
			t.Errorf("%s: %s is %v", where, name, value)
		}
	}
}

func TestClaimsAsAskedFor(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		want(t, s.JSON(t, http.MethodPatch, "/v1/users/"+s.UserID, `{"metadata":{"phone_number":"+44 1","department":"Engines","nickname":"Countess"}}`, s.Admin(t)), 200, "")
		p := newParty(t, s, untrusted, func(a *identity.Application) {
			a.Scopes = []string{"openid", "profile", "email", "phone", "hr"}
			a.Claims = []identity.Claim{{Name: "dept", Metadata: "department", Scope: "hr"}}
		})
		b := s.NewBrowser(t)

		t.Run("by scope, at the userinfo endpoint", func(t *testing.T) {
			a := p.tokensOf(t, b, "scope", "openid profile email phone hr")
			id, info := decode(t, a.Text("id_token")), p.userinfoOf(t, a.Text("access_token"))
			has(t, "userinfo", info, "sub", "name", "given_name", "nickname", "email", "email_verified", "phone_number", "dept")
			has(t, "id token", id, "sub", "sid", "auth_time", "acr", "amr", "at_hash", "nonce", "azp", "dept")
			lacks(t, "id token", id, "name", "email", "phone_number")
		})
		t.Run("one by one, where asked for", func(t *testing.T) {
			a := p.tokensOf(t, b, "scope", "openid", "claims",
				`{"userinfo":{"given_name":{"essential":true},"address":null},"id_token":{"email":null,"dept":null}}`)
			id, info := decode(t, a.Text("id_token")), p.userinfoOf(t, a.Text("access_token"))
			has(t, "userinfo", info, "sub", "given_name")
			lacks(t, "userinfo", info, "name", "email", "address", "dept")
			has(t, "id token", id, "email", "dept")
			lacks(t, "id token", id, "given_name")
			refreshed := p.s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {a.Text("refresh_token")}}, servertest.Basic(p.id, p.secret))
			want(t, refreshed, http.StatusOK, "")
			again := decode(t, refreshed.Text("id_token"))
			has(t, "id token of the refresh", again, "email", "dept")
			if again["sub"] != id["sub"] || again["auth_time"] != id["auth_time"] || again["sid"] != id["sid"] || again["acr"] != id["acr"] {
				t.Errorf("refreshed %v, before %v", again, id)
			}
			has(t, "userinfo after the refresh", p.userinfoOf(t, refreshed.Text("access_token")), "given_name")
		})
		t.Run("people consent to claims as to their scopes", func(t *testing.T) {
			q := newParty(t, s, untrusted)
			q.tokensOf(t, b, "scope", "openid")
			b.Visits = nil
			q.tokensOf(t, b, "scope", "openid", "claims", `{"id_token":{"email":null}}`)
			if !slices.Contains(b.Visits, "/consent") {
				t.Errorf("went by %v", b.Visits)
			}
		})
		t.Run("somebody else is asked for", func(t *testing.T) {
			other := s.SomeUser(t, "other")
			sentBack(t, b.Get(t, address(p.request("prompt", "none", "claims", `{"id_token":{"sub":{"value":"`+other+`"}}}`))), "login_required", "AUT-2015")
			sentBack(t, b.Get(t, address(p.request("claims", `{"id_token":{"sub":7}}`))), "invalid_request", "AUT-0009")
		})
	})
}

// TestUserinfoByForm: a token may come in a form, and in one place only (RFC 6750 §2.2).
func TestUserinfoByForm(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		token := signIn(t, s).Text("access_token")
		a := s.Form(t, "/oauth2/userinfo", url.Values{"access_token": {token}})
		want(t, a, http.StatusOK, "")
		if a.Text("sub") != s.UserID {
			t.Errorf("sub is %v", a.JSON["sub"])
		}
		want(t, s.Form(t, "/oauth2/userinfo", url.Values{}, servertest.Bearer(token)), http.StatusOK, "")
		want(t, s.Form(t, "/oauth2/userinfo", url.Values{"access_token": {token}}, servertest.Bearer(token)), http.StatusBadRequest, "AUT-0009")
		want(t, s.Form(t, "/oauth2/userinfo", url.Values{"access_token": {token, token}}), http.StatusBadRequest, "AUT-0009")
		want(t, s.Form(t, "/oauth2/userinfo", url.Values{}), http.StatusUnauthorized, "AUT-0006")
		want(t, s.Form(t, "/oauth2/userinfo", url.Values{"access_token": {"x" + token}}), http.StatusUnauthorized, "AUT-0007")
		want(t, s.Get(t, "/oauth2/userinfo?access_token="+token), http.StatusUnauthorized, "AUT-0006")
		want(t, s.Form(t, "/oauth2/userinfo?access_token="+token, url.Values{}), http.StatusUnauthorized, "AUT-0006")
	})
}

// TestPairwiseSubjects: applications of one sector know a user by one sub, those of
// another by another one, and everything works with it (OpenID Connect Core §8.1).
func TestPairwiseSubjects(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		pairwise := func(a *identity.Application) {
			a.SubjectType = identity.SubjectPairwise
			a.GrantTypes = append(a.GrantTypes, identity.GrantPassword)
		}
		elsewhere := func(a *identity.Application) { a.SectorIdentifier = "https://elsewhere.example.com/uris.json" }
		public, one, same, other := newParty(t, s), newParty(t, s, pairwise), newParty(t, s, pairwise), newParty(t, s, pairwise, elsewhere)
		b := s.NewBrowser(t)
		sub := func(p party) string { return decode(t, p.tokensOf(t, b).Text("id_token"))["sub"].(string) }
		a := one.tokensOf(t, b)
		id, access := decode(t, a.Text("id_token")), decode(t, a.Text("access_token"))
		known := id["sub"].(string)
		if known == s.UserID || sub(public) != s.UserID || sub(same) != known || sub(other) == known || sub(other) == s.UserID || sub(one) != known {
			t.Errorf("subs: %q, public %q, same sector %q, another %q", known, sub(public), sub(same), sub(other))
		}
		token := servertest.Bearer(a.Text("access_token"))
		if info := one.userinfoOf(t, a.Text("access_token")); access["sub"] != known || info["sub"] != known {
			t.Errorf("sub: access token %v, userinfo %v, want %q", access["sub"], info["sub"], known)
		}
		introspected := s.Form(t, "/oauth2/introspect", url.Values{"token": {a.Text("access_token")}}, servertest.Basic(one.id, one.secret))
		refresh := s.Form(t, "/oauth2/introspect", url.Values{"token": {a.Text("refresh_token")}}, servertest.Basic(one.id, one.secret))
		if introspected.Text("sub") != known || refresh.Text("sub") != known {
			t.Errorf("introspection: %s, %s", introspected.Body, refresh.Body)
		}
		refreshed := s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {a.Text("refresh_token")}}, servertest.Basic(one.id, one.secret))
		if decode(t, refreshed.Text("id_token"))["sub"] != known || decode(t, refreshed.Text("access_token"))["sub"] != known {
			t.Errorf("after a refresh: %s", refreshed.Body)
		}
		password := s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {s.Password}, "scope": {"openid"}}, servertest.Basic(one.id, one.secret))
		if decode(t, password.Text("id_token"))["sub"] != known {
			t.Errorf("by password: %s", password.Body)
		}
		for _, body := range []string{`{"resource":"users","action":"get"}`, `{"sub":"lerian/` + known + `","resource":"users","action":"get"}`} {
			if a := s.PostJSON(t, authorizePath, body, token); !answerOf(t, s, a) {
				t.Errorf("%s: %s", body, a.Body)
			}
		}
		if info := s.Get(t, "/v1/userinfo", token); info.Text("sub") != known {
			t.Errorf("/v1/userinfo: %s", info.Body)
		}
		hinted := one.request("prompt", "none", "id_token_hint", a.Text("id_token"))
		if v := b.Get(t, address(hinted)); v.Given.Get("code") == "" {
			t.Errorf("with its id token for a hint: %v", v.Given)
		}
		// By no other sub than its own does an application learn whether a user is there.
		for _, asks := range []party{public, one, other} {
			own := sub(asks)
			for _, asked := range []string{s.UserID, known, sub(other)} {
				v := b.Get(t, address(asks.request("prompt", "none", "claims", `{"id_token":{"sub":{"value":"`+asked+`"}}}`)))
				if got := v.Given.Get("code") != ""; got != (asked == own) {
					t.Errorf("asked for %q by who knows %q: %v", asked, own, v.Given)
				}
			}
		}
		node := s.Another(t, servertest.Options{Config: (&world{Server: s}).sameIssuer})
		want(t, node.Get(t, "/oauth2/userinfo", token), http.StatusOK, "")
		s.DisableUser(t, s.UserID)
		want(t, s.Get(t, "/oauth2/userinfo", token), http.StatusUnauthorized, "AUT-1003")
	})
}
