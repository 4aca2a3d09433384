package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server"
	"gatehouse/server/explain"
)

// What is refused is handed over, once; what is answered, or nobody waits for, is not.
func TestGateHandsOverRefusals(t *testing.T) {
	t.Parallel()
	gone := func(r *http.Request) *http.Request {
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		return r.WithContext(ctx)
	}
	for name, tt := range map[string]struct {
		path    string
		handler echo.HandlerFunc
		change  func(*http.Request) *http.Request
		code    string
		route   string
		status  int
	}{
		"answered":       {path: "/v1/x", handler: func(c echo.Context) error { return c.NoContent(http.StatusNoContent) }},
		"refused":        {path: "/v1/x", handler: func(echo.Context) error { return errors.AccessDenied }, code: "AUT-2002", route: "/v1/x", status: 403},
		"refused by RFC": {path: "/oauth2/x", handler: func(echo.Context) error { return errors.InvalidCredentials }, code: "AUT-1002", route: "/oauth2/x", status: 400},
		"a panic":        {path: "/v1/x", handler: func(echo.Context) error { panic("no") }, code: "AUT-0005", route: "/v1/x", status: 500},
		"no such route":  {path: "/v1/y", code: "AUT-2005", status: 404},
		"cut short": {path: "/v1/x", handler: func(c echo.Context) error {
			c.Response().WriteHeader(http.StatusOK)
			return errors.AccessDenied
		}},
		"nobody waits": {path: "/v1/x", handler: func(c echo.Context) error { return c.Request().Context().Err() }, change: gone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var handed []explain.Refused
			g := server.NewGate(server.GateOptions{Refused: func(e explain.Refused) { handed = append(handed, e) }})
			if tt.handler != nil {
				g.POST(tt.path, tt.handler)
			}
			r := httptest.NewRequest(http.MethodPost, tt.path+"?q=1", nil)
			r.Header.Set("X-Request-Id", "r-1")
			r.RemoteAddr = "[2001:db8::1]:1"
			if tt.change != nil {
				r = tt.change(r)
			}
			g.ServeHTTP(httptest.NewRecorder(), r)
			if tt.code == "" {
				if len(handed) > 0 {
					t.Errorf("handed over: %+v", handed)
				}
				return
			}
			if len(handed) != 1 {
				t.Fatalf("%d handed over, want 1", len(handed))
			}
			e := handed[0]
			if e.Fault.ID != tt.code || e.Route != tt.route || e.Status != tt.status || e.RequestID != "r-1" || e.Trail == nil ||
				e.Address != "2001:db8::1" || e.Source != "2001:db8::/64" {
				t.Errorf("handed over: %+v, fault %s", e, e.Fault)
			}
		})
	}
}
