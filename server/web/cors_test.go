package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"gatehouse/identity"
	"gatehouse/server/web"
)

func TestAllowApplication(t *testing.T) {
	t.Parallel()
	listed := &identity.Application{
		AllowedOrigins: []string{"https://app.example", "https://slash.example/"},
		RedirectURIs:   []string{"https://callback.example/cb"},
	}
	byRedirect := &identity.Application{RedirectURIs: []string{
		"https://callback.example/cb", "http://localhost:3000/cb", "https://default.example:443/cb", "com.example.app:/cb", "::",
	}}
	tests := []struct {
		name   string
		app    *identity.Application
		origin string
		want   string
	}{
		{"no origin", listed, "", ""},
		{"on the list", listed, "https://app.example", "https://app.example"},
		{"on the list in another case", listed, "https://APP.example", "https://APP.example"},
		{"on the list with a slash", listed, "https://slash.example", "https://slash.example"},
		{"not on the list", listed, "https://evil.example", ""},
		{"another scheme", listed, "http://app.example", ""},
		{"another port", listed, "https://app.example:8443", ""},
		{"a longer name", listed, "https://app.example.evil.example", ""},
		{"the list hides redirect URIs", listed, "https://callback.example", ""},
		{"of a redirect URI", byRedirect, "https://callback.example", "https://callback.example"},
		{"of a redirect URI with a port", byRedirect, "http://localhost:3000", "http://localhost:3000"},
		{"of a redirect URI with the default port", byRedirect, "https://default.example", "https://default.example"},
		{"null", byRedirect, "null", ""},
		{"nothing registered", &identity.Application{}, "https://app.example", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			r.Header.Set("Origin", tt.origin)
			answer := httptest.NewRecorder()
			web.AllowApplication(echo.New().NewContext(r, answer), tt.app)
			if got := answer.Header().Get("Access-Control-Allow-Origin"); got != tt.want {
				t.Errorf("Access-Control-Allow-Origin = %q, want %q", got, tt.want)
			}
			if got := answer.Header().Get("Access-Control-Allow-Credentials"); got != "" {
				t.Errorf("Access-Control-Allow-Credentials = %q", got)
			}
		})
	}
}
