package server_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

const (
	returnTo     = "https://app.example.com/callback"
	verifierText = "a-verifier-of-more-than-forty-three-characters"
	authorizeAt  = "/oauth2/authorize"
)

// party is an application that signs people in, in a test.
type party struct {
	s          *servertest.Server
	id, secret string
	public     bool
}

// newParty registers an application that may use codes.
func newParty(t testing.TB, s *servertest.Server, change ...func(*identity.Application)) party {
	t.Helper()
	base := func(a *identity.Application) {
		a.GrantTypes = []string{identity.GrantAuthorizationCode, identity.GrantRefreshToken}
		a.RedirectURIs = []string{returnTo}
		a.Scopes = []string{"openid", "profile", "email", "offline_access"}
		a.Audiences = []string{"https://api.example.com", "https://files.example.com"}
		a.Trusted = true
	}
	id, secret := s.NewApplication(t, "party", append([]func(*identity.Application){base}, change...)...)
	return party{s: s, id: id, secret: secret}
}

// public makes an application one that keeps no secret.
func public(a *identity.Application) {
	a.Public, a.TokenEndpointAuthMethod = true, identity.AuthNone
}

// request is an authorization request: a good one, changed by pairs of name and
// value; an empty value leaves the parameter out.
func (p party) request(pairs ...string) url.Values {
	params := url.Values{
		"client_id": {p.id}, "redirect_uri": {returnTo}, "response_type": {"code"}, "scope": {"openid profile"},
		"state": {"s"}, "nonce": {"n-0S6_WzA2Mj"},
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			params.Del(pairs[i])
			continue
		}
		params.Set(pairs[i], pairs[i+1])
	}
	return params
}

func address(params url.Values) string { return authorizeAt + "?" + params.Encode() }

// challenge is what a request needs for verifierText.
func challenge() []string {
	sum := sha256.Sum256([]byte(verifierText))
	return []string{"code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method", "S256"}
}

// codeFor returns the code that a browser gets in which ada is signed in.
func (p party) codeFor(t *testing.T, pairs ...string) string {
	t.Helper()
	b := p.s.NewBrowser(t)
	b.SignInAs(t, p.s.UserID, p.s.Clock.Now())
	v := b.Get(t, address(p.request(pairs...)))
	if code := v.Given.Get("code"); v.Away && code != "" {
		return code
	}
	t.Fatalf("no code: %d %s %s\n%s", v.Status, v.URL, v.Body, p.s.Log)
	return ""
}

// exchange shows a code at the token endpoint.
func (p party) exchange(t *testing.T, code string, pairs ...string) servertest.Answer {
	t.Helper()
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {returnTo}}
	for i := 0; i < len(pairs); i += 2 {
		if form.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			form.Del(pairs[i])
		}
	}
	if p.public {
		form.Set("client_id", p.id)
		return p.s.Form(t, tokenPath, form)
	}
	return p.s.Form(t, tokenPath, form, servertest.Basic(p.id, p.secret))
}

