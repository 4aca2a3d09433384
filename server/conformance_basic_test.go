package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/identity"
	"gatehouse/server"
	"gatehouse/server/servertest"
)

func TestConformanceConfig(t *testing.T) {
	t.Parallel()
	runPlan(t, "", configModules())
}

func TestConformanceBasic(t *testing.T) {
	t.Parallel()
	runPlan(t, "", basicModules())
}

func TestConformanceFormPost(t *testing.T) {
	t.Parallel()
	runPlan(t, "form_post", basicModules())
}

func configModules() []module {
	return []module{{"oidcc-discovery-endpoint-verification", func(t *testing.T, _ conformance) {
		issuer := "https://id.example.com"
		s := servertest.Start(t, servertest.Options{Config: func(c *server.Config) { c.Tokens.Issuer = issuer }})
		a := s.Get(t, "/.well-known/openid-configuration")
		want(t, a, http.StatusOK, "")
		for _, name := range []string{"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"} {
			if at := a.Text(name); !strings.HasPrefix(at, issuer+"/") {
				t.Errorf("%s = %q", name, at)
			}
		}
		for name, value := range map[string]string{
			"response_types_supported": "code", "subject_types_supported": "public", "id_token_signing_alg_values_supported": "RS256",
			"scopes_supported": "openid", "grant_types_supported": "authorization_code", "claims_supported": "sub",
			"token_endpoint_auth_methods_supported": "client_secret_basic", "code_challenge_methods_supported": "S256",
		} {
			if values, _ := a.JSON[name].([]any); !slices.Contains(values, any(value)) {
				t.Errorf("%s = %v", name, a.JSON[name])
			}
		}
		if a.Text("issuer") != issuer || a.JSON["request_uri_parameter_supported"] != false || a.JSON["claims_parameter_supported"] != true {
			t.Errorf("metadata: %s", a.Body)
		}
		keys := s.Get(t, "/oauth2/jwks")
		want(t, keys, http.StatusOK, "")
		kids := map[any]bool{}
		for _, key := range keys.JSON["keys"].([]any) {
			of := key.(map[string]any)
			if kids[of["kid"]] || of["kid"] == nil || of["use"] != "sig" || of["d"] != nil {
				t.Errorf("key: %v", of)
			}
			kids[of["kid"]] = true
		}
	}}}
}

func basicModules() []module {
	return slices.Concat(codeModules(), scopeModules(), sessionModules(), parameterModules(), replayModules())
}

func codeModules() []module {
	return []module{
		{"oidcc-server", func(t *testing.T, c conformance) {
			g := c.signIn(t)
			c.userinfo(t, c.s.Get(t, "/oauth2/userinfo", servertest.Bearer(g.Text("access_token"))))
		}},
		{"oidcc-response-type-missing", func(t *testing.T, c conformance) {
			c.refused(t, c.send(t, "response_type", ""), "invalid_request", "unsupported_response_type")
		}},
		{"oidcc-idtoken-signature", func(t *testing.T, c conformance) { c.signIn(t) }}, // by the key of its kid: see signedClaims
		{"oidcc-userinfo-get", func(t *testing.T, c conformance) {
			c.userinfo(t, c.s.Get(t, "/oauth2/userinfo", servertest.Bearer(c.signIn(t).Text("access_token"))))
		}},
		{"oidcc-userinfo-post-header", func(t *testing.T, c conformance) {
			c.userinfo(t, c.s.Form(t, "/oauth2/userinfo", url.Values{}, servertest.Bearer(c.signIn(t).Text("access_token"))))
		}},
		{"oidcc-userinfo-post-body", func(t *testing.T, c conformance) {
			c.userinfo(t, c.s.Form(t, "/oauth2/userinfo", url.Values{"access_token": {c.signIn(t).Text("access_token")}}))
		}},
		{"oidcc-ensure-request-without-nonce-succeeds-for-code-flow", func(t *testing.T, c conformance) {
			lacks(t, "id token", c.signIn(t, "nonce", "").id, "nonce")
		}},
		{"oidcc-server-client-secret-post", func(t *testing.T, c conformance) {
			byPost := newParty(t, c.s, func(a *identity.Application) { a.TokenEndpointAuthMethod = "client_secret_post" })
			c.party = byPost
			given := c.answered(t, c.send(t))
			c.granted(t, c.s.Form(t, tokenPath, url.Values{
				"grant_type": {"authorization_code"}, "code": {given.Get("code")}, "redirect_uri": {returnTo},
				"client_id": {byPost.id}, "client_secret": {byPost.secret},
			}), "n-0S6_WzA2Mj")
		}},
		{"oidcc-ensure-request-with-valid-pkce-succeeds", func(t *testing.T, c conformance) {
			given := c.answered(t, c.send(t, challenge()...))
			c.granted(t, c.exchange(t, given.Get("code"), "code_verifier", verifierText), "n-0S6_WzA2Mj")
		}},
	}
}

