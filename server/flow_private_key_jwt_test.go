package server_test

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"gatehouse/identity"
	"gatehouse/server"
	"gatehouse/server/servertest"
)

func TestPrivateKeyJWT(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		for _, alg := range []string{"RS256", "PS256", "ES256", "EdDSA"} {
			t.Run("by "+alg, func(t *testing.T) {
				g := newSigner(t, s, alg)
				a := g.token(t, g.assertion(t, nil))
				want(t, a, http.StatusOK, "")
				if sub := decode(t, a.Text("access_token"))["sub"]; sub != g.id {
					t.Errorf("sub = %v, want %s", sub, g.id)
				}
			})
		}
		g := newSigner(t, s, "ES256")
		now := s.Clock.Now().Unix()
		for name, claims := range map[string]members{
			"for the issuer":                {"aud": s.Issuer},
			"for a list of one":             {"aud": []string{s.Issuer}},
			"without iat":                   {"iat": nil},
			"with nbf":                      {"nbf": now},
			"with fractions of a second":    {"iat": float64(now) + 0.25, "exp": float64(now) + 60.75},
			"made by a clock that is ahead": {"iat": now + 30, "nbf": now + 30, "exp": now + 3630},
			"made by a clock that is late":  {"iat": now - 80, "exp": now - 29},
			"with claims of its own":        {"https://example.com/claim": members{"a": []int{1}}},
		} {
			t.Run(name, func(t *testing.T) { want(t, g.token(t, g.assertion(t, claims)), http.StatusOK, "") })
		}
		for name, header := range map[string]members{
			"without kid":              {"kid": nil},
			"without typ":              {"typ": nil},
			"typ in lower case":        {"typ": "jwt"},
			"typ of its own":           {"typ": "client-authentication+jwt"},
			"keys that come along":     {"jku": "https://evil.example.com", "x5u": "https://evil.example.com", "x5c": []string{"AA"}, "jwk": members{"kty": "oct"}},
			"a header that is unknown": {"colour": "red"},
		} {
			t.Run(name, func(t *testing.T) {
				want(t, g.token(t, g.jws(t, g.header(header), g.claims(nil))), http.StatusOK, "")
			})
		}
		t.Run("with the client_id beside it", func(t *testing.T) {
			want(t, g.token(t, g.assertion(t, nil), "client_id", g.id), http.StatusOK, "")
			want(t, g.token(t, g.assertion(t, nil), "client_id", s.ClientID), http.StatusUnauthorized, "AUT-1004")
		})
		t.Run("one that was used, at the same endpoint and at another", func(t *testing.T) {
			text := g.assertion(t, nil)
			want(t, g.token(t, text), http.StatusOK, "")
			want(t, g.token(t, text), http.StatusUnauthorized, "AUT-1004")
			want(t, s.Form(t, introspectAt, shown(text, "token", "x")), http.StatusUnauthorized, "AUT-1004")
		})
	})
}

// Only where it is configured an assertion may be for an endpoint.
func TestAssertionForAnEndpoint(t *testing.T) {
	t.Parallel()
	eachConfigured(t, func(c *server.Config) { c.Tokens.AcceptEndpointAudience = true }, func(t *testing.T, s *servertest.Server) {
		g := newSigner(t, s, "ES256")
		for _, aud := range []any{s.Issuer, s.Issuer + "/oauth2/token", s.Issuer + "/oauth2/par", []string{s.Issuer, s.Issuer + "/oauth2/token"}} {
			want(t, g.token(t, g.assertion(t, members{"aud": aud})), http.StatusOK, "")
		}
		for _, aud := range []any{s.Issuer + "/oauth2/authorize", []string{s.Issuer + "/oauth2/token", "https://other.example.com"}} {
			want(t, g.token(t, g.assertion(t, members{"aud": aud})), http.StatusUnauthorized, "AUT-1004")
		}
	})
}

