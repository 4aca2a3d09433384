package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server/explain"
	"gatehouse/server/servertest"
)

// reason is what a record should give as the reason of a refusal.
type reason struct {
	check     explain.Check
	got, want string   // parts of what was compared
	passed    []string // some of the checks before it
	caller    string   // a name
}

func (r reason) of(t *testing.T, a servertest.Answer, e explain.Explanation) {
	t.Helper()
	if e.Code != a.Code() || e.Status != a.Status || e.Title != a.Text("title") || e.Help.Means == "" || len(e.Help.Steps) == 0 {
		t.Errorf("the record is of %d %s %q, the answer %d %s", e.Status, e.Code, e.Title, a.Status, a.Body)
	}
	i := slices.IndexFunc(e.Checks, func(o explain.Outcome) bool { return !o.Passed })
	if i < 0 {
		t.Fatalf("no check failed: %+v", e.Record)
	}
	o := e.Checks[i]
	if o.Check != r.check.String() || !strings.Contains(o.Got, r.got) || !strings.Contains(o.Want, r.want) || o.Says == "" {
		t.Errorf("failed: %+v, want %s, got %q, want %q", o, r.check, r.got, r.want)
	}
	for _, name := range r.passed {
		if !slices.ContainsFunc(e.Checks[:i], func(o explain.Outcome) bool { return o.Check == name && o.Passed }) {
			t.Errorf("%s did not pass before: %+v", name, e.Checks)
		}
	}
	if r.caller != "" && (e.Caller == nil || e.Caller.Name != r.caller) {
		t.Errorf("caller = %+v, want %s", e.Caller, r.caller)
	}
}

// explained is a request that is refused, and why.
type explained struct {
	name string
	ask  ask
	reason
}

func form(path, body string, with ...servertest.With) ask {
	return func(t *testing.T, s *servertest.Server) servertest.Answer {
		return s.Send(t, http.MethodPost, path, "application/x-www-form-urlencoded", []byte(s.Fill(body)), with...)
	}
}

// after asks once something was done.
func after(do func(t *testing.T, s *servertest.Server) (path string, with servertest.With)) ask {
	return func(t *testing.T, s *servertest.Server) servertest.Answer {
		path, with := do(t, s)
		return s.Get(t, path, with)
	}
}

// altered is a token with another letter at a place, counted from its end if negative.
func altered(token string, at int) string {
	if at < 0 {
		at += len(token)
	}
	letter := "A"
	if token[at] == 'A' {
		letter = "B"
	}
	return token[:at] + letter + token[at+1:]
}

const machineAsks = `grant_type=client_credentials&client_id=$machine&client_secret=$machinesecret`

