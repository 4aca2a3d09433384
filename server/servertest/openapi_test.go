package servertest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gatehouse/server/servertest"
)

const (
	someUser = "/v1/users/0198f3c2-7d1e-7a40-9c3b-5f2d8e6a1b04"
	sound    = `{"id":"0198f3c2-7d1e-7a40-9c3b-5f2d8e6a1b04","username":"ada","firstName":"Ada","lastName":"Lovelace","email":"ada@example.com","emailVerified":true,"groups":["admin-group"],"disabled":false,"metadata":{"n":1},"createdAt":"2026-03-02T09:15:00.123456Z","updatedAt":"2026-03-02T09:15:00Z"}`
	denied   = `{"code":"IDE-2001","title":"t","message":"m"}`
	nowhere  = `{"code":"IDE-2010","title":"t","message":"m"}`
)

// TestAnswersAreHeldToTheDescription: what is as described passes, and each way
// to stray from it is told.
func TestAnswersAreHeldToTheDescription(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, path string
		status             int
		headers, body      string
		want               string // part of what is told; "" for nothing
	}{
		{"as described", "GET", someUser, 200, `ETag: "1"`, sound, ""},
		{"a slash at the end", "GET", someUser + "/", 200, `ETag: "1"`, sound, ""},
		{"HEAD like GET", "HEAD", someUser, 200, `ETag: "1"`, "", ""},
		{"no content", "DELETE", someUser, 204, "", "", ""},
		{"a listed refusal", "GET", someUser, 403, "", denied, ""},
		{"a literal path before a template", "POST", "/v1/users/import", 403, "", denied, ""},
		{"nothing there", "GET", "/v1/nothing", 404, "", nowhere, ""},
		{"no such method", "PUT", "/v1/users", 405, "", `{"code":"IDE-2011","title":"t","message":"m"}`, ""},
		{"no ETag", "GET", someUser, 200, "", sound, "header ETag is missing"},
		{"an ETag without quotes", "GET", someUser, 200, "ETag: 1", sound, "header ETag"},
		{"no request id", "GET", someUser, 200, "ETag: \"1\"\nX-Request-Id: ", sound, "X-Request-Id"},
		{"another media type", "GET", someUser, 200, "ETag: \"1\"\nContent-Type: text/html", sound, "text/html"},
		{"a member too many", "GET", someUser, 200, `ETag: "1"`, strings.Replace(sound, `{`, `{"passwordHash":"x",`, 1), "passwordHash"},
		{"a body where none belongs", "DELETE", someUser, 204, "", sound, "none is described"},
		{"a member too few", "GET", someUser, 200, `ETag: "1"`, strings.Replace(sound, `"disabled":false,`, "", 1), "disabled"},
		{"a wrong type", "GET", someUser, 200, `ETag: "1"`, strings.Replace(sound, "false", `"no"`, 1), "/disabled"},
		{"a time with an offset", "GET", someUser, 200, `ETag: "1"`, strings.Replace(sound, ":00Z", ":00+01:00", 1), "/updatedAt"},
		{"another version of UUID", "GET", someUser, 200, `ETag: "1"`, strings.Replace(sound, "-7a40-", "-4a40-", 1), "/id"},
		{"a secret that is shown again", "GET", "/v1/applications", 200, "X-Total-Count: 1", `[{"clientSecret":"x"}]`, "clientSecret"},
		{"a status that is not described", "GET", someUser, 409, "", denied, "status"},
		{"a code that is not listed", "GET", someUser, 404, "", `{"code":"IDE-1001","title":"t","message":"m"}`, `"IDE-1001" is not among`},
		{"a code of the other family", "GET", someUser, 401, "", `{"code":"AUT-0007","title":"t","message":"m"}`, `"AUT-0007" is not among`},
		{"a refusal without a code", "GET", someUser, 404, "", `{}`, "is not among"},
		{"an unknown operation that answers", "GET", "/v1/nothing", 200, "", `{}`, "no such operation"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			response := &http.Response{StatusCode: tt.status, Header: http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"x"}}}
			if tt.status == http.StatusUnauthorized {
				response.Header.Set("WWW-Authenticate", "Bearer")
			}
			for line := range strings.Lines(tt.headers) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
				if name = strings.TrimSuffix(name, ":"); value == "" {
					response.Header.Del(name)
				} else {
					response.Header.Set(name, value)
				}
			}
			err := servertest.Keeps(httptest.NewRequest(tt.method, tt.path, nil), response, []byte(tt.body))
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("told %v, want %q in it", err, tt.want)
			}
		})
	}
}

func BenchmarkKeeps(b *testing.B) {
	response := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"x"}, "Etag": {`"1"`}}}
	r := httptest.NewRequest(http.MethodGet, someUser, nil)
	for b.Loop() {
		if err := servertest.Keeps(r, response, []byte(sound)); err != nil {
			b.Fatal(err)
		}
	}
}
