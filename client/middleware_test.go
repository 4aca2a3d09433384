package client_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gatehouse/client"
	gatehouse "gatehouse/errors"
)

// answered is what a handler behind a middleware says to a request.
func answered(h http.Handler, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/ledgers?access_token=x", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// name answers with the name in the token of a request.
var name = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	token, ok := client.FromContext(r.Context())
	if !ok {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	_, _ = w.Write([]byte(token.Name))
})

func TestMiddlewareAnswers(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	raw := is.token(t)
	realm := `Bearer realm="` + is.URL + `"`
	invalid := realm + `, error="invalid_token"`
	revoked := `{"code":"AUT-1003","title":"Invalid Token","message":"Revoked."}`
	yes, no := `{"authorized":true}`, `{"authorized":false}`
	tests := []struct {
		name      string
		headers   []string
		server    http.HandlerFunc
		status    int
		code      string
		challenge string
		retry     string
		why       error
	}{
		{"allowed", []string{"Authorization", "Bearer " + raw}, says(200, yes), 200, "", "", "", nil},
		{"another case of the scheme", []string{"authorization", "bEARER " + raw}, says(200, yes), 200, "", "", "", nil},
		{"denied", []string{"Authorization", "Bearer " + raw}, says(200, no), 403, "AUT-2002", "", "", client.ErrDenied},
		{"no header", nil, says(200, yes), 401, "AUT-0006", realm, "", client.ErrTokenMissing},
		{"the token alone", []string{"Authorization", raw}, says(200, yes), 401, "AUT-0006", realm, "", client.ErrTokenMissing},
		{"another scheme", []string{"Authorization", "Basic " + raw}, says(200, yes), 401, "AUT-0006", realm, "", client.ErrTokenMissing},
		{"a scheme alone", []string{"Authorization", "Bearer "}, says(200, yes), 401, "AUT-0006", realm, "", client.ErrTokenMissing},
		{"two headers", []string{"Authorization", "Bearer " + raw, "Authorization", "Bearer " + raw}, says(200, yes), 401, "AUT-0006", realm, "", client.ErrTokenMissing},
		{"two tokens", []string{"Authorization", "Bearer " + raw + " " + raw}, says(200, yes), 401, "AUT-0007", invalid, "", client.ErrTokenInvalid},
		{"a forged token", []string{"Authorization", "Bearer x"}, says(200, yes), 401, "AUT-0007", invalid, "", client.ErrTokenInvalid},
		{"a revoked token", []string{"Authorization", "Bearer " + raw}, says(401, revoked), 401, "AUT-1003", invalid, "", client.ErrTokenInvalid},
		{"a refusal in no words", []string{"Authorization", "Bearer " + raw}, says(401, ""), 401, "AUT-0007", invalid, "", client.ErrTokenInvalid},
		{"overloaded", []string{"Authorization", "Bearer " + raw}, says(503, `{"code":"AUT-2007","title":"t","message":"m"}`, "Retry-After", "7"), 503, "AUT-2007", "", "7", client.ErrUnavailable},
		{"garbage", []string{"Authorization", "Bearer " + raw}, says(200, "<html>"), 503, "AUT-2007", "", "1", client.ErrUnavailable},
		{"no policy", []string{"Authorization", "Bearer " + raw}, says(403, `{"code":"AUT-0008","title":"t","message":"m"}`), 503, "AUT-0008", "", "1", client.ErrUnavailable},
	}
	for _, tt := range tests {
		is.authorize.Store(tt.server)
		var why error
		c := is.client(t, func(c *client.Config) {
			c.OnRefusal = func(r *http.Request, err error) {
				if len(r.Header.Values("Authorization")) > 0 {
					t.Errorf("%s: OnRefusal sees the token", tt.name)
				}
				why = err
			}
		})
		w := answered(c.Authorize("ledgers", "get")(name), tt.headers...)
		if w.Code != tt.status || w.Header().Get("WWW-Authenticate") != tt.challenge || w.Header().Get("Retry-After") != tt.retry {
			t.Errorf("%s: %d %v, want %d, challenge %q, retry %q", tt.name, w.Code, w.Header(), tt.status, tt.challenge, tt.retry)
		}
		if !errors.Is(why, tt.why) {
			t.Errorf("%s: OnRefusal was told %v, want %v", tt.name, why, tt.why)
		}
		if tt.status == http.StatusOK {
			if got := w.Body.String(); got != "vera" {
				t.Errorf("%s: the handler saw %q, want vera", tt.name, got)
			}
			continue
		}
		var body struct{ Code, Title, Message string }
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.Code != tt.code || body.Title == "" || body.Message == "" {
			t.Errorf("%s: body %s (%v), want code %s", tt.name, w.Body, err, tt.code)
		}
		if got := w.Header().Get("Content-Type"); got != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: headers %v", tt.name, w.Header())
		}
	}
}

func TestAuthenticateAsksForNoDecision(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	c := is.client(t)
	if w := answered(c.Authenticate(name), "Authorization", "Bearer "+is.token(t)); w.Code != 200 || w.Body.String() != "vera" {
		t.Errorf("a sound token: %d %s", w.Code, w.Body)
	}
	if w := answered(c.Authenticate(name), "Authorization", "Bearer x"); w.Code != 401 {
		t.Errorf("a forged token: %d %s", w.Code, w.Body)
	}
	if is.questions.Load() != 0 {
		t.Error("the server was asked")
	}
	is.jwks.Store(says(500, ""))
	if w := answered(is.client(t).Authenticate(name), "Authorization", "Bearer "+is.token(t)); w.Code != 503 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("without keys: %d %v", w.Code, w.Header())
	}
	if w := answered(name); w.Code != http.StatusTeapot {
		t.Error("FromContext finds a token where there is no middleware")
	}
}

// TestWordsAreThoseOfTheServer holds what the middleware says by itself to what the
// server says in the same case.
func TestWordsAreThoseOfTheServer(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	sound := "Bearer " + is.token(t)
	is.authorize.Store(says(200, `{"authorized":false}`))
	denies := is.client(t).Authorize("ledgers", "get")(name)
	down := newIssuer(t)
	down.jwks.Store(says(500, ""))
	away := down.client(t).Authenticate(name)
	tests := []struct {
		code gatehouse.Code
		w    *httptest.ResponseRecorder
	}{
		{gatehouse.TokenMissing, answered(denies)},
		{gatehouse.TokenInvalid, answered(denies, "Authorization", "Bearer x")},
		{gatehouse.AccessDenied, answered(denies, "Authorization", sound)},
		{gatehouse.Unavailable, answered(away, "Authorization", "Bearer "+down.token(t))},
	}
	for _, tt := range tests {
		var got struct{ Code, Title, Message string }
		if err := json.Unmarshal(tt.w.Body.Bytes(), &got); err != nil {
			t.Errorf("%s: %v", tt.w.Body, err)
		}
		if got.Code != tt.code.ID || got.Title != tt.code.Title || got.Message != tt.code.Message {
			t.Errorf("said %s, want %s: %s: %s", tt.w.Body, tt.code.ID, tt.code.Title, tt.code.Message)
		}
	}
}

func TestATokenInTheAddressIsNone(t *testing.T) {
	t.Parallel()
	is := newIssuer(t)
	r := httptest.NewRequest(http.MethodPost, "/?access_token="+is.token(t), strings.NewReader("access_token="+is.token(t)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	is.client(t).Authenticate(name).ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("answered with %d, want 401", w.Code)
	}
}