// tokenRequests are refused before a user or a session comes in.
func tokenRequests() []explained {
	clientProven := []string{"rate-limit", "body.form", "grant.known", "grant.fields", "client.known", "client.enabled", "client.secret"}
	return []explained{
		{"not JSON", v1JSON(`{"grantType":`), reason{check: explain.BodyForm, got: "application/json, 13 bytes; body", passed: []string{"rate-limit"}}},
		{"an unknown field", v1JSON(`{"grantType":"password","colour":"red"}`), reason{check: explain.BodyFields, got: "colour", passed: []string{"body.form"}}},
		{"a parameter twice", form(tokenPath, "grant_type=a&grant_type=b"), reason{check: explain.BodyForm, got: "grant_type", want: "twice"}},
		{"nested metadata", v1JSON(`{"grantType":"password","metadata":{"a":{"b":1}}}`), reason{check: explain.Metadata, passed: []string{"body.fields"}}},
		{"nested metadata in a form", form(tokenPath, `grant_type=password&metadata={"a":[]}`), reason{check: explain.Metadata}},
		{"no grant", form(tokenPath, ""), reason{check: explain.GrantKnown, got: "(none)", want: "client_credentials password refresh_token", passed: []string{"body.form"}}},
		{"an unknown grant", form(tokenPath, "grant_type=magic"), reason{check: explain.GrantKnown, got: "magic"}},
		{"another endpoint's grant", posting(v1RenewPath, "application/json", `{"grantType":"password"}`), reason{check: explain.GrantKnown, got: "password", want: "refresh_token"}},
		{"fields are missing", v1JSON(`{"grantType":"password","username":"ada"}`), reason{check: explain.GrantFields, got: "without password", want: "username password", passed: []string{"grant.known"}}},
		{"a secret without an id", form(tokenPath, "grant_type=refresh_token&refresh_token=a&client_secret=b"), reason{check: explain.GrantFields, got: "client_secret"}},
		{"credentials twice", form(tokenPath, "grant_type=client_credentials&client_secret=x", servertest.Basic("a", "b")), reason{check: explain.ClientForm, got: "client_secret stands in the body and"}},
		{"a malformed Basic header", form(tokenPath, "grant_type=client_credentials", servertest.Header("Authorization", "Basic !")), reason{check: explain.ClientForm, got: "malformed Basic"}},
		{"an unknown client", form(tokenPath, "grant_type=client_credentials&client_id=00000000000000000000&client_secret=b"), reason{check: explain.ClientKnown, got: "00000000000000000000", passed: []string{"grant.fields"}}},
		{"a wrong secret", form(tokenPath, "grant_type=client_credentials&client_id=$machine&client_secret=wrong"), reason{
			check: explain.ClientSecret, got: "fingerprint ", want: "fingerprint ", passed: []string{"client.known", "client.enabled", "client.method"}, caller: "machine",
		}},
		{"no secret", form(tokenPath, "grant_type=password&username=a&password=b&client_id=$machine"), reason{check: explain.ClientMethod, got: "no client secret", want: "confidential"}},
		{"a public client's secret", form(tokenPath, "grant_type=password&username=a&password=b&client_id="+identity.FirstPartyClientID+"&client_secret=c"), reason{check: explain.ClientMethod, got: "a client secret", want: "public"}},
		{"a grant that is not allowed", form(tokenPath, "grant_type=password&username=a&password=b&client_id=$machine&client_secret=$machinesecret"), reason{
			check: explain.GrantAllowed, got: "password", want: "client_credentials", passed: clientProven,
		}},
		{"a scope that is not allowed", form(tokenPath, "grant_type=client_credentials&client_id=$client&client_secret=$secret&scope=reports+admin"), reason{
			check: explain.ScopesAllowed, got: "reports admin", want: "openid profile email groups reports", passed: clientProven,
		}},
		{"a scope that is too long", form(tokenPath, machineAsks+"&scope="+strings.Repeat("x", 5000)), reason{check: explain.ScopesAllowed, got: "5000 bytes"}},
		{"a resource that is not allowed", form(tokenPath, "grant_type=client_credentials&client_id=$client&client_secret=$secret&resource=https://elsewhere.example.com"), reason{
			check: explain.AudienceAllowed, got: "https://elsewhere.example.com", want: "https://api.example.com", passed: clientProven,
		}},
		{"too many requests", limited(v1JSON(`{}`)), reason{check: explain.RateLimit, want: "the next one in 1m0s"}},
		{"a client that is not shown", form(introspectAt, "token=a"), reason{check: explain.ClientShown}},
		{"introspection by a public client", form(introspectAt, "token=a&client_id="+identity.FirstPartyClientID), reason{check: explain.MayIntrospect, got: "public"}},
		{"introspection of nothing", form(introspectAt, "client_id=$machine&client_secret=$machinesecret"), reason{check: explain.BodyFields, got: "without token"}},
		{"logout without a hint", form("/v1/logout", ""), reason{check: explain.BodyFields, got: "without id_token_hint"}},
		{"logout with more than a hint", form("/v1/logout", "id_token_hint=a&state=b"), reason{check: explain.BodyFields, got: "state"}},
		{"logout with a bad hint", form("/v1/logout", "id_token_hint=a.b"), reason{check: explain.TokenForm, got: "3 bytes with 1 dots fingerprint "}},
	}
}