// scopeModules are about what scopes bring: at userinfo, not in the id token (OpenID
// Connect Core §5.4).
func scopeModules() []module {
	of := map[string][]string{
		"profile": {
			"name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture",
			"website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
		},
		"email": {"email", "email_verified"}, "address": {"address"}, "phone": {"phone_number", "phone_number_verified"},
	}
	bring := func(t *testing.T, c conformance, scope string, pairs ...string) {
		t.Helper()
		g := c.signIn(t, append([]string{"scope", scope}, pairs...)...)
		info := c.userinfo(t, c.s.Get(t, "/oauth2/userinfo", servertest.Bearer(g.Text("access_token"))))
		for _, one := range strings.Fields(scope) {
			has(t, "userinfo", info, of[one]...)
			lacks(t, "id token", g.id, of[one]...)
		}
		for name, isKind := range map[string]func(any) bool{
			"updated_at": func(v any) bool { _, ok := v.(float64); return ok }, "email_verified": func(v any) bool { _, ok := v.(bool); return ok },
			"phone_number_verified": func(v any) bool { return v == true },
			"address":               func(v any) bool { in, ok := v.(map[string]any); return ok && in["formatted"] != nil },
		} {
			if value, there := info[name]; there && !isKind(value) {
				t.Errorf("userinfo: %s = %v", name, value)
			}
		}
	}
	modules := []module{
		{"oidcc-scope-all", func(t *testing.T, c conformance) { bring(t, c, "openid profile email address phone") }},
		{"oidcc-alternate-happy-flow", func(t *testing.T, c conformance) { bring(t, c, "email openid") }},
		{"oidcc-claims-essential", func(t *testing.T, c conformance) {
			g := c.signIn(t, "scope", "openid", "claims", `{"userinfo":{"name":{"essential":true}}}`)
			info := c.userinfo(t, c.s.Get(t, "/oauth2/userinfo", servertest.Bearer(g.Text("access_token"))))
			has(t, "userinfo", info, "name")
		}},
	}
	for _, scope := range []string{"phone", "address", "email", "profile"} {
		modules = append([]module{{"oidcc-scope-" + scope, func(t *testing.T, c conformance) { bring(t, c, "openid "+scope) }}}, modules...)
	}
	return modules
}

// sessionModules are about who is signed in already.
func sessionModules() []module {
	// twice signs in, waits, and asks again.
	twice := func(t *testing.T, c conformance, pairs ...string) (first, second grant, asked bool) {
		t.Helper()
		first = c.signIn(t)
		c.s.Clock.Advance(2 * time.Second)
		second = c.signIn(t, pairs...)
		return first, second, c.asked()
	}
	later := func(t *testing.T, c conformance, pairs ...string) {
		t.Helper()
		if first, second, asked := twice(t, c, pairs...); !asked || second.id["auth_time"].(float64) <= first.id["auth_time"].(float64) {
			t.Errorf("asked to sign in: %t; auth_time %v, then %v", asked, first.id["auth_time"], second.id["auth_time"])
		}
	}
	still := func(t *testing.T, c conformance, pairs ...string) {
		t.Helper()
		if first, second, asked := twice(t, c, pairs...); asked || second.id["auth_time"] != first.id["auth_time"] || second.id["sub"] != first.id["sub"] {
			t.Errorf("asked to sign in: %t; %v, then %v", asked, first.id, second.id)
		}
	}
	return []module{
		{"oidcc-prompt-login", func(t *testing.T, c conformance) { later(t, c, "prompt", "login") }},
		{"oidcc-prompt-none-not-logged-in", func(t *testing.T, c conformance) {
			c.refused(t, c.send(t, "prompt", "none"), "login_required", "interaction_required", "account_selection_required", "consent_required")
		}},
		{"oidcc-prompt-none-logged-in", func(t *testing.T, c conformance) { still(t, c, "prompt", "none") }},
		{"oidcc-max-age-1", func(t *testing.T, c conformance) { later(t, c, "max_age", "1") }},
		{"oidcc-max-age-10000", func(t *testing.T, c conformance) { still(t, c, "max_age", "10000") }},
		{"oidcc-id-token-hint", func(t *testing.T, c conformance) {
			hint := c.signIn(t).Text("id_token")
			if c.signIn(t, "prompt", "none", "id_token_hint", hint); c.asked() {
				t.Error("asked to sign in")
			}
		}},
	}
}

