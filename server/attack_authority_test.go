package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server/servertest"
)

// consented goes through the consent page with ada's browser, and returns what the
// token endpoint answers to the code.
func (p party) consented(t *testing.T, b *servertest.Browser, pairs ...string) servertest.Answer {
	t.Helper()
	a := p.exchange(t, b.Through(t, address(p.request(pairs...)), p.s.Ada()).Given.Get("code"))
	want(t, a, http.StatusOK, "")
	return a
}

// idOf is the id of an application in the identity API.
func idOf(t *testing.T, s *servertest.Server, clientID string) string {
	t.Helper()
	app, err := s.Store.ApplicationByClientID(t.Context(), clientID)
	if err != nil {
		t.Fatal(err)
	}
	return app.ID
}

// refreshed is the answer to the refresh token of an answer.
func (p party) refreshed(t *testing.T, a servertest.Answer) servertest.Answer {
	t.Helper()
	again := p.s.Form(t, "/oauth2/token", map[string][]string{"grant_type": {"refresh_token"}, "refresh_token": {a.Text("refresh_token")}}, servertest.Basic(p.id, p.secret))
	want(t, again, http.StatusOK, "")
	return again
}

// TestClerksGainNothingByApplications: who may change applications, and no more, gets
// at nothing that users of these may do.
func TestClerksGainNothingByApplications(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		admin := s.Admin(t)
		s.NewGroup(t, admin, "clerks", map[string][]string{"applications": {"get", "post", "patch", "delete"}})
		s.NewUser(t, admin, "clerk", "clerks")
		clerk := s.ActAs(t, "clerk", servertest.NewPassword)
		p, b := newParty(t, s, untrusted), s.NewBrowser(t)
		b.SignInAs(t, s.UserID, s.Clock.Now())
		tokens := p.consented(t, b)
		path := "/v1/applications/" + idOf(t, s, p.id)

		for _, change := range []string{
			`{"grantTypes":["authorization_code","refresh_token","password"]}`, `{"trusted":true}`,
			`{"public":true,"grantTypes":["password"],"redirectUris":[]}`,
		} {
			want(t, s.JSON(t, http.MethodPatch, path, change, clerk), http.StatusForbidden, "IDE-2001")
		}
		for _, body := range []string{
			`{"name":"party","description":"x","grantTypes":["password"]}`, `{"name":"party","description":"x","trusted":true}`,
			`{"name":"party","description":"x","grantTypes":["password"],"public":true}`,
		} {
			want(t, s.JSON(t, http.MethodPost, "/v1/applications", body, clerk), http.StatusForbidden, "IDE-2001")
		}
		with, _ := s.NewApplication(t, "party", func(a *identity.Application) { a.GrantTypes = []string{identity.GrantPassword} })
		signsIn := "/v1/applications/" + idOf(t, s, with)
		for _, change := range []string{
			`{"redirectUris":["https://evil.example/cb"]}`, `{"allowedOrigins":["https://evil.example"]}`, `{"audiences":["https://evil.example"]}`,
			`{"jwksUri":"https://evil.example/jwks"}`, `{"grantTypes":["client_credentials"]}`, `{"description":"the same"}`,
		} {
			want(t, s.JSON(t, http.MethodPatch, signsIn, change, clerk), http.StatusForbidden, "IDE-2001")
		}
		want(t, s.JSON(t, http.MethodPost, signsIn+"/rotate-secret", `{}`, clerk), http.StatusForbidden, "IDE-2001")
		want(t, s.JSON(t, http.MethodDelete, signsIn, nil, clerk), http.StatusForbidden, "IDE-2001")

		// What the clerk may change of the other one makes its users be asked again.
		want(t, s.JSON(t, http.MethodPatch, path, `{"redirectUris":["`+returnTo+`","https://evil.example/cb"]}`, clerk), http.StatusOK, "")
		if v := b.Get(t, address(p.request("redirect_uri", "https://evil.example/cb", "prompt", "none"))); v.Given.Get("error") != "consent_required" {
			t.Errorf("without a page: %s", v.URL)
		}
		want(t, s.JSON(t, http.MethodGet, "/v1/users", nil, servertest.Bearer(p.refreshed(t, tokens).Text("access_token"))), http.StatusForbidden, "IDE-2001")
	})
}

