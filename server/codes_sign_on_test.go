package server_test

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// toldProvocation has an application told of a code, by way of the browser.
type toldProvocation struct {
	code  string
	error string // of RFC 6749 §4.1.2.1
	app   func(*identity.Application)
	pairs []string // see party.request
}

// toldProvocations are codes that no body has, since the application is told.
func toldProvocations() []toldProvocation {
	trusted := func(*identity.Application) {}
	return []toldProvocation{
		{"AUT-2015", "login_required", trusted, []string{"prompt", "none", "max_age", "0"}},
		{"AUT-2016", "consent_required", func(a *identity.Application) { a.Trusted = false }, []string{"prompt", "none"}},
		{"AUT-2022", "account_selection_required", trusted, []string{"prompt", "none", "login_hint", "mallory"}},
		{"AUT-2023", "access_denied", func(a *identity.Application) { a.Trusted = false }, nil},
		{"AUT-2026", "unmet_authentication_requirements", trusted, []string{"claims", `{"id_token":{"acr":{"essential":true,"value":"2"}}}`}},
		{"AUT-2027", "invalid_request", func(a *identity.Application) { a.RequirePAR = true }, nil},
	}
}

func TestEachCodeIsTold(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		other := s.SomeUser(t, "other")
		for _, p := range toldProvocations() {
			t.Run(p.code, func(t *testing.T) {
				b := s.NewBrowser(t)
				b.SignInAs(t, other, s.Clock.Now())
				b.SignInAs(t, s.UserID, s.Clock.Now())
				ada := s.Ada()
				ada.Deny = true
				sentBack(t, b.Through(t, address(newParty(t, s, p.app).request(p.pairs...)), ada), p.error, p.code)
			})
		}
	})
}

// signOnProvocations are those of single sign-on that have a body.
func signOnProvocations() []provocation {
	authorize := func(pairs ...string) ask {
		return func(t *testing.T, s *servertest.Server) servertest.Answer {
			return s.Get(t, address(newParty(t, s).request(pairs...)))
		}
	}
	push := func(pairs ...string) ask {
		return func(t *testing.T, s *servertest.Server) servertest.Answer {
			p := newParty(t, s)
			return s.Form(t, "/oauth2/par", p.request(pairs...), servertest.Basic(p.id, p.secret))
		}
	}
	return []provocation{
		{code: "AUT-2013", rfc: func(t *testing.T, s *servertest.Server) servertest.Answer {
			return newParty(t, s).exchange(t, "made-up")
		}, rfcStatus: 400, rfcError: "invalid_grant"},
		{code: "AUT-2014", rfc: authorize("redirect_uri", "https://evil.example/"), rfcStatus: 400, rfcError: "invalid_request"},
		{code: "AUT-2019", rfc: push("response_type", "token"), rfcStatus: 400, rfcError: "unsupported_response_type"},
		{code: "AUT-2020", rfc: push("request", "e30.e30."), rfcStatus: 400, rfcError: "request_not_supported"},
		{code: "AUT-2021", rfc: push("request_uri", "https://app.example.com/r"), rfcStatus: 400, rfcError: "request_uri_not_supported"},
		{code: "AUT-2024", rfc: func(t *testing.T, s *servertest.Server) servertest.Answer {
			return s.Get(t, authorizeAt+"?interaction=made-up")
		}, rfcStatus: 400, rfcError: "invalid_request"},
		{code: "AUT-2025", v1: forgedForm, v1Status: http.StatusForbidden},
		{code: "AUT-2028", rfc: authorize("request_uri", "urn:ietf:params:oauth:request_uri:made-up"), rfcStatus: 400, rfcError: "invalid_request_uri"},
		{code: "AUT-2029", v1: func(t *testing.T, s *servertest.Server) servertest.Answer {
			token := signIn(t, s).Text("access_token")
			return s.Send(t, http.MethodDelete, "/v1/consents/made-up", "", nil, servertest.Bearer(token))
		}, v1Status: http.StatusNotFound},
	}
}

// forgedForm chooses an account with a form that was made for another browser.
func forgedForm(t *testing.T, s *servertest.Server) servertest.Answer {
	t.Helper()
	b := s.NewBrowser(t)
	b.SignInAs(t, s.UserID, s.Clock.Now())
	v := b.Get(t, address(newParty(t, s).request("prompt", "select_account")))
	b.Header.Set("Accept", "application/json")
	return b.Submit(t, v, map[string]string{"csrf_token": strings.Repeat("A", 43), "account": s.UserID}).Answer
}
