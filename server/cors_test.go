package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"gatehouse/identity"
	"gatehouse/server"
	"gatehouse/server/web"
)

func TestCORS(t *testing.T) {
	t.Parallel()
	const console, other = "https://console.example.com", "https://other.example.com"
	app := &identity.Application{AllowedOrigins: []string{other}}
	g := server.NewGate(server.GateOptions{Origins: []string{console}})
	open := server.NewGate(server.GateOptions{Origins: []string{"*"}})
	closed := server.NewGate(server.GateOptions{})
	for _, g := range []server.Gate{g, open, closed} {
		g.GET("/.well-known/openid-configuration", ok)
		g.GET("/oauth2/jwks", ok)
		g.GET("/v1/userinfo", ok)
		g.POST("/oauth2/introspect", ok)
		g.POST("/oauth2/token", func(c echo.Context) error {
			web.AllowApplication(c, app)
			return c.NoContent(http.StatusOK)
		})
	}
	tests := []struct {
		name           string
		g              server.Gate
		method, path   string
		origin         string
		allowed, varys string
	}{
		{"discovery, any origin", g, "GET", "/.well-known/openid-configuration", other, "*", ""},
		{"keys, any origin", g, "GET", "/oauth2/jwks", other, "*", ""},
		{"keys, no origin", g, "GET", "/oauth2/jwks", "", "*", ""},
		{"/v1, configured", g, "GET", "/v1/userinfo", console, console, "Origin"},
		{"/v1, not configured", g, "GET", "/v1/userinfo", other, "", "Origin"},
		{"/v1, no origin", g, "GET", "/v1/userinfo", "", "", "Origin"},
		{"/v1, where there is nothing", g, "GET", "/v1/nothing", console, console, "Origin"},
		{"/v1, all configured", open, "GET", "/v1/userinfo", other, "*", ""},
		{"/v1, none configured", closed, "GET", "/v1/userinfo", console, "", ""},
		{"token, the application's", g, "POST", "/oauth2/token", other, other, "Origin"},
		{"token, not the application's", g, "POST", "/oauth2/token", console, "", "Origin"},
		{"introspection", g, "POST", "/oauth2/introspect", console, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			if tt.origin != "" {
				header.Set("Origin", tt.origin)
			}
			got := through(tt.g, tt.method, tt.path, header).Header()
			if got.Get("Access-Control-Allow-Origin") != tt.allowed || got.Get("Vary") != tt.varys || got.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("allowed, Vary, credentials = %q, %q, %q, want %q, %q and none", got.Get("Access-Control-Allow-Origin"),
					got.Get("Vary"), got.Get("Access-Control-Allow-Credentials"), tt.allowed, tt.varys)
			}
		})
	}
}

func TestPreflights(t *testing.T) {
	t.Parallel()
	const console, other = "https://console.example.com", "https://other.example.com"
	g := server.NewGate(server.GateOptions{Origins: []string{console}})
	g.POST("/oauth2/token", ok)
	g.POST("/oauth2/introspect", ok)
	g.PATCH("/v1/x", ok)
	tests := []struct {
		path, origin, allowed string
		methods               bool
	}{
		{"/v1/x", console, console, true},
		{"/v1/x", other, "", true},
		{"/oauth2/token", other, other, true},
		{"/oauth2/jwks", other, "*", true},
		{"/oauth2/introspect", console, "", false},
	}
	for _, tt := range tests {
		answer := through(g, http.MethodOptions, tt.path, http.Header{"Origin": {tt.origin}, "Access-Control-Request-Method": {"POST"}})
		header := answer.Header()
		if answer.Code != http.StatusNoContent || header.Get("Access-Control-Allow-Origin") != tt.allowed ||
			(header.Get("Access-Control-Allow-Methods") != "") != tt.methods || header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("OPTIONS %s from %s = %d %v", tt.path, tt.origin, answer.Code, header)
		}
	}
}

// TestBrowsersGuardAgainstLostUpdates: the console's pages can read a version
// and send it back.
func TestBrowsersGuardAgainstLostUpdates(t *testing.T) {
	t.Parallel()
	const console = "https://console.example.com"
	g := server.NewGate(server.GateOptions{Origins: []string{console}})
	g.GET("/v1/x", ok)
	if exposed := through(g, http.MethodGet, "/v1/x", http.Header{"Origin": {console}}).Header().Get("Access-Control-Expose-Headers"); !strings.Contains(exposed, "ETag") {
		t.Errorf("exposed: %q", exposed)
	}
	asked := http.Header{"Origin": {console}, "Access-Control-Request-Method": {"PATCH"}, "Access-Control-Request-Headers": {"if-match"}}
	if allowed := through(g, http.MethodOptions, "/v1/x", asked).Header().Get("Access-Control-Allow-Headers"); !strings.Contains(allowed, "If-Match") {
		t.Errorf("allowed: %q", allowed)
	}
}
