package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server"
	"gatehouse/server/telemetry"
)

// failing returns a gate whose only handler, at path, fails with err.
func failing(path string, err error, o server.GateOptions) server.Gate {
	g := server.NewGate(o)
	g.POST(path, func(echo.Context) error { return err })
	return g
}

func TestStatusesAreTheCataloguesOwn(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../errors/testdata/catalogue.json")
	if err != nil {
		t.Fatal(err)
	}
	var entries []struct {
		Code   string
		Status int
	}
	if err := json.Unmarshal(file, &entries); err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		code, ok := errors.Lookup(entry.Code)
		if got := server.StatusOf(code.Kind); !ok || got != entry.Status {
			t.Errorf("%s = %d, want %d", entry.Code, got, entry.Status)
		}
	}
}

func TestEveryKindHasItsStatus(t *testing.T) {
	t.Parallel()
	want := map[errors.Kind]int{
		errors.KindInvalid: 400, errors.KindUnauthenticated: 401, errors.KindDenied: 403, errors.KindNotFound: 404,
		errors.KindMethodNotAllowed: 405, errors.KindConflict: 409, errors.KindStale: 412, errors.KindTooLarge: 413,
		errors.KindUnsupportedMedia: 415, errors.KindTooMany: 429, errors.KindInternal: 500, errors.KindUnavailable: 503,
	}
	for _, code := range errors.Catalogue() {
		if _, known := want[code.Kind]; !known {
			t.Errorf("%s has a kind that the test does not know: %d", code.ID, code.Kind)
		}
	}
	for kind, status := range want {
		if got := server.StatusOf(kind); got != status {
			t.Errorf("StatusOf(%d) = %d, want %d", kind, got, status)
		}
	}
}

func TestTheAccessManagersForm(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want int
		body string
	}{
		{"a bare code", errors.InvalidClient, 401, `{"code":"AUT-1004","title":"Invalid Client","message":"The provided 'clientId' or 'clientSecret' is incorrect. Please verify the credentials and try again."}`},
		{"with fields", errors.MissingFields.On(map[string]string{"grantType": "is <required> & so on"}), 400, `{"code":"AUT-0001","title":"Missing Fields in Request","message":"Your request is missing one or more required fields. Please refer to the documentation to ensure all necessary fields are included in your request.","fields":{"grantType":"is <required> & so on"}}`},
		{"with values", errors.UnknownGrant.With("implicit"), 400, `{"code":"AUT-0013","title":"Invalid Grant Type","message":"The provided 'grantType' implicit is not valid. Accepted grant types are password, client_credentials, refresh_token, or others. Please provide a valid type."}`},
		{"wrapped", fmt.Errorf("sign in: %w", errors.InvalidCredentials), 401, `{"code":"AUT-1002","title":"Invalid Username or Password","message":"The provided 'username' or 'password' is incorrect. Please verify the credentials and try again."}`},
		{"without a code", errors.New("dial tcp: refused"), 500, `{"code":"AUT-0005","title":"Internal Server Error","message":"The server encountered an unexpected error. Please try again later or contact support."}`},
		{"one of echo's that has no code", echo.NewHTTPError(418, "teapot"), 500, `{"code":"AUT-0005","title":"Internal Server Error","message":"The server encountered an unexpected error. Please try again later or contact support."}`},
		{"a code inside one of echo's", echo.NewHTTPError(400).SetInternal(errors.SessionNotFound), 404, `{"code":"AUT-2017","title":"Session Not Found","message":"The token's owner has no session with the provided ID. It may have ended already."}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer := through(failing("/v1/x", tt.err, server.GateOptions{}), http.MethodPost, "/v1/x", nil)
			if answer.Code != tt.want || answer.Body.String() != tt.body {
				t.Errorf("%d %s\nwant %d %s", answer.Code, answer.Body, tt.want, tt.body)
			}
			for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"} {
				if got := answer.Header().Get(name); got != want {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestTheRFCsForm(t *testing.T) {
	t.Parallel()
	err := errors.UnknownGrant.With(`a"b\c` + "\u00e9\n").On(map[string]string{"grant_type": "is unknown"})
	answer := through(failing("/oauth2/token", err, server.GateOptions{}), http.MethodPost, "/oauth2/token", nil)
	var got map[string]any
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"error":             "unsupported_grant_type",
		"error_description": "The provided 'grantType' a'b?c?? is not valid. Accepted grant types are password, client_credentials, refresh_token, or others. Please provide a valid type.",
		"error_uri":         "https://id.example.com/errors/AUT-0013",
		"code":              "AUT-0013",
		"title":             "Invalid Grant Type",
		"message":           "The provided 'grantType' a\"b\\cé\n is not valid. Accepted grant types are password, client_credentials, refresh_token, or others. Please provide a valid type.",
		"fields":            map[string]any{"grant_type": "is unknown"},
	}
	if diff := cmp.Diff(want, got); diff != "" || answer.Code != http.StatusBadRequest {
		t.Errorf("%d (-want +got):\n%s", answer.Code, diff)
	}
	if !strings.HasPrefix(answer.Body.String(), `{"error":"unsupported_grant_type","error_description":`) {
		t.Errorf("the RFC's fields come first: %s", answer.Body)
	}
}

