package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"gatehouse/errors"
	"gatehouse/server"
	"gatehouse/server/ratelimit"
	"gatehouse/server/servertest"
)

// provocation makes a running server answer with a code, on /v1 and, where it
// exists there, on the standard endpoints with the RFC's error.
type provocation struct {
	code     string
	v1       func(t *testing.T, s *servertest.Server) servertest.Answer
	v1Status int

	rfc       func(t *testing.T, s *servertest.Server) servertest.Answer
	rfcStatus int
	rfcError  string

	fields []string // those that must be named on /v1
	filled string   // what the message must hold, filled in
}

func v1JSON(body string) func(t *testing.T, s *servertest.Server) servertest.Answer {
	return func(t *testing.T, s *servertest.Server) servertest.Answer {
		return s.PostJSON(t, v1TokenPath, s.Fill(body))
	}
}

func rfcForm(body string) func(t *testing.T, s *servertest.Server) servertest.Answer {
	return func(t *testing.T, s *servertest.Server) servertest.Answer {
		return s.Send(t, http.MethodPost, tokenPath, "application/x-www-form-urlencoded", []byte(s.Fill(body)))
	}
}

func getting(path string, with ...servertest.With) func(t *testing.T, s *servertest.Server) servertest.Answer {
	return func(t *testing.T, s *servertest.Server) servertest.Answer { return s.Get(t, path, with...) }
}