func TestPrivateKeyJWTEverywhere(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		g := newSigner(t, s, "ES256", func(a *identity.Application) {
			a.GrantTypes = []string{identity.GrantAuthorizationCode, identity.GrantRefreshToken, identity.GrantClientCredentials}
			a.RedirectURIs, a.Scopes, a.Trusted = []string{returnTo}, []string{"openid"}, true
		})
		p := party{s: s, id: g.id}
		code := p.codeFor(t, "scope", "openid")
		a := s.Form(t, tokenPath, shown(g.assertion(t, nil), "grant_type", "authorization_code", "code", code, "redirect_uri", returnTo))
		want(t, a, http.StatusOK, "")
		a = s.Form(t, tokenPath, shown(g.assertion(t, nil), "grant_type", "refresh_token", "refresh_token", a.Text("refresh_token")))
		want(t, a, http.StatusOK, "")
		live := a.Text("refresh_token")
		want(t, s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {live}, "client_id": {g.id}}), http.StatusUnauthorized, "AUT-1004")
		want(t, s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {live}}), http.StatusUnauthorized, "AUT-1004")

		a = s.Form(t, introspectAt, shown(g.assertion(t, nil), "token", live))
		if want(t, a, http.StatusOK, ""); a.JSON["active"] != true {
			t.Errorf("introspection: %s", a.Body)
		}
		want(t, s.Form(t, "/oauth2/revoke", shown(g.assertion(t, nil), "token", live)), http.StatusOK, "")
		a = s.Form(t, introspectAt, shown(g.assertion(t, nil), "token", live))
		if want(t, a, http.StatusOK, ""); a.JSON["active"] != false {
			t.Errorf("introspection of what was revoked: %s", a.Body)
		}

		pushed := p.request("client_id", "", "scope", "openid")
		for name, values := range shown(g.assertion(t, nil)) {
			pushed[name] = values
		}
		a = s.Form(t, "/oauth2/par", pushed)
		want(t, a, http.StatusCreated, "")
		b := s.NewBrowser(t)
		b.SignInAs(t, s.UserID, s.Clock.Now())
		if v := b.Get(t, address(url.Values{"client_id": {g.id}, "request_uri": {a.Text("request_uri")}})); v.Given.Get("code") == "" {
			t.Errorf("a pushed request: %d %s %s", v.Status, v.URL, v.Body)
		}
		want(t, s.Form(t, "/oauth2/par", pushed), http.StatusUnauthorized, "AUT-1004")
	})
}

// The library of Go sends what it is told to beside what it sends itself.
func TestPrivateKeyJWTByOAuth2(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	g := newSigner(t, s, "RS256", func(a *identity.Application) {
		a.GrantTypes = []string{identity.GrantAuthorizationCode, identity.GrantClientCredentials}
		a.RedirectURIs, a.Scopes, a.Trusted = []string{returnTo}, []string{"openid"}, true
	})
	machine := clientcredentials.Config{
		ClientID: g.id, TokenURL: s.URL + tokenPath, AuthStyle: oauth2.AuthStyleInParams, EndpointParams: shown(g.assertion(t, nil)),
	}
	if token, err := machine.Token(t.Context()); err != nil || !token.Valid() {
		t.Errorf("client_credentials: %v, %v", token, err)
	}
	web := oauth2.Config{ClientID: g.id, RedirectURL: returnTo, Endpoint: oauth2.Endpoint{TokenURL: s.URL + tokenPath, AuthStyle: oauth2.AuthStyleInParams}}
	token, err := web.Exchange(t.Context(), party{s: s, id: g.id}.codeFor(t, "scope", "openid"),
		oauth2.SetAuthURLParam("client_assertion_type", jwtBearer), oauth2.SetAuthURLParam("client_assertion", g.assertion(t, nil)))
	if err != nil || token.Extra("id_token") == nil {
		t.Errorf("code: %v, %v", token, err)
	}
}

// Of many requests with one assertion, one is answered, on either database and
// whichever node gets it.
func TestAssertionIsUsedOnce(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		nodes := []*servertest.Server{s, s.Another(t, servertest.Options{Config: func(c *server.Config) { c.Tokens.Issuer = s.Issuer }})}
		g := newSigner(t, s, "ES256")
		for range 5 {
			form := shown(g.assertion(t, nil), "grant_type", "client_credentials")
			var good, refused atomic.Int64
			var all sync.WaitGroup
			for i := range 32 {
				all.Go(func() {
					switch a := nodes[i%2].Form(t, tokenPath, form); a.Status {
					case http.StatusOK:
						good.Add(1)
					case http.StatusUnauthorized:
						refused.Add(1)
					default:
						t.Errorf("%d: %s", a.Status, a.Body)
					}
				})
			}
			all.Wait()
			if good.Load() != 1 || refused.Load() != 31 {
				t.Errorf("%d answered and %d refused, want 1 and 31", good.Load(), refused.Load())
			}
		}
	})
}