// TestRFCFaults follows the right column of the contract's table.
func TestRFCFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code   errors.Code
		name   string
		status int
	}{
		{errors.Malformed, "invalid_request", 400},
		{errors.MissingFields, "invalid_request", 400},
		{errors.UnknownGrant, "unsupported_grant_type", 400},
		{errors.GrantMissingFields, "invalid_request", 400},
		{errors.GrantNotAllowed, "unauthorized_client", 400},
		{errors.InvalidCredentials, "invalid_grant", 400},
		{errors.InvalidClient, "invalid_client", 401},
		{errors.InvalidRefreshToken, "invalid_grant", 400},
		{errors.MetadataKeyTooLong, "invalid_request", 400},
		{errors.MetadataValueTooLong, "invalid_request", 400},
		{errors.MetadataNested, "invalid_request", 400},
		{errors.TokenInvalid, "invalid_token", 401},
		{errors.TokenRevoked, "invalid_token", 401},
		{errors.Internal, "server_error", 500},
		{errors.TooManyRequests, "temporarily_unavailable", 429},
		{errors.AccessDenied, "insufficient_scope", 403},
		{errors.PayloadTooLarge, "invalid_request", 413},
		{errors.UnsupportedMediaType, "invalid_request", 415},
		{errors.RouteNotFound, "invalid_request", 404},
		{errors.MethodNotAllowed, "invalid_request", 405},
		{errors.Unavailable, "temporarily_unavailable", 503},
		{errors.InvalidScope, "invalid_scope", 400},
		{errors.InvalidTarget, "invalid_target", 400},
		{errors.InvalidAuthorizationCode, "invalid_grant", 400},
		{errors.ForeignToken, "invalid_grant", 400},
		{errors.RedirectURIMismatch, "invalid_request", 400},
		{errors.LoginRequired, "login_required", 400},
		{errors.ConsentRequired, "consent_required", 400},
	}
	for _, tt := range tests {
		if name, status := server.RFCFault(tt.code); name != tt.name || status != tt.status {
			t.Errorf("RFCFault(%s) = %s %d, want %s %d", tt.code.ID, name, status, tt.name, tt.status)
		}
	}
}