// TestWhatDropsConsents: an application that its users would not recognise, or that
// somebody else can prove to be, asks them again. Other changes do not.
func TestWhatDropsConsents(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	admin := s.Admin(t)
	for change, asks := range map[string]bool{
		`{"redirectUris":["https://app.example.com/callback","https://app.example.com/two"]}`: true,
		`{"displayName":"Acme Bank"}`:                                      true,
		`{"jwksUri":"https://app.example.com/jwks"}`:                       true,
		`{"tokenEndpointAuthMethod":"client_secret_post"}`:                 true,
		`{"subjectType":"pairwise"}`:                                       true,
		`{"description":"another"}`:                                        false,
		`{"accessTokenLifetime":60}`:                                       false,
		`{"redirectUris":["https://app.example.com/callback"]}`:            false,
		`{"scopes":["openid","profile"]}`:                                  false,
		`{"postLogoutRedirectUris":["https://app.example.com/bye"]}`:       false,
		`{"metadata":{"owner":"sales"},"policyUri":"https://example.com"}`: false,
	} {
		p, b := newParty(t, s, untrusted), s.NewBrowser(t)
		b.SignInAs(t, s.UserID, s.Clock.Now())
		p.consented(t, b)
		want(t, s.JSON(t, http.MethodPatch, "/v1/applications/"+idOf(t, s, p.id), change, admin), http.StatusOK, "")
		if v := b.Get(t, address(p.request("prompt", "none"))); (v.Given.Get("error") == "consent_required") != asks {
			t.Errorf("%s: led to %s, want a question: %v", change, v.URL, asks)
		}
	}
}

// TestConsentIsToWhatWasShown: a page that was open while its application changed
// agrees to nothing, and the one that follows shows what it has become.
func TestConsentIsToWhatWasShown(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		p, b := newParty(t, s, untrusted), s.NewBrowser(t)
		b.SignInAs(t, s.UserID, s.Clock.Now())
		open := b.Get(t, address(p.request()))
		change := `{"displayName":"Acme Bank","redirectUris":["` + returnTo + `","https://evil.example/cb"]}`
		want(t, s.JSON(t, http.MethodPatch, "/v1/applications/"+idOf(t, s, p.id), change, s.Admin(t)), http.StatusOK, "")
		v := b.Submit(t, open, map[string]string{"decision": "allow"})
		if v.Given.Get("code") != "" || !strings.Contains(string(v.Body), "Acme Bank") {
			t.Errorf("the page from before led to %s:\n%s", v.URL, v.Body)
		}
		for _, to := range []string{returnTo, "https://evil.example/cb"} {
			if v := b.Get(t, address(p.request("redirect_uri", to, "prompt", "none"))); v.Given.Get("error") != "consent_required" {
				t.Errorf("without a page: %s", v.URL)
			}
		}
		if v := b.Submit(t, v, map[string]string{"decision": "allow"}); v.Given.Get("code") == "" {
			t.Errorf("agreed to what it has become, and got %s", v.URL)
		}
	})
}

// TestScopesAddedLaterTellNothing: a claim that was asked for by name while its scope
// was none of the application's stays untold when it becomes one.
func TestScopesAddedLaterTellNothing(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		admin := s.Admin(t)
		for _, change := range [][]func(*identity.Application){{untrusted}, nil} {
			p, b := newParty(t, s, append(change, func(a *identity.Application) { a.Scopes = []string{"openid", "profile"} })...), s.NewBrowser(t)
			b.SignInAs(t, s.UserID, s.Clock.Now())
			tells := func(a servertest.Answer) []bool {
				t.Helper()
				info := s.Get(t, "/oauth2/userinfo", servertest.Bearer(a.Text("access_token")))
				want(t, info, http.StatusOK, "")
				_, inToken := decode(t, a.Text("id_token"))["email"]
				return []bool{info.Text("email") != "", inToken}
			}
			pairs := []string{"scope", "openid", "claims", `{"userinfo":{"email":null},"id_token":{"email":null}}`}
			before := p.consented(t, b, pairs...)
			code := b.Through(t, address(p.request(pairs...)), s.Ada()).Given.Get("code")
			want(t, s.JSON(t, http.MethodPatch, "/v1/applications/"+idOf(t, s, p.id), `{"scopes":["openid","profile","email"]}`, admin), http.StatusOK, "")
			for when, a := range map[string]servertest.Answer{"refreshed": p.refreshed(t, before), "by a code from before": p.exchange(t, code)} {
				if told := tells(a); slices.Contains(told, true) {
					t.Errorf("%s: the email is told: %v", when, told)
				}
			}
			if told := tells(p.consented(t, b, pairs...)); slices.Contains(told, false) {
				t.Errorf("asked for anew, the email is told: %v", told)
			}
		}
	})
}