// provocations follows the table of the contract, row by row. In bodies, $name,
// $password, $client and $secret stand for the test's user and application.
func provocations() []provocation {
	long := strings.Repeat("k", 101)
	longValue := strings.Repeat("v", 2001)
	return []provocation{
		{
			code: "AUT-0001", v1: v1JSON(`{}`), v1Status: 400, fields: []string{"grantType"},
			rfc: rfcForm(`scope=openid`), rfcStatus: 400, rfcError: "invalid_request",
		},
		{
			code: "AUT-0002", v1: func(t *testing.T, s *servertest.Server) servertest.Answer {
				return s.Send(t, http.MethodDelete, "/v1/sessions/one", "", nil, servertest.Bearer(signIn(t, s).Text("access_token")))
			}, v1Status: 400, fields: []string{"id"}, filled: "parameters id and",
		},
		{code: "AUT-0003", v1: v1JSON(`{"grantType":"password","colour":"red"}`), v1Status: 400, fields: []string{"colour"}},
		{code: "AUT-0003", v1: v1JSON(`{"grantType":7,"colour":7}`), v1Status: 400, fields: []string{"colour"}},
		{
			code: "AUT-0004", v1: func(t *testing.T, s *servertest.Server) servertest.Answer {
				return s.Get(t, listPath+"?colour=red", servertest.Bearer(signIn(t, s).Text("access_token")))
			}, v1Status: 400, fields: []string{"colour"}, filled: "colour",
		},
		{
			code: "AUT-0005", v1: broken(v1JSON(`{"grantType":"password","username":"$name","password":"$password"}`)), v1Status: 500,
			rfc: broken(rfcForm(`grant_type=password&username=$name&password=$password`)), rfcStatus: 500, rfcError: "server_error",
		},
		{code: "AUT-0006", v1: getting("/v1/userinfo"), v1Status: 401, rfc: getting("/oauth2/userinfo"), rfcStatus: 401},
		{
			code: "AUT-0007", v1: getting("/v1/userinfo", servertest.Bearer("a.b.c")), v1Status: 401,
			rfc: getting("/oauth2/userinfo", servertest.Bearer("a.b.c")), rfcStatus: 401, rfcError: "invalid_token",
		},
		{code: "AUT-0008", v1: withoutPolicy(askingFor(`{"resource":"ledgers","action":"get"}`)), v1Status: 403},
		{
			code: "AUT-0009", v1: v1JSON(`{"grantType":`), v1Status: 400,
			rfc: rfcForm(`grant_type=password&grant_type=password`), rfcStatus: 400, rfcError: "invalid_request",
		},
		{code: "AUT-0009", v1: v1JSON(`{"grantType":7}`), v1Status: 400, fields: []string{"grantType"}},
		{code: "AUT-0009", v1: v1JSON(`{"grantType":"password","grantType":"password"}`), v1Status: 400, fields: []string{"grantType"}},
		{code: "AUT-0009", v1: v1JSON("{\"grantType\":\"\xff\"}"), v1Status: 400},
		{
			code: "AUT-0010", v1: v1JSON(`{"grantType":"password","username":"$name","password":"$password","metadata":{"` + long + `":1}}`), v1Status: 400, filled: "100 characters",
			rfc: rfcForm(`grant_type=password&username=$name&password=$password&metadata=` + url.QueryEscape(`{"`+long+`":1}`)), rfcStatus: 400, rfcError: "invalid_request",
		},
		{
			code: "AUT-0011", v1: v1JSON(`{"grantType":"password","username":"$name","password":"$password","metadata":{"k":"` + longValue + `"}}`), v1Status: 400, filled: "2000 characters",
			rfc: rfcForm(`grant_type=password&username=$name&password=$password&metadata=` + url.QueryEscape(`{"k":"`+longValue+`"}`)), rfcStatus: 400, rfcError: "invalid_request",
		},
		{
			code: "AUT-0012", v1: v1JSON(`{"grantType":"password","username":"$name","password":"$password","metadata":{"k":{"deep":1}}}`), v1Status: 400, filled: "deep",
			rfc: rfcForm(`grant_type=password&username=$name&password=$password&metadata=` + url.QueryEscape(`{"k":[1]}`)), rfcStatus: 400, rfcError: "invalid_request",
		},
		{
			code: "AUT-0013", v1: v1JSON(`{"grantType":"magic"}`), v1Status: 400, filled: "'grantType' magic is", fields: []string{"grantType"},
			rfc: rfcForm(`grant_type=magic`), rfcStatus: 400, rfcError: "unsupported_grant_type",
		},
		{
			code: "AUT-0014", v1: v1JSON(`{"grantType":"password","username":"$name"}`), v1Status: 400, filled: "'grant_type' password is", fields: []string{"password"},
			rfc: rfcForm(`grant_type=refresh_token`), rfcStatus: 400, rfcError: "invalid_request",
		},
		{
			code: "AUT-1001", v1: v1JSON(`{"grantType":"password","username":"$name","password":"$password","clientId":"$machine","clientSecret":"$machinesecret"}`), v1Status: 400,
			rfc: rfcForm(`grant_type=password&username=$name&password=$password&client_id=$machine&client_secret=$machinesecret`), rfcStatus: 400, rfcError: "unauthorized_client",
		},
		{
			code: "AUT-1002", v1: v1JSON(`{"grantType":"password","username":"$name","password":"wrong"}`), v1Status: 401,
			rfc: rfcForm(`grant_type=password&username=nobody&password=wrong`), rfcStatus: 400, rfcError: "invalid_grant",
		},
		{
			code: "AUT-1003", v1: revoked("/v1/userinfo"), v1Status: 401,
			rfc: revoked("/oauth2/userinfo"), rfcStatus: 401, rfcError: "invalid_token",
		},
		{
			code: "AUT-1004", v1: v1JSON(`{"grantType":"client_credentials","clientId":"$client","clientSecret":"wrong"}`), v1Status: 401,
			rfc: rfcForm(`grant_type=client_credentials&client_id=nobody&client_secret=wrong`), rfcStatus: 401, rfcError: "invalid_client",
		},
		{
			code: "AUT-1005", v1: v1JSON(`{"grantType":"refresh_token","refreshToken":"nonsense"}`), v1Status: 400,
			rfc: rfcForm(`grant_type=refresh_token&refresh_token=nonsense`), rfcStatus: 400, rfcError: "invalid_grant",
		},
		{code: "AUT-1015", v1: askingFor(`{"resource":"ledgers","action":"get","sub":"lerian/nobody"}`), v1Status: 404},
		{
			code: "AUT-2001", v1: limited(v1JSON(`{}`)), v1Status: 429,
			rfc: limited(rfcForm(`grant_type=password`)), rfcStatus: 429, rfcError: "temporarily_unavailable",
		},
		{
			code: "AUT-2002", v1: asApplication("/v1/userinfo"), v1Status: 403,
			rfc: asApplication("/oauth2/userinfo"), rfcStatus: 403, rfcError: "insufficient_scope",
		},
		{
			code: "AUT-2003", v1: v1JSON(`{"grantType":"` + strings.Repeat("x", 1<<20) + `"}`), v1Status: 413,
			rfc: rfcForm(`grant_type=` + strings.Repeat("x", 1<<20)), rfcStatus: 413, rfcError: "invalid_request",
		},
		{
			code: "AUT-2004", v1: posting(v1TokenPath, "text/plain", "hello"), v1Status: 415,
			rfc: posting(tokenPath, "application/json", "{}"), rfcStatus: 415, rfcError: "invalid_request",
		},
		{code: "AUT-2005", v1: getting("/v1/nothing"), v1Status: 404, rfc: getting("/oauth2/nothing"), rfcStatus: 404, rfcError: "invalid_request"},
		{code: "AUT-2006", v1: getting(v1TokenPath), v1Status: 405, rfc: getting(tokenPath), rfcStatus: 405, rfcError: "invalid_request"},
		{
			code: "AUT-2007", v1: draining(v1JSON(`{}`)), v1Status: 503,
			rfc: draining(rfcForm(`grant_type=password`)), rfcStatus: 503, rfcError: "temporarily_unavailable",
		},
		{
			code: "AUT-2011", v1: v1JSON(`{"grantType":"password","username":"$name","password":"$password","scope":"openid admin"}`), v1Status: 400,
			rfc: rfcForm(`grant_type=client_credentials&client_id=$client&client_secret=$secret&scope=admin`), rfcStatus: 400, rfcError: "invalid_scope",
		},
		{
			code: "AUT-2012",
			rfc:  rfcForm(`grant_type=client_credentials&client_id=$client&client_secret=$secret&resource=https://elsewhere.example.com`), rfcStatus: 400, rfcError: "invalid_target",
		},
		{
			code: "AUT-2017", v1: func(t *testing.T, s *servertest.Server) servertest.Answer {
				return s.Send(t, http.MethodDelete, "/v1/sessions/01900000-0000-7000-8000-000000000000", "", nil, servertest.Bearer(signIn(t, s).Text("access_token")))
			}, v1Status: 404,
		},
		{
			code: "AUT-2018", rfc: func(t *testing.T, s *servertest.Server) servertest.Answer {
				token := signIn(t, s).Text("access_token")
				return s.Form(t, "/oauth2/revoke", url.Values{"token": {token}}, servertest.Basic(s.MachineID, s.MachineSecret))
			}, rfcStatus: 400, rfcError: "invalid_grant",
		},
	}
}