// userRequests are refused for what is known of a user, a session or a token.
func userRequests() []explained {
	return []explained{
		{"an unknown user", form(tokenPath, "grant_type=password&username=nobody&password=b"), reason{check: explain.UserKnown, passed: []string{"client.known", "grant.allowed"}}},
		{"a username that is too long", form(tokenPath, "grant_type=password&password=b&username="+strings.Repeat("a", 300)), reason{check: explain.UserKnown, got: "300 bytes"}},
		{"a wrong password", form(tokenPath, "grant_type=password&username=$name&password=b"), reason{
			check: explain.Password, got: "no. 1", want: "no. 5 freezes", passed: []string{"user.known", "user.enabled", "attempts.not-frozen"}, caller: "ada",
		}},
		{"no token", getting("/v1/userinfo"), reason{check: explain.TokenShown, got: "no Authorization header"}},
		{"another scheme", getting("/oauth2/userinfo", servertest.Basic("a", "b")), reason{check: explain.TokenShown, got: "Basic and 1 more"}},
		{"no JWT", getting("/v1/userinfo", servertest.Bearer("nonsense")), reason{check: explain.TokenForm, got: "8 bytes with 0 dots fingerprint "}},
		{"a header of others", getting("/v1/userinfo", servertest.Bearer("eyJhbGciOiJub25lIn0.e30.")), reason{check: explain.TokenHeader, got: `alg "none"`}},
		{"another's key", getting("/v1/userinfo", servertest.Bearer("eyJhbGciOiJFUzI1NiIsImtpZCI6InRoZWlycyIsInR5cCI6ImF0K2p3dCJ9.e30.AA")), reason{
			check: explain.TokenKey, got: `alg "ES256", kid "theirs"`, want: "ES256 ", passed: []string{"token.shown", "token.form", "token.header"},
		}},
		{"a broken signature", after(func(t *testing.T, s *servertest.Server) (string, servertest.With) {
			return "/v1/userinfo", servertest.Bearer(altered(signIn(t, s).Text("access_token"), -10))
		}), reason{check: explain.TokenSignature, want: "kid ", passed: []string{"token.key"}}},
		{"an id token", after(func(t *testing.T, s *servertest.Server) (string, servertest.With) {
			return "/v1/userinfo", servertest.Bearer(signIn(t, s).Text("id_token"))
		}), reason{check: explain.TokenType, got: `"JWT"`, want: "at+jwt", passed: []string{"token.signature"}}},
		{"a token for another audience", after(func(t *testing.T, s *servertest.Server) (string, servertest.With) {
			a := s.Form(t, tokenPath, url.Values{"grant_type": {"client_credentials"}, "resource": {"https://api.example.com"}}, servertest.Basic(s.ClientID, s.ClientSecret))
			return "/v1/userinfo", servertest.Bearer(a.Text("access_token"))
		}), reason{check: explain.TokenAudience, got: "https://api.example.com", want: "http://127.0.0.1", passed: []string{"token.not-expired"}}},
		{"a revoked token", revoked("/v1/userinfo"), reason{check: explain.TokenNotRevoked, got: "session ", passed: []string{"token.audience"}}},
		{"an application's token", asApplication("/v1/userinfo"), reason{check: explain.TokenOfUser, passed: []string{"token.application"}, caller: "test"}},
		{"a token without openid", after(func(t *testing.T, s *servertest.Server) (string, servertest.With) {
			a := s.Form(t, tokenPath, url.Values{"grant_type": {"password"}, "username": {s.Username}, "password": {s.Password}, "scope": {"profile"}})
			return "/oauth2/userinfo", servertest.Bearer(a.Text("access_token"))
		}), reason{check: explain.ScopeGranted, got: "profile", want: "openid", caller: "ada"}},
		{"a session id that is none", func(t *testing.T, s *servertest.Server) servertest.Answer {
			return s.Send(t, http.MethodDelete, "/v1/sessions/one", "", nil, servertest.Bearer(signIn(t, s).Text("access_token")))
		}, reason{check: explain.PathForm, got: "one", want: "UUID"}},
		{"a session that is not there", func(t *testing.T, s *servertest.Server) servertest.Answer {
			return s.Send(t, http.MethodDelete, "/v1/sessions/01900000-0000-7000-8000-000000000000", "", nil, servertest.Bearer(signIn(t, s).Text("access_token")))
		}, reason{check: explain.SessionOwn, got: "no session 01900000-0000-7000-8000-000000000000"}},
		{"another client's token", func(t *testing.T, s *servertest.Server) servertest.Answer {
			return s.Form(t, "/oauth2/revoke", url.Values{"token": {signIn(t, s).Text("access_token")}}, servertest.Basic(s.MachineID, s.MachineSecret))
		}, reason{check: explain.TokenOfClient, got: "a token of "}},
		{"another client's refresh token", func(t *testing.T, s *servertest.Server) servertest.Answer {
			return s.Form(t, "/oauth2/revoke", url.Values{"token": {signIn(t, s).Text("refresh_token")}}, servertest.Basic(s.MachineID, s.MachineSecret))
		}, reason{check: explain.RefreshClient, got: "a token of "}},
	}
}

