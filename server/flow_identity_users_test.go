package server_test

import (
	"net/http"
	"strings"
	"testing"

	"gatehouse/server/servertest"
)

// TestUsersOverTheirLife creates, reads, changes and deletes a user.
func TestUsersOverTheirLife(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		admin := s.Admin(t)
		a := s.JSON(t, http.MethodPost, "/v1/users", `{"username":"Grace","email":"grace@example.com","firstName":"Grace","lastName":"Hopper",
			"password":"Nanosecond-29.97cm","groups":["admin-group"],"metadata":{"n":1}}`, admin)
		want(t, a, http.StatusCreated, "")
		path := "/v1/users/" + a.Text("id")
		if a.Header.Get("Location") != path || a.Header.Get("ETag") != `"1"` || a.JSON["password"] != nil {
			t.Errorf("created: %v %s", a.Header, a.Body)
		}
		if got := s.Get(t, path, admin); got.Status != http.StatusOK || string(got.Body) != string(a.Body) {
			t.Errorf("read: %d %s, want %s", got.Status, got.Body, a.Body)
		}
		a = s.JSON(t, http.MethodPatch, path, `{"lastName":"Murray Hopper"}`, admin, servertest.Header("If-Match", `W/"1", "1"`))
		want(t, a, http.StatusOK, "")
		if a.Text("lastName") != "Murray Hopper" || a.Header.Get("ETag") != `"2"` {
			t.Errorf("changed: %v %s", a.Header, a.Body)
		}
		want(t, s.JSON(t, http.MethodPatch, path, `{"lastName":"H"}`, admin, servertest.Header("If-Match", `"1"`)), http.StatusPreconditionFailed, "IDE-2003")
		a = s.Get(t, "/v1/users?q=gra&limit=1", admin)
		want(t, a, http.StatusOK, "")
		if a.JSON["total"] != 1.0 || a.Header.Get("X-Total-Count") != "1" {
			t.Errorf("found: %v %s", a.Header, a.Body)
		}
		want(t, s.JSON(t, http.MethodDelete, path, nil, admin, servertest.Header("If-Match", "*")), http.StatusNoContent, "")
		want(t, s.Get(t, path, admin), http.StatusNotFound, "IDE-1003")
		want(t, s.Get(t, "/v1/users?username=grace", admin), http.StatusNotFound, "IDE-1004")
	})
}

// TestIfMatch: a change is made if one of the tags is the version, or any will do.
func TestIfMatch(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Options{})
	w := newWorld(t, s)
	path := "/v1/users/" + w.graceID
	for value, status := range map[string]int{
		`$`: 200, `*`: 200, ` * `: 200, `"x", $`: 200, `$,"7"`: 200, ` , $ ,, `: 200, `"a,b" , $`: 200, `"", $`: 200, ``: 400,
		`W/$`: 412, `"x"`: 412, `"0","99"`: 412, `W/"x", "y"`: 412, `""`: 412, `"01"`: 412, `"+1"`: 412, `"99999999999999999999"`: 412,
		`1`: 400, `"1`: 400, `"1" "2"`: 400, `*, $`: 400, `w/$`: 400, `,`: 400, `"a b"`: 400,
	} {
		tag := s.Get(t, path, w.admin).Header.Get("ETag")
		a := s.JSON(t, http.MethodPatch, path, `{"metadata":{}}`, w.admin, servertest.Header("If-Match", strings.ReplaceAll(value, "$", tag)))
		if a.Status != status {
			t.Errorf("If-Match: %s: %d, want %d: %s", value, a.Status, status, a.Body)
		}
		if changed := a.Header.Get("ETag"); (changed != "" && changed != tag) != (status == http.StatusOK) {
			t.Errorf("If-Match: %s: the version is %s, was %s", value, changed, tag)
		}
	}
}
