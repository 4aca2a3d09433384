package server_test

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/server/servertest"
)

func TestConformanceRPInitiatedLogout(t *testing.T) {
	t.Parallel()
	runPlan(t, "", rpInitiatedModules())
}

func TestConformanceBackchannelLogout(t *testing.T) {
	t.Parallel()
	runPlan(t, "", backchannelModules())
}

// metadataHas checks what the metadata say.
func (c conformance) metadataHas(t *testing.T, of map[string]any) {
	t.Helper()
	a := c.s.Get(t, "/.well-known/openid-configuration")
	for name, value := range of {
		if a.JSON[name] != value {
			t.Errorf("%s = %v, want %v", name, a.JSON[name], value)
		}
	}
}

// gone checks whether the person is signed in in the browser no more.
func (c conformance) gone(t *testing.T, gone bool) {
	t.Helper()
	v := c.browser.Get(t, address(c.request("prompt", "none")))
	if got := v.Given.Get("error") == "login_required"; got != gone {
		t.Errorf("signed out: %t, want %t: %v", got, gone, v.Given)
	}
}

func rpInitiatedModules() []module {
	// leave signs in and asks to sign out, with an id token if there is an %.
	leave := func(t *testing.T, c conformance, pairs ...string) servertest.View {
		t.Helper()
		hint := c.signIn(t).Text("id_token")
		for i := range pairs {
			pairs[i] = strings.ReplaceAll(pairs[i], "%", hint)
		}
		return c.browser.Get(t, leaving(pairs...))
	}
	// shows is a page that says that something is wrong, and has signed nobody out.
	shows := func(t *testing.T, c conformance, v servertest.View) {
		t.Helper()
		if v.Away || v.Form != nil || v.Status < 400 {
			t.Errorf("at %s: %d %s", v.URL, v.Status, v.Body)
		}
		c.gone(t, false)
	}
	// asks is a page that asks first.
	asks := func(t *testing.T, c conformance, v servertest.View) {
		t.Helper()
		asked(t, v, "Ada Lovelace")
		c.gone(t, false)
	}
	return []module{
		{"oidcc-rp-initiated-logout-discovery-endpoint-verification", func(t *testing.T, c conformance) {
			c.metadataHas(t, map[string]any{"end_session_endpoint": c.s.Issuer + endSessionAt})
		}},
		{"oidcc-rp-initiated-logout", func(t *testing.T, c conformance) {
			atGoodbye(t, leave(t, c, "id_token_hint", "%", "post_logout_redirect_uri", goodbye, "state", "x"), "x")
			c.gone(t, true)
		}},
		{"oidcc-rp-initiated-logout-bad-post-logout-redirect-uri", func(t *testing.T, c conformance) {
			shows(t, c, leave(t, c, "id_token_hint", "%", "post_logout_redirect_uri", "https://app.example.com/unknown", "state", "x"))
		}},
		{"oidcc-rp-initiated-logout-modified-id-token-hint", func(t *testing.T, c conformance) {
			shows(t, c, leave(t, c, "id_token_hint", "%AAAA", "post_logout_redirect_uri", goodbye, "state", "x"))
		}},
		{"oidcc-rp-initiated-logout-no-id-token-hint", func(t *testing.T, c conformance) {
			shows(t, c, leave(t, c, "post_logout_redirect_uri", goodbye, "state", "x"))
			asks(t, c, leave(t, c, "client_id", c.id, "post_logout_redirect_uri", goodbye, "state", "x"))
		}},
		{"oidcc-rp-initiated-logout-no-params", func(t *testing.T, c conformance) { asks(t, c, leave(t, c)) }},
		{"oidcc-rp-initiated-logout-no-post-logout-redirect-uri", func(t *testing.T, c conformance) {
			farewell(t, leave(t, c, "id_token_hint", "%", "state", "x"))
			c.gone(t, true)
		}},
		{"oidcc-rp-initiated-logout-no-state", func(t *testing.T, c conformance) {
			atGoodbye(t, leave(t, c, "id_token_hint", "%", "post_logout_redirect_uri", goodbye), "")
			c.gone(t, true)
		}},
		{"oidcc-rp-initiated-logout-only-state", func(t *testing.T, c conformance) { asks(t, c, leave(t, c, "state", "x")) }},
		{"oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri", func(t *testing.T, c conformance) {
			shows(t, c, leave(t, c, "id_token_hint", "%", "post_logout_redirect_uri", goodbye+"&foo=bar", "state", "x"))
		}},
		{"oidcc-rp-initiated-logout-bad-id-token-hint", func(t *testing.T, c conformance) {
			shows(t, c, leave(t, c, "id_token_hint", "bad", "post_logout_redirect_uri", goodbye, "state", "x"))
		}},
	}
}

func backchannelModules() []module {
	return []module{
		{"oidcc-backchannel-logout-discovery-endpoint-verification", func(t *testing.T, c conformance) {
			c.metadataHas(t, map[string]any{"backchannel_logout_supported": true, "backchannel_logout_session_supported": true})
		}},
		{"oidcc-backchannel-rp-initiated-logout", func(t *testing.T, c conformance) {
			g := c.signIn(t)
			atGoodbye(t, c.browser.Get(t, leaving("id_token_hint", g.Text("id_token"), "post_logout_redirect_uri", goodbye, "state", "x")), "x")
			claims := logoutClaims(t, c.s, c.receiver.wait(t, c.s, 1)[0])
			for _, name := range []string{"iss", "aud", "sub", "sid"} {
				if claims[name] != g.id[name] {
					t.Errorf("%s = %v, want %v", name, claims[name], g.id[name])
				}
			}
			has(t, "logout token", claims, "iat", "exp", "jti", "events")
			lacks(t, "logout token", claims, "nonce")
			c.gone(t, true)
			want(t, c.s.Get(t, "/oauth2/userinfo", servertest.Bearer(g.Text("access_token"))), http.StatusUnauthorized, "AUT-1003")
		}},
	}
}