func TestChallenges(t *testing.T) {
	t.Parallel()
	const invalid = `Bearer error="invalid_token", error_description="The provided token is expired, invalid or malformed. Please provide a valid token and try again."`
	basic := http.Header{"Authorization": {"Basic eDp5"}}
	tests := []struct {
		name, path string
		err        error
		header     http.Header
		status     int
		challenge  string
	}{
		{"no token", "/oauth2/userinfo", errors.TokenMissing, nil, 401, "Bearer"},
		{"a bad token", "/oauth2/userinfo", errors.TokenInvalid, nil, 401, invalid},
		{"a dead token", "/oauth2/userinfo", errors.TokenRevoked, nil, 401, invalid},
		{"too little scope", "/oauth2/userinfo", errors.AccessDenied, nil, 403, `Bearer error="insufficient_scope", error_description="The provided token does not allow this request. Please ask an administrator for the permission it needs."`},
		{"no token on /v1", "/v1/userinfo", errors.TokenMissing, nil, 401, "Bearer"},
		{"a bad token on /v1", "/v1/userinfo", errors.TokenInvalid, nil, 401, `Bearer error="invalid_token"`},
		{"a client in the header", "/oauth2/token", errors.InvalidClient, basic, 401, `Basic realm="gatehouse"`},
		{"a client in the body", "/oauth2/token", errors.InvalidClient, nil, 401, ""},
		{"a client on /v1", "/v1/login", errors.InvalidClient, basic, 401, ""},
		{"a wrong password", "/v1/login", errors.InvalidCredentials, nil, 401, ""},
		{"a server's fault", "/oauth2/token", errors.Internal, basic, 500, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer := through(failing(tt.path, tt.err, server.GateOptions{}), http.MethodPost, tt.path, tt.header)
			if got := answer.Header().Get("WWW-Authenticate"); got != tt.challenge || answer.Code != tt.status {
				t.Errorf("%d, WWW-Authenticate = %s, want %d, %s", answer.Code, got, tt.status, tt.challenge)
			}
		})
	}
}

func TestAMissingTokenIsToldNoErrorName(t *testing.T) {
	t.Parallel()
	answer := through(failing("/oauth2/userinfo", errors.TokenMissing, server.GateOptions{}), http.MethodPost, "/oauth2/userinfo", nil)
	if body := answer.Body.String(); strings.Contains(body, `"error":`) || !strings.Contains(body, `"code":"AUT-0006"`) {
		t.Errorf("body = %s", body)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want string
	}{
		{errors.TooManyRequests.After(1100 * time.Millisecond), "2"},
		{errors.TooManyRequests.After(time.Minute), "60"},
		{errors.Unavailable.After(time.Millisecond), "1"},
		{errors.Unavailable, "1"},
		{errors.TooManyRequests, "1"},
		{errors.InvalidClient, ""},
		{errors.Internal, ""},
	}
	for _, tt := range tests {
		for _, path := range []string{"/v1/x", "/oauth2/x"} {
			answer := through(failing(path, tt.err, server.GateOptions{}), http.MethodPost, path, nil)
			if got := answer.Header().Get("Retry-After"); got != tt.want {
				t.Errorf("%s, %v: Retry-After = %q, want %q", path, tt.err, got, tt.want)
			}
		}
	}
}

func TestWhatNoRouteAnswersHasItsFamilysForm(t *testing.T) {
	t.Parallel()
	g := server.NewGate(server.GateOptions{})
	g.POST("/v1/x", ok)
	g.POST("/oauth2/x", ok)
	tests := []struct {
		path   string
		status int
		code   string
		oauth  bool
	}{
		{"/v1/nothing", 404, "AUT-2005", false},
		{"/oauth2/nothing", 404, "AUT-2005", true},
		{"/oauth2", 404, "AUT-2005", true},
		{"/oauth2/", 404, "AUT-2005", true},
		{"/oauth2nothing", 404, "AUT-2005", false},
		{"/.well-known/nothing", 404, "AUT-2005", false},
		{"/", 404, "AUT-2005", false},
		{"/v1/x", 405, "AUT-2006", false},
		{"/oauth2/x", 405, "AUT-2006", true},
	}
	for _, tt := range tests {
		answer := through(g, http.MethodGet, tt.path, nil)
		var body map[string]any
		if err := json.Unmarshal(answer.Body.Bytes(), &body); err != nil {
			t.Fatalf("%s: %v", tt.path, err)
		}
		if _, oauth := body["error"]; answer.Code != tt.status || body["code"] != tt.code || oauth != tt.oauth {
			t.Errorf("GET %s = %d %s", tt.path, answer.Code, answer.Body)
		}
		if allow := answer.Header().Get("Allow"); (tt.status == 405) != (allow == "OPTIONS, POST") {
			t.Errorf("GET %s: Allow = %q", tt.path, allow)
		}
	}
}