// TestTrustComesWithTheSession: what an application is set to later gives its sessions
// nothing, and what is taken from it counts at once.
func TestTrustComesWithTheSession(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		admin, p, b := s.Admin(t), newParty(t, s, untrusted), s.NewBrowser(t)
		b.SignInAs(t, s.UserID, s.Clock.Now())
		users := func(a servertest.Answer) int {
			t.Helper()
			return s.JSON(t, http.MethodGet, "/v1/users", nil, servertest.Bearer(a.Text("access_token"))).Status
		}
		trust := func(body string) {
			t.Helper()
			want(t, s.JSON(t, http.MethodPatch, "/v1/applications/"+idOf(t, s, p.id), body, admin), http.StatusOK, "")
		}
		early := p.consented(t, b)
		code := b.Through(t, address(p.request()), s.Ada()).Given.Get("code")
		for _, change := range []string{`{"trusted":true}`, `{"grantTypes":["authorization_code","refresh_token","password"]}`} {
			trust(change)
			if status := users(early); status != http.StatusForbidden {
				t.Errorf("%s: a token of a consent lists users: %d", change, status)
			}
			early = p.refreshed(t, early)
			if status := users(early); status != http.StatusForbidden {
				t.Errorf("%s: its refreshed token lists users: %d", change, status)
			}
		}
		if status := users(p.exchange(t, code)); status != http.StatusForbidden {
			t.Errorf("a code from before lists users: %d", status)
		}
		late := p.consented(t, b)
		if status := users(late); status != http.StatusOK {
			t.Errorf("a sign-in at a trusted application: %d", status)
		}
		trust(`{"trusted":false,"grantTypes":["authorization_code","refresh_token"]}`)
		for _, a := range []servertest.Answer{late, p.refreshed(t, late)} {
			if status := users(a); status != http.StatusForbidden {
				t.Errorf("trusted no more: %d", status)
			}
		}
	})
}