func TestCodeGrant(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p := newParty(t, s)
		t.Run("a confidential application, without PKCE", func(t *testing.T) {
			a := p.exchange(t, p.codeFor(t))
			want(t, a, http.StatusOK, "")
			if a.Text("scope") != "openid profile" || a.Text("refresh_token") == "" || a.Text("token_type") != "Bearer" {
				t.Errorf("answer: %s", a.Body)
			}
			claims := decode(t, a.Text("id_token"))
			for name, value := range map[string]any{
				"iss": s.Issuer, "sub": s.UserID, "aud": p.id, "nonce": "n-0S6_WzA2Mj", "auth_time": float64(s.Clock.Now().Unix()),
			} {
				if claims[name] != value {
					t.Errorf("%s = %v, want %v", name, claims[name], value)
				}
			}
			if claims["sid"] != decode(t, a.Text("access_token"))["sid"] || claims["sid"] == "" {
				t.Error("id token and access token are of different sessions")
			}
			want(t, s.Get(t, "/oauth2/userinfo", servertest.Bearer(a.Text("access_token"))), http.StatusOK, "")
		})
		t.Run("a refreshed session keeps what it was begun with", func(t *testing.T) {
			first := p.exchange(t, p.codeFor(t))
			at := s.Clock.Now()
			s.Clock.Advance(time.Minute)
			a := s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.Text("refresh_token")}}, servertest.Basic(p.id, p.secret))
			want(t, a, http.StatusOK, "")
			claims, before := decode(t, a.Text("id_token")), decode(t, first.Text("id_token"))
			if claims["auth_time"] != float64(at.Unix()) || claims["sid"] != before["sid"] || claims["sub"] != s.UserID {
				t.Errorf("claims: %v, before: %v", claims, before)
			}
		})
		t.Run("a public application, with PKCE", func(t *testing.T) {
			p := newParty(t, s, public)
			p.public = true
			want(t, p.exchange(t, p.codeFor(t, challenge()...), "code_verifier", verifierText), http.StatusOK, "")
		})
		t.Run("PKCE cannot be left out, changed or added afterwards", func(t *testing.T) {
			for name, tt := range map[string]struct{ request, exchange []string }{
				"verifier left out": {challenge(), nil},
				"another verifier":  {challenge(), []string{"code_verifier", strings.Repeat("x", 43)}},
				"short verifier":    {challenge(), []string{"code_verifier", "short"}},
				"challenge removed": {nil, []string{"code_verifier", verifierText}},
				"the challenge":     {challenge(), []string{"code_verifier", challenge()[1]}},
			} {
				t.Run(name, func(t *testing.T) {
					want(t, p.exchange(t, p.codeFor(t, tt.request...), tt.exchange...), http.StatusBadRequest, "AUT-2013")
				})
			}
		})
		t.Run("the redirect URI is that of the request", func(t *testing.T) {
			code := p.codeFor(t)
			want(t, p.exchange(t, code, "redirect_uri", ""), http.StatusBadRequest, "AUT-2013")
			want(t, p.exchange(t, code, "redirect_uri", returnTo+"/"), http.StatusBadRequest, "AUT-2013")
			want(t, p.exchange(t, code), http.StatusOK, "")
			want(t, p.exchange(t, p.codeFor(t, "redirect_uri", "", "scope", "profile"), "redirect_uri", ""), http.StatusOK, "")
		})
		t.Run("a code is its application's", func(t *testing.T) {
			other := newParty(t, s)
			code := p.codeFor(t)
			want(t, other.exchange(t, code), http.StatusBadRequest, "AUT-2013")
			want(t, p.exchange(t, code), http.StatusOK, "")
		})
		t.Run("a code is good for a minute", func(t *testing.T) {
			code := p.codeFor(t)
			s.Clock.Advance(time.Minute)
			want(t, p.exchange(t, code), http.StatusBadRequest, "AUT-2013")
		})
		t.Run("a code that is made up, and none", func(t *testing.T) {
			want(t, p.exchange(t, strings.Repeat("x", 43)), http.StatusBadRequest, "AUT-2013")
			want(t, p.exchange(t, ""), http.StatusBadRequest, "AUT-0014")
		})
		t.Run("a code that is used again ends the session", func(t *testing.T) {
			code := p.codeFor(t)
			first := p.exchange(t, code)
			want(t, first, http.StatusOK, "")
			want(t, p.exchange(t, code), http.StatusBadRequest, "AUT-2013")
			want(t, s.Get(t, "/oauth2/userinfo", servertest.Bearer(first.Text("access_token"))), http.StatusUnauthorized, "AUT-1003")
			a := s.Form(t, tokenPath, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.Text("refresh_token")}}, servertest.Basic(p.id, p.secret))
			want(t, a, http.StatusBadRequest, "AUT-1005")
		})
		t.Run("however late, and with whatever else is wrong", func(t *testing.T) {
			code := p.codeFor(t)
			first := p.exchange(t, code)
			s.Clock.Advance(9 * time.Minute)
			for done := false; !done; {
				var err error
				if _, done, err = s.Store.DeleteExpired(t.Context(), s.Clock.Now(), 1000); err != nil {
					t.Fatal(err)
				}
			}
			want(t, p.exchange(t, code, "resource", "https://unknown.example.com"), http.StatusBadRequest, "AUT-2013")
			if p.alive(t, first) {
				t.Error("the session lives on")
			}
		})
		t.Run("of 32 exchanges at once one succeeds, and its session ends", func(t *testing.T) {
			for range rounds(t) {
				code := p.codeFor(t)
				answers := make([]servertest.Answer, 32)
				var group sync.WaitGroup
				for i := range answers {
					group.Go(func() { answers[i] = p.exchange(t, code) })
				}
				group.Wait()
				good := slices.DeleteFunc(answers, func(a servertest.Answer) bool { return a.Status == http.StatusBadRequest })
				if len(good) != 1 || good[0].Status != http.StatusOK {
					t.Fatalf("%d succeeded: %v", len(good), good)
				}
				want(t, s.Get(t, "/oauth2/userinfo", servertest.Bearer(good[0].Text("access_token"))), http.StatusUnauthorized, "AUT-1003")
			}
		})
		t.Run("resources can be narrowed and no more", func(t *testing.T) {
			code := p.codeFor(t, "resource", "https://api.example.com")
			want(t, p.exchange(t, code, "resource", "https://files.example.com"), http.StatusBadRequest, "AUT-2012")
			a := p.exchange(t, code, "resource", "https://api.example.com")
			want(t, a, http.StatusOK, "")
			if got := decode(t, a.Text("access_token"))["aud"]; got != "https://api.example.com" && len(got.([]any)) != 1 {
				t.Errorf("aud = %v", got)
			}
		})
		t.Run("no refresh token where the grant is not allowed", func(t *testing.T) {
			p := newParty(t, s, func(a *identity.Application) { a.GrantTypes = []string{identity.GrantAuthorizationCode} })
			a := p.exchange(t, p.codeFor(t))
			want(t, a, http.StatusOK, "")
			if a.Text("refresh_token") != "" || a.Text("access_token") == "" {
				t.Errorf("answer: %s", a.Body)
			}
		})
	})
}

// rounds says how often a race is run: 20 times, or as often as GATEHOUSE_TEST_ROUNDS has it.
func rounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("GATEHOUSE_TEST_ROUNDS")
	if text == "" {
		return 20
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