// logged sends one request to a handler that fails and returns the lines of the
// log that the renderer wrote.
func logged(t *testing.T, err error, change func(*http.Request) *http.Request) []map[string]any {
	t.Helper()
	var out bytes.Buffer
	log, logErr := telemetry.NewLogger(&out, telemetry.FormatJSON, slog.LevelDebug)
	if logErr != nil {
		t.Fatal(logErr)
	}
	r := httptest.NewRequest(http.MethodPost, "/v1/x", nil)
	r.Header.Set("X-Request-Id", "req-1")
	failing("/v1/x", err, server.GateOptions{Log: log}).ServeHTTP(httptest.NewRecorder(), change(r))
	var lines []map[string]any
	for line := range strings.Lines(out.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		if record["msg"] != "request" {
			delete(record, "time")
			lines = append(lines, record)
		}
	}
	return lines
}

func asItIs(r *http.Request) *http.Request { return r }

func TestFaultsAreLoggedOnceWithTheirCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk full")
	tests := []struct {
		name string
		err  error
		want map[string]any
	}{
		{"an unknown error", fmt.Errorf("write: %w", cause), map[string]any{"level": "ERROR", "code": "AUT-0005", "status": 500.0, "cause": "write: disk full"}},
		{"unavailable", errors.Unavailable.Because(cause), map[string]any{"level": "WARN", "code": "AUT-2007", "status": 503.0, "cause": "disk full"}},
		{"a refusal for a reason", errors.TokenRevoked.Because(cause), map[string]any{"level": "INFO", "code": "AUT-1003", "status": 401.0, "cause": "disk full"}},
		{"a refusal", errors.TokenMissing, map[string]any{"level": "DEBUG", "code": "AUT-0006", "status": 401.0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.want["msg"], tt.want["requestId"] = "request refused", "req-1"
			if diff := cmp.Diff([]map[string]any{tt.want}, logged(t, tt.err, asItIs)); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAClientThatLeftIsNoFault(t *testing.T) {
	t.Parallel()
	gone := func(r *http.Request) *http.Request {
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		return r.WithContext(ctx)
	}
	err := fmt.Errorf("query: %w", context.Canceled)
	lines := logged(t, err, gone)
	if len(lines) != 1 || lines[0]["level"] != "DEBUG" || lines[0]["msg"] != "client gone" {
		t.Errorf("log = %v", lines)
	}
	if lines := logged(t, err, asItIs); len(lines) != 1 || lines[0]["level"] != "ERROR" {
		t.Errorf("with the client still there: log = %v", lines)
	}
}

func TestAnErrorAfterTheAnswerChangesNothing(t *testing.T) {
	t.Parallel()
	g := server.NewGate(server.GateOptions{})
	g.GET("/v1/x", func(c echo.Context) error {
		if err := c.String(http.StatusOK, "done"); err != nil {
			return err
		}
		return errors.New("too late")
	})
	if answer := through(g, http.MethodGet, "/v1/x", nil); answer.Code != http.StatusOK || answer.Body.String() != "done" {
		t.Errorf("%d %q", answer.Code, answer.Body)
	}
}

func BenchmarkRefusal(b *testing.B) {
	g := failing("/oauth2/token", errors.InvalidClient, server.GateOptions{})
	r := httptest.NewRequest(http.MethodPost, "/oauth2/token", nil)
	w := &discard{header: make(http.Header, 8)}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		g.ServeHTTP(w, r)
	}
}