func TestEachRefusalSaysWhichCheckFailed(t *testing.T) {
	t.Parallel()
	for name, requests := range map[string]func() []explained{"token": tokenRequests, "user": userRequests, "refresh": refreshRequests} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
				answers := map[string]servertest.Answer{}
				for _, r := range requests() {
					answers[r.name] = r.ask(t, s)
				}
				for _, r := range requests() {
					t.Run(r.name, func(t *testing.T) { r.of(t, answers[r.name], s.Refusal(t, answers[r.name])) })
				}
			})
		})
	}
}

func TestRecordSaysWhoAsked(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	a := s.Form(t, tokenPath+"?code=in-the-query", url.Values{"grant_type": {"magic"}},
		servertest.Header("User-Agent", "curl/8\t "+strings.Repeat("x", 300)), servertest.Header("X-Request-Id", "mine-1"))
	want(t, a, http.StatusBadRequest, "AUT-0013")
	e := s.Refusal(t, a)
	if e.RequestID != "mine-1" || e.Method != http.MethodPost || e.Route != tokenPath || e.Address != "127.0.0.1" || !e.Time.Equal(s.Clock.Now()) {
		t.Errorf("record = %+v", e.Record)
	}
	if e.UserAgent != "curl/8 "+strings.Repeat("x", 192)+"…" || e.Fields["grant_type"] == "" {
		t.Errorf("user agent = %q, fields = %v", e.UserAgent, e.Fields)
	}
	if text, err := json.Marshal(e); err != nil || strings.Contains(string(text), "in-the-query") || strings.Contains(string(text), "%!") {
		t.Errorf("record = %s, %v", text, err)
	}
	unmatched := s.Get(t, "/v1/no/such/path")
	want(t, unmatched, http.StatusNotFound, "AUT-2005")
	if e := s.Refusal(t, unmatched); e.Route != "" || len(e.Checks) != 0 {
		t.Errorf("record = %+v", e.Record)
	}
}

func TestRecordsExpire(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		a := s.Get(t, "/v1/userinfo")
		s.Refusal(t, a)
		left := func(at time.Time) int {
			for done := false; !done; {
				var err error
				if _, done, err = s.Store.DeleteExpired(t.Context(), at, 100); err != nil {
					t.Fatal(err)
				}
			}
			left, err := s.Store.Refusals(t.Context(), a.Header.Get("X-Request-Id"))
			if err != nil {
				t.Fatal(err)
			}
			return len(left)
		}
		if got := left(s.Clock.Now().Add(24*time.Hour - time.Second)); got != 1 {
			t.Errorf("%d records before a day is over, want 1", got)
		}
		if got := left(s.Clock.Now().Add(24 * time.Hour)); got != 0 {
			t.Errorf("%d records after a day, want none", got)
		}
	})
}