// TestConsentReachesWhatThePageSaid: a token that rests on a consent exercises its
// user's permissions at the products that the consent names, wherever it asks.
func TestConsentReachesWhatThePageSaid(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		admin := s.Admin(t)
		s.NewApplication(t, "ledger")
		s.NewApplication(t, "crm")
		s.NewGroup(t, admin, "ledger-editor-group", map[string][]string{"transfers": {"get", "delete"}})
		s.NewGroup(t, admin, "crm-viewer-group", map[string][]string{"holders": {"get"}})
		s.NewUser(t, admin, "edith", "ledger-editor-group", "crm-viewer-group", identity.AdminGroup)
		p := newParty(t, s, untrusted, func(a *identity.Application) {
			a.Name = "ledger" // its own product is not implied
			a.Scopes = append(a.Scopes, "product:ledger", "ledger", "ledger-editor-role")
			a.Audiences = append(a.Audiences, "product:ledger")
		})
		edith := servertest.Person{Username: "edith", Password: servertest.NewPassword}
		token := func(scope string, pairs ...string) (servertest.With, []byte) {
			t.Helper()
			b := s.NewBrowser(t)
			v := b.Submit(t, b.Get(t, address(p.request(append(pairs, "scope", scope)...))), map[string]string{"username": edith.Username, "password": edith.Password})
			page := v.Body
			v = b.Submit(t, v, map[string]string{"decision": "allow"})
			a := p.exchange(t, v.Given.Get("code"))
			want(t, a, http.StatusOK, "")
			return servertest.Bearer(a.Text("access_token")), page
		}
		allowed := func(as servertest.With, question string) bool {
			t.Helper()
			return answerOf(t, s, s.PostJSON(t, authorizePath, question, as))
		}
		const remove, removeAt, read = `{"resource":"transfers","action":"delete"}`, `{"resource":"transfers","action":"delete","product":"ledger"}`, `{"resource":"holders","action":"get"}`
		plain, page := token("openid ledger ledger-editor-role")
		if strings.Contains(string(page), "Act for you") {
			t.Errorf("the page speaks of products:\n%s", page)
		}
		for _, question := range []string{remove, removeAt, read, `{"resource":"users","action":"get"}`} {
			if allowed(plain, question) {
				t.Errorf("%s is allowed by a consent to other scopes", question)
			}
		}
		if a := s.Get(t, listPath, plain); string(a.Body) != "{}" && string(a.Body) != "{}\n" {
			t.Errorf("permissions %s, want none", a.Body)
		}
		acting, page := token("openid product:ledger")
		if !strings.Contains(string(page), "Act for you in <bdi>ledger</bdi>") {
			t.Errorf("the page does not say it:\n%s", page)
		}
		for question, want := range map[string]bool{
			remove: true, removeAt: true, read: false, `{"resource":"holders","action":"get","product":"crm"}`: false,
			`{"resource":"users","action":"get"}`: false, `{"resource":"transfers","action":"post"}`: false,
		} {
			if got := allowed(acting, question); got != want {
				t.Errorf("%s: %v, want %v", question, got, want)
			}
		}
		if a := s.Get(t, listPath, acting); strings.TrimSpace(string(a.Body)) != `{"transfers":["delete","get"]}` {
			t.Errorf("permissions %s", a.Body)
		}
		if a := s.PostJSON(t, batchPath, `{"questions":[`+remove+`,`+read+`]}`, acting); !strings.Contains(string(a.Body), `"answers":[{"authorized":true},{"authorized":false}]`) {
			t.Errorf("batch %s", a.Body)
		}
		evaluation := `{"subject":{"type":"user","id":"edith"},"action":{"name":"delete"},"resource":{"type":"transfers","id":"1"}}`
		for as, want := range map[string]servertest.With{`"decision":false`: plain, `"decision":true`: acting} {
			if a := s.PostJSON(t, "/access/v1/evaluation", evaluation, want); !strings.Contains(string(a.Body), as) {
				t.Errorf("evaluation %s, want %s", a.Body, as)
			}
		}
		for _, path := range []string{"/v1/users", "/v1/groups", "/v1/applications", "/v1/audit-events"} {
			want(t, s.Get(t, path, acting), http.StatusForbidden, "IDE-2001")
		}
		want(t, s.PostJSON(t, authorizePath, `{"sub":"`+s.UserID+`","resource":"a","action":"b"}`, acting), http.StatusForbidden, "AUT-2002")

		b := s.NewBrowser(t)
		b.Through(t, address(p.request("scope", "openid", "resource", "product:ledger")), edith)
		if v := b.Get(t, address(p.request("scope", "openid product:ledger", "prompt", "none"))); v.Given.Get("code") == "" {
			t.Errorf("an audience that names a product is not the same consent: %s", v.URL)
		}
	})
}

// TestTokensSayOnWhatTheyRest: introspection and the token itself say so.
func TestTokensSayOnWhatTheyRest(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	p, trusted, b := newParty(t, s, untrusted), newParty(t, s), s.NewBrowser(t)
	b.SignInAs(t, s.UserID, s.Clock.Now())
	for authority, a := range map[string]servertest.Answer{"consent": p.consented(t, b), "own": trusted.consented(t, b)} {
		who := map[string]party{"consent": p, "own": trusted}[authority]
		for _, token := range []string{a.Text("access_token"), a.Text("refresh_token")} {
			said := s.Form(t, "/oauth2/introspect", map[string][]string{"token": {token}}, servertest.Basic(who.id, who.secret))
			if said.Text("authority") != authority {
				t.Errorf("introspection %s, want authority %s", said.Body, authority)
			}
		}
		if said := decode(t, a.Text("access_token"))["authority"]; said != authority {
			t.Errorf("access token: authority %v, want %s", said, authority)
		}
	}
	if said := decode(t, signIn(t, s).Text("access_token"))["authority"]; said != "own" {
		t.Errorf("by password: authority %v", said)
	}
}

