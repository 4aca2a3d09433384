package browser_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/browser"
	"gatehouse/storage/storagetest"
)

func TestCheckForm(t *testing.T) {
	t.Parallel()
	s := newSite(t, storagetest.Databases()[0], false, browser.Config{})
	mine, other := client{}, client{}
	token := func(b client) (token string) {
		b.visit(t, func(c echo.Context) { token = s.Token(c) })
		return token
	}
	own, foreign := token(mine), token(other)
	site := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", value) }
	}
	for _, tt := range []struct {
		name  string
		b     client
		token string
		with  []func(*http.Request)
		ok    bool
	}{
		{"own", mine, own, nil, true},
		{"own, again", mine, own, nil, true},
		{"own, from a page of ours", mine, own, []func(*http.Request){site("same-origin")}, true},
		{"own, from another site", mine, own, []func(*http.Request){site("cross-site")}, false},
		{"own, from another subdomain", mine, own, []func(*http.Request){site("same-site")}, false},
		{"own, typed by hand", mine, own, []func(*http.Request){site("none")}, false},
		{"none", mine, "", nil, false},
		{"another browser's", mine, foreign, nil, false},
		{"own, in another browser", other, own, nil, false},
		{"own, without a cookie", client{}, own, nil, false},
		{"the cookie itself", mine, mine["gatehouse-form"].Value, nil, false},
		{"cut", mine, own[:42], nil, false},
		{"longer", mine, own + "AAAA", nil, false},
		{"not base64", mine, "%%%" + own[3:], nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.b.visit(t, func(c echo.Context) {
				err := s.CheckForm(c, tt.token)
				if tt.ok && err != nil || !tt.ok && !errors.Is(err, errors.ForgedForm) {
					t.Errorf("CheckForm = %v, want ok: %v", err, tt.ok)
				}
			}, tt.with...)
		})
	}
}

// A token outlives a sign-in, for there may be forms in other tabs, and tells
// nothing of the cookie that signs in.
func TestTokenOutlivesASignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, storagetest.Databases()[0], false, browser.Config{})
	b := client{}
	var token string
	b.visit(t, func(c echo.Context) { token = s.Token(c) })
	s.signIn(t, b, s.ada, false)
	b.visit(t, func(c echo.Context) {
		if err := s.CheckForm(c, token); err != nil {
			t.Errorf("CheckForm after a sign-in = %v", err)
		}
	})
}
