package server_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"gatehouse/server/servertest"
)

// identityFuzz is a world whose handler is asked directly.
type identityFuzz struct {
	*world
	token string
}

func newIdentityFuzz(f *testing.F) identityFuzz {
	f.Helper()
	s := servertest.Start(f, servertest.Options{})
	w := newWorld(f, s)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	w.admin(r)
	return identityFuzz{w, r.Header.Get("Authorization")}
}

func (f identityFuzz) ask(t *testing.T, method, path, contentType string, body []byte, header ...string) {
	t.Helper()
	r := httptest.NewRequest(method, "/", bytes.NewReader(body))
	u, err := url.ParseRequestURI(path)
	if err != nil {
		return // net/http would not have let it in
	}
	r.URL = u
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Authorization", f.token)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	fuzzed(t, f.Server, r)
}

func FuzzIdentityBodies(f *testing.F) {
	w := newIdentityFuzz(f)
	for _, seed := range []string{
		newUser("", ""), `{"groups":["admin-group"],"disabled":true,"metadata":{"a":1e300}}`, `{"permissions":{"*":["*"]},"name":"\u202e"}`,
		`{"id":"x","name":"X","permissions":{"":[]}}`, `{"name":"billing","description":"d","jwks":{"keys":[]},"accessTokenLifetime":-1}`,
		`{"keepOldFor":1e3}`, `{"oldPassword":"a","newPassword":"b"}`, `{"email":"a@b","email":"c@d"}`, `{"metadata":null}`, `[]`, "\xff", `{"a":"\ud800"}`,
		`{"redirectUris":["https://x/%"],"public":true}`, `{"accessTokenLifetime":99999999999999999999}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, at := range [][2]string{
			{http.MethodPost, "/v1/users"},
			{http.MethodPatch, "/v1/users/" + w.graceID},
			{http.MethodPatch, "/v1/users/" + w.graceID + "/reset-password"},
			{http.MethodPost, "/v1/groups"},
			{http.MethodPatch, "/v1/groups/clerks"},
			{http.MethodPost, "/v1/applications"},
			{http.MethodPatch, "/v1/applications/" + w.applicationID},
			{http.MethodPost, "/v1/applications/" + w.applicationID + "/rotate-secret"},
			{http.MethodPost, "/v1/products"},
			{http.MethodPatch, "/v1/products/billing"},
		} {
			w.ask(t, at[0], at[1], "application/json", body)
		}
		w.ask(t, http.MethodPost, "/v1/users/import?dryRun=true", "application/x-ndjson", body)
		w.ask(t, http.MethodPost, "/v1/users/import?dryRun=true", "text/csv", body)
	})
}

func FuzzIdentityQueries(f *testing.F) {
	w := newIdentityFuzz(f)
	for _, seed := range []string{
		"page=2&limit=3", "q=gr&sort=-email", "q=%25%5f%27%22%5c", "group=clerks&q=a", "username=GRACE&email=x", "page=-1", "limit=0x10", "q=%00", "q=%zz",
		"from=2026-03-02T09:15:00Z&to=9999-12-31T23:59:59.999999999Z", "before=0198f3c2-7d1e-7a40-9c3b-5f2d8e6a1b04", "action=user.%25", "q=\xff", "q=é&q=e", "&&;", "dryRun=1",
		"q=%ef%bf%bf", "q=%f4%8f%bf%bf", "sort=createdAt&page=2147483647&limit=100",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"/v1/users", "/v1/groups", "/v1/applications", "/v1/products", "/v1/audit-events", "/v1/users/" + w.graceID} {
			w.ask(t, http.MethodGet, path+"?"+query, "", nil)
		}
		w.ask(t, http.MethodPost, "/v1/users/import?"+query, "text/csv", []byte("username\n"))
	})
}

func FuzzIdentityPaths(f *testing.F) {
	w := newIdentityFuzz(f)
	for _, seed := range []string{w.graceID, "clerks", "%2F", "%00", "%ff", "..", "a/b", "a/members/b", "", "{" + w.graceID + "}", "urn:uuid:" + w.graceID} {
		f.Add(seed, `"1"`)
	}
	for _, tag := range []string{`*`, `W/"1"`, `"1","2"`, `"`, `1`, `"a,b" , "c"`, ``, `, ,"1"`, "\"\xff\"", `"9223372036854775808"`, `W/`} {
		f.Add(w.graceID, tag)
	}
	f.Fuzz(func(t *testing.T, id, tag string) {
		for _, path := range []string{"/v1/users/", "/v1/groups/", "/v1/applications/", "/v1/products/", "/v1/refusals/"} {
			w.ask(t, http.MethodGet, path+id, "", nil)
			w.ask(t, http.MethodPatch, path+id, "application/json", []byte(`{}`), "If-Match", tag)
		}
		w.ask(t, http.MethodPut, "/v1/groups/"+id+"/members/"+id, "", nil)
		w.ask(t, http.MethodDelete, "/v1/users/"+w.graceID+"/sessions/"+id, "", nil)
	})
}