func TestEachCodeIsProvoked(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		for _, p := range slices.Concat(provocations(), signOnProvocations()) {
			t.Run(p.code, func(t *testing.T) {
				if p.v1 != nil {
					checkAccessManagerForm(t, p, p.v1(t, s))
				}
				if p.rfc != nil {
					checkStandardForm(t, p, p.rfc(t, s))
				}
			})
		}
	})
}

func TestNoCodeIsForgotten(t *testing.T) {
	t.Parallel()
	provoked := map[string]bool{}
	for _, p := range slices.Concat(provocations(), signOnProvocations()) {
		provoked[p.code] = true
	}
	for _, p := range toldProvocations() {
		provoked[p.code] = true
	}
	provoked[errors.AnotherAccount.ID] = true // a page shows it: see TestAnotherAccountThanAskedForIsNoFailure
	for _, c := range errors.Catalogue() {
		if !strings.HasPrefix(c.ID, "AUT-") {
			continue
		}
		if !provoked[c.ID] {
			t.Errorf("%s is not provoked", c.ID)
		}
	}
}

// checkAccessManagerForm holds an answer against the catalogue.
func checkAccessManagerForm(t *testing.T, p provocation, a servertest.Answer) {
	t.Helper()
	want(t, a, p.v1Status, p.code)
	code, _ := errors.Lookup(p.code)
	if a.Text("title") != code.Title {
		t.Errorf("title = %q, want %q", a.Text("title"), code.Title)
	}
	if !strings.Contains(a.Text("message"), p.filled) || strings.Contains(a.Text("message"), "%") {
		t.Errorf("message = %q, want it to hold %q", a.Text("message"), p.filled)
	}
	if p.filled == "" && a.Text("message") != code.Message {
		t.Errorf("message = %q, want %q", a.Text("message"), code.Message)
	}
	for _, field := range p.fields {
		if _, named := a.Fields()[field]; !named {
			t.Errorf("fields = %v, want %q among them", a.Fields(), field)
		}
	}
	if _, there := a.JSON["error"]; there {
		t.Errorf("/v1 has the RFC's error: %s", a.Body)
	}
	checkRetryAfter(t, a)
}