// TestMappingsAreReleasedOnce: tokens that exist tell nothing by a mapping that is new,
// and who may not see users adds none.
func TestMappingsAreReleasedOnce(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		admin := s.Admin(t)
		s.NewGroup(t, admin, "clerks", map[string][]string{"applications": {"get", "post", "patch"}})
		s.NewUser(t, admin, "clerk", "clerks")
		clerk := s.ActAs(t, "clerk", servertest.NewPassword)
		ask := func(path, body string, as servertest.With) servertest.Answer {
			t.Helper()
			return s.JSON(t, http.MethodPatch, path, body, as)
		}
		want(t, ask("/v1/users/"+s.UserID, `{"metadata":{"salary":"90000","team":"engines"}}`, admin), http.StatusOK, "")
		for _, change := range [][]func(*identity.Application){{untrusted}, nil} {
			p, b := newParty(t, s, change...), s.NewBrowser(t)
			b.SignInAs(t, s.UserID, s.Clock.Now())
			path := "/v1/applications/" + idOf(t, s, p.id)
			want(t, ask(path, `{"claims":[{"claim":"team","metadata":"team","scope":"profile"}]}`, admin), http.StatusOK, "")
			tells := func(a servertest.Answer, name string) bool {
				t.Helper()
				info := s.Get(t, "/oauth2/userinfo", servertest.Bearer(a.Text("access_token")))
				want(t, info, http.StatusOK, "")
				_, inToken := decode(t, a.Text("id_token"))[name]
				if inUserinfo := info.Text(name) != ""; inUserinfo != inToken {
					t.Errorf("%s at userinfo: %v, in the id token: %v", name, inUserinfo, inToken)
				}
				return inToken
			}
			before := p.consented(t, b)
			if !tells(before, "team") || tells(p.consented(t, b, "scope", "openid"), "team") {
				t.Error("a mapping goes with its scope")
			}
			for _, claims := range []string{
				`[{"claim":"x1","metadata":"salary"}]`, `[{"claim":"team","metadata":"salary","scope":"profile"}]`, `[{"claim":"team","metadata":"team","scope":"openid"}]`,
			} {
				want(t, ask(path, `{"claims":`+claims+`}`, clerk), http.StatusForbidden, "IDE-2001")
			}
			s.Clock.Advance(time.Second)
			want(t, ask(path, `{"claims":[{"claim":"team","metadata":"salary","scope":"profile"},{"claim":"x1","metadata":"salary","scope":"openid"}]}`, admin), http.StatusOK, "")
			for _, a := range []servertest.Answer{before, p.refreshed(t, before)} {
				if a.Text("id_token") == "" {
					continue
				}
				info := s.Get(t, "/oauth2/userinfo", servertest.Bearer(a.Text("access_token")))
				if strings.Contains(string(info.Body), "90000") {
					t.Errorf("a session from before the mapping tells %s", info.Body)
				}
			}
			if len(change) == 0 {
				continue // nobody is asked
			}
			if v := b.Get(t, address(p.request("prompt", "none"))); v.Given.Get("error") != "consent_required" {
				t.Errorf("a new mapping asks nobody: %s", v.URL)
			}
			v := b.Get(t, address(p.request()))
			if body := string(v.Body); !strings.Contains(body, "recorded about you as <bdi>salary</bdi> <code>x1</code>") || !strings.Contains(body, "recorded about you as <bdi>salary</bdi> <code>team</code>") {
				t.Errorf("the page does not list the mappings:\n%s", body)
			}
			v = b.Submit(t, v, map[string]string{"decision": "allow"})
			if !tells(p.exchange(t, v.Given.Get("code")), "x1") {
				t.Error("what was consented to is not told")
			}
		}
	})
}

// TestProductsOfScopes: a scope can only name a product that is registered, and is
// never read as one in another form.
func TestProductsOfScopes(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	admin := s.Admin(t)
	for _, field := range []string{"scopes", "audiences"} {
		for value, status := range map[string]int{
			"product:test": http.StatusCreated, "product:nothing": http.StatusBadRequest, "product:": http.StatusBadRequest,
			"product:Test": http.StatusBadRequest, "product:test/x": http.StatusBadRequest,
		} {
			a := s.JSON(t, http.MethodPost, "/v1/applications", map[string]any{"name": "test", "description": "x", field: []string{value}}, admin)
			if a.Status != status || status == http.StatusBadRequest && !slices.Contains([]string{"IDE-0007"}, a.Code()) {
				t.Errorf("%s %s: %d %s, want %d", field, value, a.Status, a.Body, status)
			}
		}
	}
}