// parameterModules are about parameters that change little, or nothing.
func parameterModules() []module {
	// shows signs in on a page that is as it was asked for.
	shows := func(t *testing.T, c conformance, as func(page servertest.View) bool, pairs ...string) grant {
		t.Helper()
		page := c.browser.Get(t, address(c.request(c.with(pairs)...)))
		if page.URL.Path != "/login" || page.Status != http.StatusOK || !as(page) {
			t.Fatalf("at %s: %d %s", page.URL, page.Status, page.Body)
		}
		return c.signIn(t, pairs...)
	}
	any := func(servertest.View) bool { return true }
	refusedBy := func(t *testing.T, c conformance, name, value string) {
		t.Helper()
		c.refused(t, c.send(t, name, value), name+"_not_supported")
	}
	const unsignedRequest = "eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2FwcC5leGFtcGxlLmNvbS9jYWxsYmFjayJ9."
	return []module{
		{"oidcc-display-page", func(t *testing.T, c conformance) { shows(t, c, any, "display", "page") }},
		{"oidcc-display-popup", func(t *testing.T, c conformance) { shows(t, c, any, "display", "popup") }},
		{"oidcc-ensure-request-with-unknown-parameter-succeeds", func(t *testing.T, c conformance) { shows(t, c, any, "extra", "foobar") }},
		{"oidcc-login-hint", func(t *testing.T, c conformance) {
			shows(t, c, func(v servertest.View) bool { return v.Form["username"] == c.s.Username }, "login_hint", c.s.Username)
		}},
		{"oidcc-ui-locales", func(t *testing.T, c conformance) {
			shows(t, c, func(v servertest.View) bool { return strings.HasPrefix(v.Header.Get("Content-Language"), "pt") }, "ui_locales", "se pt")
		}},
		{"oidcc-claims-locales", func(t *testing.T, c conformance) { shows(t, c, any, "claims_locales", "se") }},
		{"oidcc-ensure-request-with-acr-values-succeeds", func(t *testing.T, c conformance) {
			if acr := shows(t, c, any, "acr_values", "1 2").id["acr"]; acr != "1" {
				t.Errorf("acr = %v", acr)
			}
		}},
		{"oidcc-ensure-registered-redirect-uri", func(t *testing.T, c conformance) {
			v := c.send(t, "redirect_uri", returnTo+"/other")
			if v.Away || v.Status != http.StatusBadRequest || !strings.Contains(string(v.Body), "AUT-2014") {
				t.Errorf("at %s: %d %s", v.URL, v.Status, v.Body)
			}
		}},
		{"oidcc-ensure-post-request-succeeds", func(t *testing.T, c conformance) {
			page := c.browser.PostFromElsewhere(t, authorizeAt, c.request(c.with(nil)...))
			v := c.browser.Through(t, page.URL.String(), c.s.Ada())
			c.granted(t, c.exchange(t, c.answered(t, v).Get("code")), "n-0S6_WzA2Mj")
		}},
		{"oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported", func(t *testing.T, c conformance) {
			refusedBy(t, c, "request_uri", "https://app.example.com/request.jwt")
		}},
		{"oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported", func(t *testing.T, c conformance) {
			refusedBy(t, c, "request", unsignedRequest)
		}},
		{"oidcc-ensure-request-object-with-redirect-uri", func(t *testing.T, c conformance) {
			refusedBy(t, c, "request", unsignedRequest)
		}},
	}
}

// replayModules are about codes and tokens that are used again.
func replayModules() []module {
	reuse := func(after time.Duration) func(t *testing.T, c conformance) {
		return func(t *testing.T, c conformance) {
			code := c.answered(t, c.send(t)).Get("code")
			first := c.granted(t, c.exchange(t, code), "n-0S6_WzA2Mj")
			c.s.Clock.Advance(after)
			if again := c.exchange(t, code); again.Status != http.StatusBadRequest || again.Text("error") != "invalid_grant" {
				t.Errorf("the code was taken again: %d %s", again.Status, again.Body)
			}
			want(t, c.s.Get(t, "/oauth2/userinfo", servertest.Bearer(first.Text("access_token"))), http.StatusUnauthorized, "AUT-1003")
		}
	}
	return []module{
		{"oidcc-codereuse", reuse(0)},
		{"oidcc-codereuse-30seconds", reuse(30 * time.Second)},
		{"oidcc-refresh-token", func(t *testing.T, c conformance) {
			first := c.signIn(t, "scope", "openid offline_access", "prompt", "consent")
			refresh := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.Text("refresh_token")}}
			if stolen := c.s.Form(t, tokenPath, refresh, servertest.Basic(c.second.id, c.second.secret)); stolen.Text("error") != "invalid_grant" {
				t.Errorf("another application refreshes: %d %s", stolen.Status, stolen.Body)
			}
			c.s.Clock.Advance(2 * time.Second)
			second := c.granted(t, c.s.Form(t, tokenPath, refresh, servertest.Basic(c.id, c.secret)), "n-0S6_WzA2Mj")
			for _, name := range []string{"iss", "sub", "aud", "azp", "auth_time"} {
				if second.id[name] != first.id[name] {
					t.Errorf("%s = %v, and %v before", name, second.id[name], first.id[name])
				}
			}
			if second.Text("access_token") == first.Text("access_token") || second.id["iat"].(float64) <= first.id["iat"].(float64) {
				t.Errorf("refreshed: %s", second.Body)
			}
			c.userinfo(t, c.s.Get(t, "/oauth2/userinfo", servertest.Bearer(second.Text("access_token"))))
		}},
	}
}