// Until it has expired an assertion is remembered; after that it is refused for that.
func TestAssertionIsRememberedForItsLife(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		g := newSigner(t, s, "ES256")
		text := g.assertion(t, members{"exp": s.Clock.Now().Unix() + 3600})
		want(t, g.token(t, text), http.StatusOK, "")
		for _, wait := range []time.Duration{time.Hour, 29 * time.Second, time.Second, time.Hour} {
			s.Clock.Advance(wait)
			if _, _, err := s.Store.DeleteExpired(context.WithoutCancel(t.Context()), s.Clock.Now(), 1000); err != nil {
				t.Fatal(err)
			}
			want(t, g.token(t, text), http.StatusUnauthorized, "AUT-1004")
		}
	})
}

func TestKeysAtAnAddress(t *testing.T) {
	t.Parallel()
	eachConfigured(t, reachLoopback, func(t *testing.T, s *servertest.Server) {
		old := newPair(t, "ES256", "old")
		keys := newSite(t, jwks(t, old))
		g := newSigner(t, s, "ES256", publishedAt(keys.URL))
		g.pair = old
		for range 3 {
			want(t, g.token(t, g.assertion(t, nil)), http.StatusOK, "")
		}
		if n := keys.asked.Load(); n != 1 {
			t.Errorf("the address was asked %d times, want 1", n)
		}

		fresh := newPair(t, "RS256", "new")
		keys.publish(jwks(t, old, fresh))
		s.Clock.Advance(10 * time.Second)
		g.pair = fresh
		want(t, g.token(t, g.assertion(t, nil)), http.StatusOK, "")
		g.pair = old
		want(t, g.token(t, g.assertion(t, nil)), http.StatusOK, "")

		keys.publish(jwks(t, fresh))
		s.Clock.Advance(15 * time.Minute)
		want(t, g.token(t, g.assertion(t, nil)), http.StatusUnauthorized, "AUT-1004")
		asked := keys.asked.Load()
		for range 20 {
			want(t, g.token(t, g.assertion(t, nil)), http.StatusUnauthorized, "AUT-1004")
		}
		if n := keys.asked.Load(); n != asked {
			t.Errorf("unknown keys had the address asked %d times more", n-asked)
		}
		g.pair = fresh
		want(t, g.token(t, g.assertion(t, nil)), http.StatusOK, "")
	})
}

// An administrator's change of the keys counts with the next request, on every node.
func TestKeysAreReplaced(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		node := s.Another(t, servertest.Options{Config: func(c *server.Config) { c.Tokens.Issuer = s.Issuer }})
		g := newSigner(t, s, "ES256")
		old := g.pair
		want(t, g.token(t, g.assertion(t, nil)), http.StatusOK, "")
		want(t, node.Form(t, tokenPath, shown(g.assertion(t, nil), "grant_type", "client_credentials")), http.StatusOK, "")
		g.pair = newPair(t, "ES256", "replaced")
		app, err := s.Store.ApplicationByClientID(t.Context(), g.id)
		if err != nil {
			t.Fatal(err)
		}
		a := s.JSON(t, http.MethodPatch, "/v1/applications/"+app.ID, `{"jwks":`+jwks(t, g.pair)+`}`, s.Admin(t))
		want(t, a, http.StatusOK, "")
		want(t, node.Form(t, tokenPath, shown(g.assertion(t, nil), "grant_type", "client_credentials")), http.StatusOK, "")
		want(t, g.token(t, g.assertion(t, nil)), http.StatusOK, "")
		g.pair = old
		want(t, g.token(t, g.assertion(t, nil)), http.StatusUnauthorized, "AUT-1004")
	})
}
