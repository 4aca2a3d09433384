package server_test

import (
	"net/http"
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