// checkStandardForm holds an answer against the RFC's form and the catalogue.
func checkStandardForm(t *testing.T, p provocation, a servertest.Answer) {
	t.Helper()
	want(t, a, p.rfcStatus, p.code)
	if p.rfcError != "" && a.Text("error") != p.rfcError {
		t.Errorf("error = %q, want %q", a.Text("error"), p.rfcError)
	}
	if uri := a.Text("error_uri"); !strings.HasSuffix(uri, "/errors/"+p.code) || !strings.HasPrefix(uri, "http://127.0.0.1:") {
		t.Errorf("error_uri = %q", uri)
	}
	if a.Text("error_description") != a.Text("message") || a.Text("title") == "" {
		t.Errorf("description, message and title: %s", a.Body)
	}
	challenge := a.Header.Get("WWW-Authenticate")
	switch p.code {
	case "AUT-0006":
		if challenge == "" || strings.Contains(challenge, "error") {
			t.Errorf("WWW-Authenticate = %q", challenge)
		}
	case "AUT-0007", "AUT-1003":
		if !strings.HasPrefix(challenge, "Bearer") || !strings.Contains(challenge, `error="invalid_token"`) {
			t.Errorf("WWW-Authenticate = %q", challenge)
		}
	}
	checkRetryAfter(t, a)
}

func checkRetryAfter(t *testing.T, a servertest.Answer) {
	t.Helper()
	waits := a.Status == http.StatusTooManyRequests || a.Status == http.StatusServiceUnavailable
	if has := a.Header.Get("Retry-After") != ""; has != waits {
		t.Errorf("Retry-After = %q with status %d", a.Header.Get("Retry-After"), a.Status)
	}
}

type ask = func(t *testing.T, s *servertest.Server) servertest.Answer

// broken asks a server whose database was closed under it.
func broken(a ask) ask {
	return func(t *testing.T, s *servertest.Server) servertest.Answer {
		return a(t, s.Another(t, servertest.Options{Broken: true}))
	}
}

// askingFor asks as the administrator for a decision.
func askingFor(question string) ask {
	return func(t *testing.T, s *servertest.Server) servertest.Answer {
		return s.PostJSON(t, authorizePath, question, servertest.Bearer(signIn(t, s).Text("access_token")))
	}
}

// withoutPolicy asks a server that cannot read what groups permit: their table is away.
func withoutPolicy(a ask) ask {
	return func(t *testing.T, s *servertest.Server) (answer servertest.Answer) {
		cold := s.Another(t, servertest.Options{})
		withoutGroups(t, s, func() { answer = a(t, cold) })
		return answer
	}
}

// limited asks a server that has had enough of this address.
func limited(a ask) ask {
	return func(t *testing.T, s *servertest.Server) servertest.Answer {
		strict := s.Another(t, servertest.Options{Config: func(c *server.Config) { c.RateLimit = ratelimit.Config{PerMinute: 1, Burst: 1} }})
		a(t, strict)
		return a(t, strict)
	}
}

// draining asks a server that is about to stop.
func draining(a ask) ask {
	return func(t *testing.T, s *servertest.Server) servertest.Answer {
		leaving := s.Another(t, servertest.Options{})
		leaving.Drain()
		return a(t, leaving)
	}
}

// revoked shows a token that was revoked.
func revoked(path string) ask {
	return func(t *testing.T, s *servertest.Server) servertest.Answer {
		token := signIn(t, s).Text("access_token")
		revoke(t, s, token)
		return s.Get(t, path, servertest.Bearer(token))
	}
}

// asApplication shows an application's token where only users make sense.
func asApplication(path string) ask {
	return func(t *testing.T, s *servertest.Server) servertest.Answer {
		token := s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}}, servertest.Basic(s.ClientID, s.ClientSecret))
		return s.Get(t, path, servertest.Bearer(token.Text("access_token")))
	}
}

func posting(path, contentType, body string) ask {
	return func(t *testing.T, s *servertest.Server) servertest.Answer {
		return s.Send(t, http.MethodPost, path, contentType, []byte(body))
	}
}
